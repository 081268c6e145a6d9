"""How a measured server is told what to send, in lines on its standard input and output.

It tells `{"port": …}`, and answers each line, a number of events, when it has sent these to all
clients: when it began and ended (nanoseconds of the monotonic clock), the processor time that it
took, and the bytes of frames that it has sent since its start.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable

FRAME_BYTES = 240
PAYLOAD = "x" * (FRAME_BYTES - 4)


def tell(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def answer(started: int, cpu: int, sent: int) -> None:
    """Tell that the events are sent; `started` and `cpu` as the clocks were before."""
    ended = time.monotonic_ns()
    tell(started=started, ended=ended, cpu=time.process_time_ns() - cpu, bytes=sent)


async def obey(send: Callable[[int], Awaitable[int]]) -> None:
    """Send whenever told, to the end of the input; `send` returns the bytes since the start."""
    # A thread that waits for a line takes nothing from the loop.
    while line := await asyncio.to_thread(sys.stdin.readline):
        started, cpu = time.monotonic_ns(), time.process_time_ns()
        answer(started, cpu, await send(int(line)))


async def spread(clients: int, once: Callable[[], object]) -> None:
    """Obey with `once`, which hands one frame to all clients; the loop turns after each."""
    sent = 0

    async def send(rounds: int) -> int:
        nonlocal sent
        for _ in range(rounds):
            once()
            # Lets what was only scheduled be sent.
            await asyncio.sleep(0)
        sent += rounds * clients * FRAME_BYTES
        return sent

    await obey(send)
