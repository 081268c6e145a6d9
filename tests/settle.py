"""Waits until all actors are idle: no test needs to sleep."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

import pykka

from actors.runtime import Runtime
from actors.thread_ref import ThreadRef

# Turns of the loop without any sign of life after which nothing more will come by itself. A few
# are needed because coroutines step on through futures that the runtime does not see.
QUIET_TURNS = 20


class UnsettledError(AssertionError):
    """Some actor was busy all the time."""

    def __init__(self, busy: list[str]) -> None:
        super().__init__(f"still busy: {', '.join(busy) or 'the loop'}")


async def until(condition: Callable[[], object], patience: float = 10.0) -> None:
    """Until the condition holds; for tests in which something stays busy."""
    end = monotonic() + patience
    while not condition():
        await asyncio.sleep(0)
        if monotonic() > end:
            raise UnsettledError(busy_threads(Runtime.current()))


async def settle(patience: float = 10.0) -> None:
    """Until the runtime's LoopActors have nothing to handle and its ThreadActors wait.

    A coroutine that waits for something else, such as a clock that stands still, counts as idle.
    """
    runtime = Runtime.current()
    end = monotonic() + patience
    quiet = 0
    while quiet < QUIET_TURNS:
        turns, threads = runtime.turns, busy_threads(runtime)
        # A thread at work needs the interpreter; this is no wait for time to pass.
        await asyncio.sleep(0.001 if threads else 0)
        idle = runtime.is_idle and runtime.turns == turns and not threads
        quiet = quiet + 1 if idle else 0
        if monotonic() > end:
            raise UnsettledError(threads)


def busy_threads(runtime: Runtime) -> list[str]:
    """Paths of the runtime's ThreadActors that are doing something."""
    refs: list[Any] = pykka.ActorRegistry.get_all()
    return [
        ref.path
        for ref in refs
        if isinstance(ref, ThreadRef) and ref.runtime is runtime and not ref.is_idle
    ]
