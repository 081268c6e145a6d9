"""A clock that stands still until a test moves it."""

import heapq
import itertools
from collections.abc import Callable


class Call:
    """A call that waits for its time."""

    def __init__(self, callback: Callable[[], object]) -> None:
        self._callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self._callback = None

    @property
    def waits(self) -> bool:
        return self._callback is not None

    def make(self) -> None:
        if self._callback is not None:
            callback, self._callback = self._callback, None
            callback()


class ManualClock:
    """An `actors.clock.Clock` without any real time in it."""

    def __init__(self, now: float = 0.0) -> None:
        self._now = now
        self._calls: list[tuple[float, int, Call]] = []
        self._numbers = itertools.count()

    def now(self) -> float:
        return self._now

    @property
    def waiting(self) -> int:
        """How many calls are to come."""
        return sum(call.waits for _, _, call in self._calls)

    def call_at(self, when: float, callback: Callable[[], object]) -> Call:
        call = Call(callback)
        heapq.heappush(self._calls, (when, next(self._numbers), call))
        return call

    def stall(self, seconds: float) -> None:
        """Time goes by in which nobody has the time to make calls: they come late, by `advance`."""
        self._now += seconds

    def advance(self, seconds: float) -> None:
        """Move on, making the calls whose time comes in their order, each at its own time."""
        end = self._now + seconds
        while self._calls and self._calls[0][0] <= end:
            when, _, call = heapq.heappop(self._calls)
            self._now = max(self._now, when)
            call.make()
        self._now = end
