"""Where actors get their time: the loop's clock, or one that a test moves by hand."""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Cancellable(Protocol):
    """What `Clock.call_at` returns."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """Monotonic seconds, and calls at a later time on the loop's thread."""

    def now(self) -> float: ...

    def call_at(self, when: float, callback: Callable[[], object]) -> Cancellable: ...


class LoopClock:
    """The clock of an asyncio loop."""

    __slots__ = ("_loop",)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def now(self) -> float:
        return self._loop.time()

    def call_at(self, when: float, callback: Callable[[], object]) -> Cancellable:
        return self._loop.call_at(when, callback)
