"""What an actor costs: ours on the loop beside pykka's on threads."""

import argparse
import asyncio
import gc
import itertools
import json
import logging
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pykka
from rich.console import Console
from rich.table import Table

from actors.future import LoopFuture
from actors.loop import LoopActor, tell_all
from actors.runtime import Runtime
from actors.thread import ThreadActor

REPEATS = 5
MESSAGES = 200_000
THREAD_MESSAGES = 50_000
LOOP_ACTORS = 10_000
THREAD_ACTORS = 200
CROWD = 1000
ROUNDS = 100
THREAD_ROUNDS = 5


class Lap:
    """A message to many; the future is done when the last of them has it."""

    def __init__(self, actors: int) -> None:
        self._actors = actors
        self._arrivals = itertools.count(1)
        self.done: LoopFuture[None] = LoopFuture()

    def arrive(self) -> None:
        """One more has it; `next` is one step, also among threads."""
        if next(self._arrivals) == self._actors:
            self.done.set()


class Counter(pykka.Actor):
    """Counts what it is told; answers with the count."""

    count = 0

    def on_receive(self, message: object) -> int | None:
        if message is None:
            return self.count
        self.count += 1
        if type(message) is Lap:
            message.arrive()
        return None


class OnLoop(Counter, LoopActor):
    """On the loop."""

    mailbox_size = 10 * MESSAGES


class OnThread(Counter, ThreadActor):
    """With a thread, and our mailbox."""

    mailbox_size = 10 * MESSAGES


class Stock(Counter, pykka.ThreadingActor):
    """pykka's own."""


async def count_of(ref: pykka.ActorRef[Any]) -> int:
    """Its count when all that was told before is handled."""
    answer = ref.ask(None, block=False)
    count: int = answer.get() if isinstance(answer, pykka.ThreadingFuture) else await answer
    return count


async def messages_per_second(kind: type[pykka.Actor], messages: int) -> float:
    """Tell one actor many messages and wait until all are handled."""
    ref = kind.start()
    started = perf_counter()
    tell = ref.tell
    for _ in range(messages):
        tell(1)
    assert await count_of(ref) == messages
    seconds = perf_counter() - started
    await end([ref])
    return messages / seconds


async def microseconds_to_start(kind: type[pykka.Actor], actors: int) -> float:
    """Until the last has answered that it is there, per actor."""
    started = perf_counter()
    refs = [kind.start() for _ in range(actors)]
    await count_of(refs[-1])
    seconds = perf_counter() - started
    await end(refs)
    return seconds / actors * 1e6


async def bytes_each(kind: type[pykka.Actor], actors: int) -> float:
    """Python's memory per running actor; a thread's stack is not in it."""
    gc.collect()
    tracemalloc.start()
    refs = [kind.start() for _ in range(actors)]
    for ref in refs:
        await count_of(ref)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    await end(refs)
    return size / actors


async def deliveries_per_second(kind: type[pykka.Actor], actors: int, rounds: int) -> float:
    """Tell all actors one message, wait until each has it; again and again."""
    refs = [kind.start() for _ in range(actors)]
    for ref in refs:
        await count_of(ref)
    started = perf_counter()
    for _ in range(rounds):
        lap = Lap(actors)
        tell_all(refs, lap)
        await lap.done
    seconds = perf_counter() - started
    await end(refs)
    return actors * rounds / seconds


async def end(refs: list[pykka.ActorRef[Any]]) -> None:
    for ref in refs:
        stopped = ref.stop(block=False)
        if isinstance(stopped, pykka.ThreadingFuture):
            stopped.get()
        else:
            await stopped


Measure = Callable[[], Awaitable[float]]


async def middle(measure: Measure) -> float:
    """Median of several measurements."""
    return median([await measure() for _ in range(REPEATS)])


async def row(kind: type[pykka.Actor], name: str) -> dict[str, object]:
    """All figures of one kind of actor."""
    on_loop = kind is OnLoop
    actors = LOOP_ACTORS if on_loop else THREAD_ACTORS
    rounds = ROUNDS if on_loop else THREAD_ROUNDS
    messages = MESSAGES if on_loop else THREAD_MESSAGES
    return {
        "actor": name,
        "messages_per_second": await middle(lambda: messages_per_second(kind, messages)),
        "bytes": await bytes_each(kind, actors),
        "microseconds_to_start": await middle(lambda: microseconds_to_start(kind, actors)),
        "deliveries_per_second": await middle(lambda: deliveries_per_second(kind, CROWD, rounds)),
    }


async def measured() -> list[dict[str, object]]:
    """A row for each kind."""
    Runtime()
    logging.disable(logging.CRITICAL)
    return [
        await row(OnLoop, "LoopActor"),
        await row(OnThread, "ThreadActor"),
        await row(Stock, "pykka.ThreadingActor"),
    ]


HEADINGS = {
    "actor": "actor",
    "messages_per_second": "messages/s",
    "bytes": "bytes each",
    "microseconds_to_start": "µs to start",
    "deliveries_per_second": "fan-out deliveries/s",
}
AT_LEAST = "wanted of LoopActor: ≥ 700,000 messages/s, ≤ 2,048 bytes, ≤ 20 µs, ≥ 20 × the fan-out"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = asyncio.run(measured())
    table = Table(title=f"Actors (median of {REPEATS})", title_justify="left", caption=AT_LEAST)
    for key, heading in HEADINGS.items():
        table.add_column(heading, justify="left" if key == "actor" else "right")
    for figures in rows:
        values = [figures[key] for key in HEADINGS]
        table.add_row(*(v if isinstance(v, str) else f"{v:,.0f}" for v in values))
    Console(width=100).print(table)
    if options.json:
        options.json.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
