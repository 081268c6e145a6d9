"""A server of several processes at one port, and clients of which it is known who serves them."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import psutil
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from tests.processes.serving import PATIENCE, Client, Message, RefusedError, Serving

TWO = {"server__processes": 2, "limits__connections_per_ip": 0}
_TRIES = 200  # connections until each process had one: the kernel deals them out by chance


def fronts_of(serving: Serving) -> list[psutil.Process]:
    """The processes beside the first one."""
    return [
        child
        for child in psutil.Process(serving.process.pid).children()
        if "web.front" in child.cmdline()
    ]


@contextlib.asynccontextmanager
async def client_at(serving: Serving, pid: int, token: str | None = None) -> AsyncIterator[Client]:
    """A client that this process serves. With a token it is not at the demo's endpoint."""
    way = f"?token={token}" if token else "/demo"
    found = False
    for _ in range(_TRIES):
        async with connect(
            f"ws://127.0.0.1:{serving.port}/api/v1/ws{way}", max_size=None
        ) as socket:
            client = Client(socket)
            # Whom the one before still has the place of is refused.
            with contextlib.suppress(ConnectionClosed):
                found = (await client.query("server.info"))["pid"] == pid
            if found:
                yield client
                return
    raise AssertionError(f"none of {_TRIES} connections led to the process {pid}")


@contextlib.asynccontextmanager
async def both(serving: Serving) -> AsyncIterator[tuple[Client, Client]]:
    """A client at the first process, and one at a front."""
    [front] = fronts_of(serving)
    async with (
        client_at(serving, serving.process.pid) as first,
        client_at(serving, front.pid) as second,
    ):
        yield first, second


async def listening_front(serving: Serving, but: int) -> psutil.Process:
    """A front that is not the process of this number, and serves viewers."""
    async with asyncio.timeout(PATIENCE):
        while True:
            pid = await _served_by(serving)
            if pid not in (0, but, serving.process.pid):
                return psutil.Process(pid)


async def _served_by(serving: Serving) -> int:
    """The process that a new connection comes to; 0 where it came to one that ended."""
    url = f"ws://127.0.0.1:{serving.port}/api/v1/ws/demo"
    with contextlib.suppress(OSError, TimeoutError, WebSocketException):
        async with asyncio.timeout(1), connect(url) as socket:
            await socket.send(json.dumps({"type": "query", "query": "server.info", "id": "p"}))
            while True:
                message: dict[str, Any] = json.loads(await socket.recv())
                if message.get("id") == "p":
                    return int(message["result"]["pid"])
    return 0


async def ticks(client: Client, run: str, first: int, last: int) -> list[Message]:
    """The events of the ticks from `first` to `last`."""
    found = [await client.tick(run, first)]
    while found[-1]["tick"] < last:
        found.append(await client.tick(run, found[-1]["tick"] + 1))
    return found


async def refusal(client: Client, query: str, **params: object) -> str:
    try:
        await client.query(query, **params)
    except RefusedError as error:
        return str(error)
    return "it was answered"
