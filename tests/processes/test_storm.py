"""Everybody is cut off at once while events flow, and comes back: nothing is lost or told twice."""

import asyncio
import base64
import contextlib
import json
import os
import resource
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import connect

from tests.processes.conftest import Serve
from tests.processes.serving import PATIENCE
from tests.web.raw import frame

CLIENTS = 2000
OF_ANOTHER_MAKE = 50  # of them are clients of `websockets`
STORMS = 3
BEATS = "metronome:hz=10"
WITHIN = 3 * PATIENCE  # seconds for one storm
AT_ONCE = 250  # handshakes that are under way
ADDRESSES = [f"127.0.0.{number}" for number in range(1, 9)]
UNLIMITED = {
    f"limits__{name}": 0
    for name in (
        "connections", "connections_per_user", "connections_per_ip", "messages_per_user",
        "messages_per_ip",
    )
}  # fmt: skip


class _Event(msgspec.Struct):
    """What of an event counts here."""

    epoch: str
    offset: int


class _Message(msgspec.Struct):
    """What of a message counts here."""

    type: str
    events: list[_Event] = []
    result: Any = None


class Fan:
    """Watches one topic through many connections, one after the other."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.epoch = ""
        self.offsets: list[int] = []
        self.recoveries: list[bool | None] = []
        self.reached = asyncio.Event()
        self._goal: int | None = None

    def question(self) -> bytes:
        """A subscription that goes on where the last one ended."""
        asked: dict[str, Any] = {"type": "subscribe", "events": [self.topic], "id": "s"}
        if self.offsets:
            place = {"epoch": self.epoch, "offset": self.offsets[-1]}
            asked["since"] = {self.topic: place}
        return json.dumps(asked).encode()

    def aim(self, goal: int) -> None:
        """`reached` is set when this offset or a later one has come."""
        self._goal = goal
        self.reached.clear()
        self._look()

    def hear(self, payload: bytes) -> None:
        message = msgspec.json.decode(payload, type=_Message)
        if message.type == "event":
            for event in message.events:
                self.epoch = event.epoch
                self.offsets.append(event.offset)
            self._look()
        elif message.type == "response":
            [place] = message.result["subscriptions"][0]["topics"]
            self.recoveries.append(place["recovered"])

    def _look(self) -> None:
        if self._goal is not None and self.offsets and self.offsets[-1] >= self._goal:
            self.reached.set()


class Reader(asyncio.Protocol):
    """A WebSocket client that only listens, so that two thousand fit into one process."""

    def __init__(self, fan: Fan, port: int) -> None:
        self._fan = fan
        self._port = port
        self._data = bytearray()
        self._is_open = False
        self.opened = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /ws/demo HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
            .encode()
        )  # fmt: skip

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._is_open:
            head, end, rest = self._data.partition(b"\r\n\r\n")
            if not end:
                return
            assert b" 101 " in head, bytes(head)
            self._is_open, self._data = True, rest
            self._transport.write(frame(0x1, self._fan.question()))
            self.opened.set_result(None)
        self._take_frames()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionResetError("closed in the handshake"))

    def cut(self) -> None:
        """Without a word."""
        self._transport.abort()

    def _take_frames(self) -> None:
        data, at = self._data, 0
        while len(data) - at >= 2:
            size, begin = data[at + 1], at + 2
            if size == 126:
                size, begin = int.from_bytes(data[at + 2 : at + 4]), at + 4
            elif size == 127:
                size, begin = int.from_bytes(data[at + 2 : at + 10]), at + 10
            if len(data) < begin + size:
                break
            if data[at] == 0x81:
                self._fan.hear(bytes(data[begin : begin + size]))
            at = begin + size
        del data[:at]


@contextlib.asynccontextmanager
async def crowd(fans: list[Fan], port: int) -> AsyncIterator[None]:
    """All of them connected; cut off at the end, all at once."""
    loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)
    readers: list[Reader] = []

    async def come(number: int, fan: Fan) -> None:
        address = ADDRESSES[number % len(ADDRESSES)]
        async with gate:
            _, reader = await loop.create_connection(
                lambda: Reader(fan, port), "127.0.0.1", port, local_addr=(address, 0)
            )
            readers.append(reader)
            await reader.opened

    async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as listening:
        tasks = []
        for fan in fans[:OF_ANOTHER_MAKE]:
            socket = await stack.enter_async_context(
                connect(f"ws://127.0.0.1:{port}/ws/demo", compression=None, close_timeout=0)
            )
            await socket.send(fan.question().decode())

            async def listen(socket: Any = socket, fan: Fan = fan) -> None:
                async for message in socket:
                    fan.hear(message.encode())

            tasks.append((listening.create_task(listen()), socket))
        others = enumerate(fans[OF_ANOTHER_MAKE:])
        await asyncio.gather(*(come(number, fan) for number, fan in others))
        yield
        for reader in readers:
            reader.cut()
        for task, socket in tasks:
            task.cancel()
            socket.transport.abort()


@pytest.fixture
def many_files() -> None:
    """A descriptor for each client; the server raises its own limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < CLIENTS + 500:
        pytest.skip(f"the system allows {hard} open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@pytest.mark.usefixtures("many_files")
async def test_two_thousand_clients_come_back_three_times_without_a_gap_or_a_duplicate(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", BEATS, **UNLIMITED)
    async with serving.client() as client:
        run = await client.run()
        topic = f"run.{run}.tick"
        fans = [Fan(topic) for _ in range(CLIENTS)]
        goal = 0
        for _ in range(1 + STORMS):
            async with asyncio.timeout(WITHIN), crowd(fans, serving.port):
                goal = max(fan.offsets[-1] if fan.offsets else 0 for fan in fans)
                goal = max(goal, (await client.query("run.get", run=run))["tick"]) + 10
                for fan in fans:
                    fan.aim(goal)
                await asyncio.gather(*(fan.reached.wait() for fan in fans))

    for fan in fans:
        first = fan.offsets[0]
        assert fan.offsets == list(range(first, fan.offsets[-1] + 1))
        assert fan.offsets[-1] >= goal
        assert fan.recoveries == [None] + [True] * STORMS
    assert len({fan.epoch for fan in fans}) == 1
    assert await serving.end() == 0
