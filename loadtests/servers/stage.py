"""Stagewatch itself: the whole server in this process, told to publish: `CLIENTS [EVENTS]`.

Each line on its input is a number of ticks, each of so many events: one, where it is not said.
"""

import asyncio
import contextlib
import gc
import random
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from actors.event import Event
from actors.publishing import Publish
from loadtests.drain import allow_descriptors
from loadtests.servers.control import FRAME_BYTES, obey, tell
from web.codec import encode_events
from web.config import load
from web.server import Server

PATH = "/ws/demo"
TOPIC = "run.bench.agent"
# What would refuse the load, or end clients that only read.
_LIFTED: dict[str, object] = {
    "limits.connections": 0,
    "limits.connections_per_user": 0,
    "limits.connections_per_ip": 0,
    "limits.messages_per_connection": 0,
    "limits.messages_per_user": 0,
    "limits.messages_per_ip": 0,
    "heartbeat.interval": 3600,
    "heartbeat.timeout": 7200,
}


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """The server with its actors and settings as they are, without runs and limits."""
    with tempfile.TemporaryDirectory(prefix="stagewatch-bench-") as folder:
        place = {"server.port": 0, "data_dir": Path(folder)}
        server = Server(load(flags={**_LIFTED, **place}))
        await server.start()
        # As `stagewatch serve` does.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        yield server
        await server.stop()


def events_of(count: int, frame_bytes: int) -> tuple[Event, ...]:
    """Events of which one fills a JSON frame of this size (while offsets are short)."""
    # Text that compresses about as well as numbers do.
    letters = random.Random(1).choices("0123456789.-abcde", k=frame_bytes)
    bare = Event(f"{TOPIC}.0", {"n": 1, "pad": ""}, epoch="epoch678", offset=100)
    spare = frame_bytes - encode_events("json", [bare]).size
    data = {"n": 1, "pad": "".join(letters[:spare])}
    return tuple(Event(f"{TOPIC}.{number}", data) for number in range(count))


async def publish(server: Server, events: tuple[Event, ...], clients: int) -> None:
    """Tell all clients; back when everything is written."""
    traffic = server.tree.pool.traffic
    wanted = traffic.messages_out + clients
    server.tree.broadcaster.tell(Publish(events))
    while traffic.messages_out < wanted:
        await asyncio.sleep(0)


async def main(clients: int, events_per_tick: int) -> None:
    allow_descriptors(clients + 100)
    async with serving() as server:
        events = events_of(events_per_tick, FRAME_BYTES)

        async def send(rounds: int) -> int:
            for _ in range(rounds):
                await publish(server, events, clients)
            return server.tree.pool.traffic.bytes_out

        tell(port=server.port)
        await obey(send)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int((*sys.argv, "1")[2])))
