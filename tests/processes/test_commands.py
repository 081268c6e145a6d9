"""Steering runs through a real server and real workers."""

import contextlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tornado.httpclient import AsyncHTTPClient
from websockets.asyncio.client import connect

from tests.processes.conftest import Serve
from tests.processes.serving import Client, RefusedError, worker_of, workers_of
from web.auth import Authenticator
from web.config import load
from web.requests import StartRun
from web.secret import keys_of
from web.server import Server

BEATS = "metronome:hz=50"


async def refused(client: Client, name: str, **params: object) -> str:
    with pytest.raises(RefusedError) as error:
        await client.command(name, **params)
    return str(error.value)


async def test_a_run_is_started_steered_and_stopped(serve: Serve, tmp_path: Path) -> None:
    serving = await serve(tmp_path / "data", BEATS, workers__runs=2)
    async with serving.client() as client:
        await client.run()

        started = await client.command("run.start", scenario="metronome", params={"hz": 20})
        run = started["run"]
        told = await client.query("run.get", run=run)
        assert told["params"]["hz"] == 20
        assert (await client.message("broadcast", "run.started"))["data"]["run"] == run

        paused = await client.command("run.pause", run=run)
        assert (await client.command("run.checkpoint", run=run))["tick"] == paused["tick"]
        assert paused["state"] == "paused"
        stepped = await client.command("run.step", run=run, ticks=3)
        assert stepped["tick"] == paused["tick"] + 3
        assert (await client.command("run.speed", run=run, hz=100))["hz"] == 100
        assert (await client.command("run.resume", run=run))["state"] == "running"
        assert "CONFLICT" in await refused(client, "run.step", run=run, ticks=1)
        assert "2 runs are the most" in await refused(client, "run.start", scenario="metronome")

        assert (await client.command("run.stop", run=run))["state"] == "finished"
        ended = await client.message("broadcast", "run.ended")
        assert (ended["data"]["run"], ended["data"]["state"]) == (run, "finished")
        assert "has ended" in await refused(client, "run.pause", run=run)
        again = await client.command("run.start", scenario="metronome")
        assert again["run"] != run
    assert await serving.end() == 0


async def test_what_cannot_be_started_is_refused_and_leaves_nothing_behind(
    serve: Serve, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    serving = await serve(data, BEATS, workers__runs=1)
    async with serving.client() as client:
        run = await client.run()

        assert "NOT_FOUND" in await refused(client, "run.start", scenario="nix")
        wrong = await refused(client, "run.start", scenario="metronome", params={"hz": -1})
        assert "$.params.params.hz" in wrong
        assert "CONFLICT" in await refused(client, "run.start", scenario="metronome")
        assert "NOT_FOUND" in await refused(client, "run.pause", run="nix")
        assert [path.name for path in data.iterdir() if path.is_dir()] == [run]
    assert await serving.end() == 0


async def test_no_detail_is_sent_that_nobody_watches(serve: Serve, tmp_path: Path) -> None:
    serving = await serve(tmp_path / "data", "metronome:hz=50,agents=3")
    async with serving.client() as client:
        run = await client.run()
        topic = f"run.{run}.agents"
        assert (await client.query("history", topic=f"run.{run}.agent.1"))["events"] == []

        await client.subscribe(topic, f"run.{run}.agent.1")

        columns = await client.event(lambda e: e["topic"] == topic)
        one = await client.event(lambda e: e["topic"] == f"run.{run}.agent.1")
        assert len(columns["data"]["beats"]) == 3
        assert one["offset"] == one["tick"]
        # A worker tells of its actors once a second.
        await client.subscribe("system.metrics")
        while f"/server/runs/{run}/worker/agents/agent-1" not in paths(
            await client.query("actors.tree")
        ):
            await client.event(lambda e: e["topic"] == "system.metrics")
    assert await serving.end() == 0


def paths(node: dict[str, Any]) -> set[str]:
    return {node["path"]}.union(*(paths(child) for child in node["children"]))


async def test_a_wished_for_run_is_not_begun_twice(serve: Serve, tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = await serve(data, BEATS)
    async with first.client() as client:
        run = await client.run()
    assert await first.end() == 0

    second = await serve(data, BEATS)

    async with second.client() as client:
        assert await client.run() == run
        assert len((await client.query("runs.list"))["runs"]) == 1
    assert await second.end() == 0


async def test_workers_find_a_server_in_prod_with_a_public_key_and_another_endpoint(
    serve: Serve, tmp_path: Path
) -> None:
    public = Ed25519PrivateKey.generate().public_key()
    key = tmp_path / "key.pem"
    key.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    serving = await serve(
        tmp_path / "data",
        BEATS,
        mode="prod",
        auth__algorithms="EdDSA",
        auth__public_key=key,
        server__endpoint="/socket",
        server__host="0.0.0.0",
    )

    http = AsyncHTTPClient(force_instance=True)
    text = ""
    while "stagewatch_runs_running 1.0" not in text:
        found = await http.fetch(f"http://127.0.0.1:{serving.port}/metrics")
        text = found.body.decode()
    http.close()
    assert await serving.end() == 0


async def test_nobody_else_speaks_for_a_worker(tmp_path: Path) -> None:
    server = Server(load(None, {}, {"data_dir": tmp_path, "server.port": 0}))
    await server.start()
    try:
        run = (await server.services.runs.start(StartRun("metronome", {"hz": 5.0}))).run
        issue = Authenticator(keys_of(server.settings)).issue
        stranger = issue("worker:another", ["publish"])
        double = server.launcher.token(run)
        attach = {
            "run": run, "scenario": "metronome", "params": {}, "seed": 1, "epoch": "e",
            "agents": 1, "started_at": "", "pid": os.getpid(), "state": "running", "tick": 1,
        }  # fmt: skip
        report = {"run": run, "metrics": {}, "actors": {}, "alive": 0, "tick": 1, "state": "x"}

        async with speaking(server, stranger) as client:
            codes = [
                (await refused(client, name, **params)).partition(":")[0]
                for name, params in (("worker.attach", attach), ("worker.report", report))
            ]
            params = {"run": run, "events": []}
            message = {"type": "command", "command": "publish", "params": params}
            await client.socket.send(json.dumps(message))
            codes.append(json.loads(await client.socket.recv())["code"])
        async with speaking(server, double) as client:
            taken = await refused(client, "worker.attach", **attach)

        assert codes == ["PERMISSION_DENIED"] * 3
        assert "has a worker already" in taken
        assert server.tree.runs.live[run].pid == worker_of(run).pid
    finally:
        assert await server.stop()


@contextlib.asynccontextmanager
async def speaking(server: Server, token: str) -> AsyncIterator[Client]:
    url = f"ws://127.0.0.1:{server.port}/api/v1/ws"
    async with connect(url, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
        yield Client(socket)


async def test_a_worker_is_given_new_tokens_and_connects_with_the_newest(tmp_path: Path) -> None:
    server = Server(load(None, {}, {"data_dir": tmp_path, "server.port": 0}))
    await server.start()
    try:
        run = (await server.services.runs.start(StartRun("metronome", {"hz": 5.0}))).run
        entry = server.tree.runs.live[run]
        [member] = server.tree.pool
        first = member.identity.expires_at
        assert entry.line is not None
        assert first is not None
        longer = server.launcher.token(run, lifetime=first)

        entry.line.tell("token", token=longer)

        while (now := member.identity.expires_at) == first:
            await entry.line.ask("command", "run.speed", {"run": run, "hz": 5.0}, "test")
        assert now is not None
        assert now > first
        assert worker_of(run).pid == entry.pid
    finally:
        assert await server.stop()
    assert workers_of(run) == []
