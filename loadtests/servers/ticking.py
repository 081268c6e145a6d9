"""Stagewatch itself, told to publish ticks of many events at a rate: `CLIENTS EVENTS HZ BYTES`.

Each line on its input is a number of ticks; each event holds the time when it was made.
"""

import asyncio
import sys
import time

from actors.event import Event
from actors.publishing import Publish
from loadtests.drain import allow_descriptors
from loadtests.servers.control import obey, tell
from loadtests.servers.stage import serving
from web.server import Server


class Ticker:
    """Publishes at a rate, whatever becomes of it: a tick that is late does not delay the next."""

    def __init__(self, server: Server, events: int, hz: float, size: int) -> None:
        self._server = server
        self._topics = [f"run.bench.agent.{number}" for number in range(events)]
        self._hz = hz
        self._pad = "x" * size

    async def send(self, ticks: int) -> int:
        """Publish so many; the bytes that were written since the start."""
        loop = asyncio.get_running_loop()
        begin = loop.time()
        for number in range(ticks):
            await asyncio.sleep(begin + number / self._hz - loop.time())
            made = time.monotonic_ns()
            data = {"t": made, "n": number, "pad": self._pad}
            events = tuple(Event(topic, data) for topic in self._topics)
            self._server.tree.broadcaster.tell(Publish(events))
        await asyncio.sleep(begin + ticks / self._hz - loop.time())
        return self._server.tree.pool.traffic.bytes_out


async def main(clients: int, events: int, hz: float, size: int) -> None:
    allow_descriptors(clients + 100)
    async with serving() as server:
        tell(port=server.port)
        await obey(Ticker(server, events, hz, size).send)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
