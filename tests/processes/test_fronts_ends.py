"""How the processes that serve one port end, and what they count together."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.processes.conftest import Serve
from tests.processes.fronted import (
    TWO,
    both,
    client_at,
    fronts_of,
    listening_front,
    refusal,
    ticks,
)
from tests.processes.serving import PATIENCE, gone, worker_of, workers_of

BEATS = "metronome:hz=50"


async def test_a_front_that_is_killed_costs_only_its_own_viewers_their_connections(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", BEATS, **TWO, limits__connections=2)
    [front] = fronts_of(serving)
    async with both(serving) as (first, second):
        await first.subscribe("run.*.tick")
        run = await first.run()
        seen = (await first.tick(run, 5))["tick"]

        front.kill()

        async with asyncio.timeout(PATIENCE):
            await second.socket.wait_closed()
        successor = await listening_front(serving, but=front.pid)
        last = (await first.query("run.get", run=run))["tick"]
        events = await ticks(first, run, seen + 1, last)
        assert [event["tick"] for event in events] == list(range(seen + 1, events[-1]["tick"] + 1))
        # The place of the viewer that was lost is free again.
        async with client_at(serving, successor.pid) as third:
            await third.subscribe("run.*.tick")
            await third.tick(run, last)
            await first.subscribe("system.metrics")
            await first.event(
                lambda e: (
                    e["topic"] == "system.metrics" and e["data"]["fronts"]["1"]["restarts"] == 1
                )
            )


async def test_a_front_that_hangs_is_replaced(serve: Serve, tmp_path: Path) -> None:
    serving = await serve(tmp_path / "data", BEATS, **TWO, workers__hang_timeout=2)
    [front] = fronts_of(serving)

    front.suspend()

    await gone(front)
    assert (await listening_front(serving, but=front.pid)).is_running()


async def test_the_end_is_told_at_all_processes_and_leaves_none_behind(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", BEATS, **TWO)
    [front] = fronts_of(serving)
    async with both(serving) as (first, second):
        run = await first.run()
        told: list[Any] = []

        ending = asyncio.create_task(serving.end())
        for client in (first, second):
            draining = await client.message("broadcast", "server.draining")
            told.append(draining["data"]["retry_after"])
            async with asyncio.timeout(PATIENCE):
                await client.socket.wait_closed()
            assert client.socket.close_code == 1001

        assert await ending == 0
        assert all(seconds >= 1.0 for seconds in told)
        assert workers_of(run) == []
        assert not front.is_running()


async def test_fronts_end_with_a_server_that_is_killed_and_its_workers_find_the_next_one(
    serve: Serve, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    first = await serve(data, BEATS, **TWO)
    [front] = fronts_of(first)
    async with client_at(first, front.pid) as client:
        await client.subscribe("run.*.tick")
        run = await client.run()
        seen = await client.tick(run, 10)
        worker = worker_of(run).pid
        await first.end(signal.SIGKILL)
        async with asyncio.timeout(PATIENCE):
            await client.socket.wait_closed()
    await gone(front)

    second = await serve(data, BEATS, **TWO, port=first.port)

    [front] = fronts_of(second)
    async with client_at(second, front.pid) as client:
        await client.subscribe("run.*.tick")
        again = await client.tick(run, seen["tick"] + 20)
        assert again["epoch"] == seen["epoch"]
        assert worker_of(run).pid == worker


async def test_connections_are_counted_over_all_processes(serve: Serve, tmp_path: Path) -> None:
    serving = await serve(
        tmp_path / "data", BEATS, server__processes=2, limits__connections_per_ip=12
    )
    url = f"ws://127.0.0.1:{serving.port}/api/v1/ws/demo"

    sockets = [await connect(url) for _ in range(30)]
    codes = [await fate(socket) for socket in sockets]

    assert sorted(codes, key=str) == [1013] * 18 + ["in"] * 12
    assert codes[:12] == ["in"] * 12
    for socket in sockets:
        await socket.close()


async def fate(socket: ClientConnection) -> object:
    """The code that the connection was closed with, or `in`."""
    try:
        await socket.send(json.dumps({"type": "ping", "id": "p"}))
        while json.loads(await socket.recv()).get("id") != "p":
            pass
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
    return "in"


async def test_messages_are_counted_over_all_processes(serve: Serve, tmp_path: Path) -> None:
    serving = await serve(
        tmp_path / "data", BEATS, **TWO,
        limits__messages_per_ip=500, limits__window=36000,
    )  # fmt: skip
    async with both(serving) as (first, second):
        admitted = 0
        while (told := await refusal(first, "server.info")) == "it was answered":
            admitted += 1

        assert told.startswith("RATE_LIMIT_EXCEEDED")
        assert 0 < admitted < 500
        assert (await refusal(second, "server.info")).startswith("RATE_LIMIT_EXCEEDED")
