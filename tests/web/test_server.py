"""A server in this process: its answers over HTTP, its actors, its start and end."""

import asyncio
import contextlib
import gzip
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from websockets.asyncio.client import connect

from actors.event import Event
from actors.publishing import Publish
from sim.recording import EventRow, Manifest, Recording, TickRow
from web.auth import Authenticator
from web.config import load
from web.run_folder import Mark, hold, note
from web.secret import keys_of
from web.server import Server
from web.server_errors import DataFolderTakenError, PortTakenError


@contextlib.asynccontextmanager
async def serving(data_dir: Path, **flags: object) -> AsyncIterator[Server]:
    given = {key.replace("__", "."): value for key, value in flags.items()}
    server = Server(load(None, {}, {"data_dir": data_dir, "server.port": 0, **given}))
    await server.start()
    await server.begun()
    try:
        yield server
    finally:
        assert await server.stop()


async def get(server: Server, path: str, **headers: str) -> HTTPResponse:
    client = AsyncHTTPClient(force_instance=True)
    url = f"http://127.0.0.1:{server.port}{path}"
    try:
        return await client.fetch(
            url, headers=headers, raise_error=False, decompress_response=False
        )
    finally:
        client.close()


def a_record(data_dir: Path, run: str = "metronome-abc") -> None:
    """A run of the past: 30 ticks, finished."""
    manifest = Manifest(run, "metronome", {"agents": 2}, 7, "e1", "2026-01-01T00:00:00.000+00:00")
    rows = [TickRow(n, float(n), f"h{n}", {"beats": float(n)}) for n in range(1, 31)]
    state = EventRow(f"run.{run}.state", "e1", 0, 0, None, b"\x81\xa5state\xa8finished")
    with Recording.create(data_dir / run, manifest) as record:
        record.append(rows, [state])
    note(data_dir / run, Mark("finished", 30))


@contextlib.asynccontextmanager
async def talking(server: Server, endpoint: str = "/demo", **headers: str) -> AsyncIterator[Any]:
    """`ask(message)` gives the answer; `ask.socket` is the socket."""
    url = f"ws://127.0.0.1:{server.port}/api/v1/ws{endpoint}"
    async with connect(url, additional_headers=headers) as socket:
        await socket.recv()

        async def ask(message: dict[str, Any]) -> dict[str, Any]:
            await socket.send(json.dumps({**message, "id": "1"}))
            while True:
                answer: dict[str, Any] = json.loads(await socket.recv())
                if answer.get("id") == "1":
                    return answer

        ask.socket = socket  # type: ignore[attr-defined]
        yield ask


async def test_signs_of_life_and_figures_need_no_token(tmp_path: Path) -> None:
    async with serving(tmp_path, mode="dev") as server:
        live, ready = await get(server, "/livez"), await get(server, "/readyz")
        metrics = await get(server, "/metrics")

    assert (live.code, ready.code, metrics.code) == (200, 200, 200)
    assert b"stagewatch_connections 0.0" in metrics.body
    assert b"process_resident_memory_bytes" in metrics.body


async def test_the_page_is_served_with_strict_headers(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        page = await get(server, "/")

    assert page.code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Cache-Control"] == "no-cache"
    assert "Server" not in page.headers
    assert b"{{" not in page.body


async def test_a_file_of_the_page_lasts_for_ever_under_its_version_and_is_compressed(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path) as server:
        page = (await get(server, "/")).body.decode()
        path = page.split('rel="stylesheet" href="')[2].split('"')[0]
        packed = await get(server, path, **{"Accept-Encoding": "gzip"})
        plain = await get(server, path)
        again = await get(server, path, **{"If-None-Match": plain.headers["ETag"]})
        stale = await get(server, path.replace(path.split("/")[2], "0"))

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert "immutable" in plain.headers["Cache-Control"]
    assert plain.headers["Content-Type"] == "text/css; charset=utf-8"
    assert (again.code, again.body) == (304, b"")
    assert stale.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/static/0/../config.py", "/static/0/%2e%2e/config.py", "/static/0/nix.js", "/nix"]
)
async def test_what_is_not_there_is_told_as_an_error_of_the_table(
    tmp_path: Path, path: str
) -> None:
    async with serving(tmp_path) as server:
        found = await get(server, path)

    assert found.code == 404
    assert json.loads(found.body)["code"] in ("NOT_FOUND", "HTTP_404")


async def test_runs_of_the_past_are_listed_described_and_exported(tmp_path: Path) -> None:
    a_record(tmp_path)
    async with serving(tmp_path) as server, talking(server) as ask:
        listed = json.loads((await get(server, "/api/v1/runs")).body)["runs"]
        told = json.loads((await get(server, "/api/v1/runs/metronome-abc")).body)
        table = await get(server, "/api/v1/runs/metronome-abc/export?format=csv")
        history = await ask(
            {
                "type": "query",
                "query": "history",
                "params": {"topic": "run.metronome-abc.tick", "from": 5, "to": 8},
            }
        )
        command = await ask(
            {"type": "command", "command": "run.pause", "params": {"run": "metronome-abc"}}
        )

    assert [(run["run"], run["state"], run["tick"]) for run in listed] == [
        ("metronome-abc", "finished", 30)
    ]
    assert told["title"] == "Metronome"
    assert table.body.decode().splitlines()[:2] == ["tick,time,hash,beats", "1,1.0,h1,1.0"]
    assert "attachment" in table.headers["Content-Disposition"]
    assert [event["offset"] for event in history["result"]["events"]] == [5, 6, 7, 8]
    assert command["code"] == "CONFLICT"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/runs/nix", 404, "NOT_FOUND"),
        ("/api/v1/runs/nix/export", 404, "NOT_FOUND"),
        ("/api/v1/runs/metronome-abc/export?format=xml", 400, "VALIDATION_ERROR"),
        ("/api/v1/runs/metronome-abc/export?table=nix", 400, "VALIDATION_ERROR"),
    ],
)
async def test_an_export_that_cannot_be_made_says_why(
    tmp_path: Path, path: str, status: int, code: str
) -> None:
    a_record(tmp_path)
    async with serving(tmp_path) as server:
        found = await get(server, path)

    assert (found.code, json.loads(found.body)["code"]) == (status, code)


async def test_outside_of_demo_mode_runs_are_for_tokens_that_cover_them(tmp_path: Path) -> None:
    a_record(tmp_path)
    async with serving(tmp_path, mode="dev") as server:
        authenticator = Authenticator(keys_of(server.settings))
        none = await get(server, "/api/v1/runs")
        found = {}
        for name, scopes, topics in (
            ("good", ["observe"], [">"]),
            ("narrow", ["observe"], ["run.other.>"]),
            ("mute", ["control"], [">"]),
        ):
            token = authenticator.issue("ada", scopes, topics)
            reply = await get(server, "/api/v1/runs/metronome-abc", Authorization=f"Bearer {token}")
            found[name] = reply.code

    assert (none.code, json.loads(none.body)["code"]) == (401, "AUTHENTICATION_FAILED")
    assert found == {"good": 200, "narrow": 403, "mute": 403}


async def test_a_broadcaster_that_crashes_comes_back_and_connections_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path) as server, talking(server) as ask:
        await ask({"type": "subscribe", "events": ["lab.>"]})
        server.tree.broadcaster.tell(Publish((Event("lab.x", 1),)))

        server.tree.broadcaster.tell(Publish(None))  # type: ignore[arg-type]
        server.tree.broadcaster.tell(Publish((Event("lab.x", 2),)))

        seen = [json.loads(await ask.socket.recv())["events"][0] for _ in range(2)]
        tree = (await ask({"type": "query", "query": "actors.tree"}))["result"]

    assert [(event["offset"], event["data"]) for event in seen] == [(0, 1), (1, 2)]
    [node] = [node for node in tree["children"] if node["path"] == "/server/broadcaster"]
    assert node["restarts"] == 1
    assert "TypeError" in node["last_error"]


async def test_the_figures_name_what_the_page_shows(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, talking(server) as ask:
        await ask({"type": "subscribe", "events": ["system.>"]})
        metrics: dict[str, Any] = {}
        while not metrics or not metrics["connections"]["open"]:
            for event in json.loads(await ask.socket.recv())["events"]:
                if event["topic"] == "system.metrics":
                    metrics = event["data"]
        info = (await ask({"type": "query", "query": "server.info"}))["result"]

    assert metrics.keys() >= {
        "cpu", "memory", "descriptors", "threads", "loop", "connections", "messages", "queues",
        "drops", "closes", "actors", "runs", "workers",
    }  # fmt: skip
    assert info["viewers"] == 1
    assert info["pid"] == os.getpid()
    assert info["mode"] == "demo"


async def test_connections_are_listed_for_admins(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        token = Authenticator(keys_of(server.settings)).issue("ada", ["admin"])
        async with talking(server, "", Authorization=f"Bearer {token}") as ask:
            answer = await ask({"type": "query", "query": "connections.list"})

    [connection] = answer["result"]["connections"]
    assert connection["user"] == "ada"
    assert connection["address"] == "127.0.0.1"


async def test_a_second_server_in_the_same_data_folder_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path):
        with pytest.raises(DataFolderTakenError, match="another server works already"):
            async with serving(tmp_path):
                pass
    async with serving(tmp_path):
        pass


async def test_a_port_that_is_taken_leaves_the_data_folder_free(tmp_path: Path) -> None:
    async with serving(tmp_path / "one") as one:
        with pytest.raises(PortTakenError, match=f"`server.port` is {one.port}"):
            async with serving(tmp_path / "two", server__port=one.port):
                pass
    lock = hold(tmp_path / "two", "server.lock")
    assert lock is not None
    os.close(lock)


async def test_ending_takes_no_longer_than_there_is_to_end(tmp_path: Path) -> None:
    async with asyncio.timeout(5), serving(tmp_path) as server, talking(server) as ask:
        ending = asyncio.create_task(server.stop())
        message = json.loads(await ask.socket.recv())
        await ask.socket.wait_closed()
        assert await ending

    assert message["topic"] == "server.draining"
    assert ask.socket.close_code == 1001
