"""How viewers are let go when the server ends, and come back."""

import asyncio
import contextlib
import json
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.processes.conftest import Serve
from tests.processes.serving import PATIENCE, Serving, worker_of
from web.draining import waits

BEATS = "metronome:hz=50"
CLIENTS = 200
ROOM = {"limits__connections_per_ip": 0}


class Viewer:
    """Notes the offsets of one topic, and how it is let go."""

    def __init__(self, socket: ClientConnection, topic: str) -> None:
        self.socket = socket
        self.topic = topic
        self.offsets: list[int] = []
        self.epoch = ""
        self.retry_after = 0.0
        self.answer: dict[str, Any] = {}

    async def subscribe(self, **options: object) -> None:
        asked = {"type": "subscribe", "events": [self.topic], "id": "s", **options}
        await self.socket.send(json.dumps(asked))

    async def listen(self, last: int | None = None) -> None:
        """Until the connection is closed, or this offset has come."""
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionClosed):
                while last is None or not self.offsets or self.offsets[-1] < last:
                    self._note(json.loads(await self.socket.recv()))

    def _note(self, message: dict[str, Any]) -> None:
        if message["type"] == "event":
            self.offsets += [event["offset"] for event in message["events"]]
            self.epoch = message["events"][-1]["epoch"]
        elif message.get("topic") == "server.draining":
            self.retry_after = message["data"]["retry_after"]
        elif message.get("id") == "s":
            self.answer = message


@contextlib.asynccontextmanager
async def viewers(serving: Serving, topic: str, number: int) -> AsyncIterator[list[Viewer]]:
    url = f"ws://127.0.0.1:{serving.port}/ws/demo"
    async with contextlib.AsyncExitStack() as stack:
        people = [
            Viewer(await stack.enter_async_context(connect(url, compression=None)), topic)
            for _ in range(number)
        ]
        yield people
        for viewer in people:
            # Who has stopped listening would not hear the server's goodbye either.
            viewer.socket.transport.abort()


def is_contiguous(offsets: list[int]) -> bool:
    return offsets == list(range(offsets[0], offsets[0] + len(offsets)))


def test_clients_are_spread_evenly_over_a_window_that_grows_with_their_number() -> None:
    few, many = waits(10, random.Random(1)), waits(10_000, random.Random(1))

    assert len(set(many)) == 10_000
    assert all(1 <= seconds <= 2 for seconds in few)
    assert (min(many), max(many)) >= (1, 20)
    assert max(many) <= 21
    assert all(
        sum(1 for seconds in many if second <= seconds < second + 1) == 500
        for second in range(1, 21)
    )
    assert waits(0, random.Random(1)) == []


async def test_clients_are_let_go_one_by_one_and_come_back_without_a_gap(
    serve: Serve, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    first = await serve(data, BEATS, **ROOM)
    async with first.client() as client:
        run = await client.run()
    topic = f"run.{run}.tick"
    async with viewers(first, topic, CLIENTS) as people:
        await asyncio.gather(*(viewer.subscribe() for viewer in people))
        await asyncio.gather(*(viewer.listen(last=5) for viewer in people))

        ended = asyncio.create_task(first.end())
        await asyncio.gather(*(viewer.listen() for viewer in people))

        assert await ended == 0
        assert {viewer.socket.close_code for viewer in people} == {1001}
        told = [viewer.retry_after for viewer in people]
        assert len(set(told)) == CLIENTS
        assert all(1 <= seconds <= 2 for seconds in told)
        assert all(is_contiguous(viewer.offsets) for viewer in people)
        before = [(viewer.epoch, viewer.offsets) for viewer in people]

    second = await serve(data, port=first.port, **ROOM)
    async with second.client() as client:
        await client.tick(run, max(offsets[-1] for _, offsets in before) + 5)
    async with viewers(second, topic, CLIENTS) as people:
        for viewer, (epoch, offsets) in zip(people, before, strict=True):
            await viewer.subscribe(since={topic: {"epoch": epoch, "offset": offsets[-1]}})
        await asyncio.gather(
            *(v.listen(last=o[-1] + 5) for v, (_, o) in zip(people, before, strict=True))
        )

        for viewer, (_, offsets) in zip(people, before, strict=True):
            [place] = viewer.answer["result"]["subscriptions"][0]["topics"]
            assert place["recovered"] is True
            assert is_contiguous(offsets + viewer.offsets)


async def test_nobody_comes_in_any_more_while_the_server_ends(serve: Serve, tmp_path: Path) -> None:
    serving = await serve(tmp_path / "data", BEATS, workers__stop_timeout=60)
    async with serving.client() as client:
        worker = worker_of(await client.run())
        worker.send_signal(signal.SIGSTOP)
        serving.process.send_signal(signal.SIGTERM)
        await client.message("broadcast", "server.draining")

        with contextlib.suppress(OSError):
            async with connect(f"ws://127.0.0.1:{serving.port}/ws/demo"):
                raise AssertionError("somebody came in")

        worker.send_signal(signal.SIGCONT)
        assert await serving.end(signal.SIGINT) == 137


async def test_a_viewer_that_reads_nothing_does_not_hold_the_end_up(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", BEATS, server__shutdown_deadline=8)
    async with serving.client() as client:
        run = await client.run()
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    writer.write(
        b"GET /ws/demo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")

    assert await serving.end() == 0

    assert run
    writer.transport.abort()
