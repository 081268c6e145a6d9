"""The rules of supervision: who is restarted, when, and how often. No actor, no clock."""

import enum
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass


class Restart(enum.IntEnum):
    """After which ends a child is restarted."""

    TEMPORARY = 0
    """Never."""
    TRANSIENT = 1
    """When it failed."""
    PERMANENT = 2
    """Always, unless its supervisor stopped it."""


class Strategy(enum.Enum):
    """Which children are restarted when one is."""

    ONE_FOR_ONE = "one_for_one"
    ALL_FOR_ONE = "all_for_one"
    REST_FOR_ONE = "rest_for_one"

    def affected(self, names: Sequence[str], failed: str) -> list[str]:
        """Those to restart, in the order of starting. `names`: all, in that order."""
        if self is Strategy.ONE_FOR_ONE:
            return [failed]
        if self is Strategy.ALL_FOR_ONE:
            return list(names)
        return list(names[names.index(failed) :])


@dataclass(frozen=True, slots=True)
class Intensity:
    """At most so many restarts within so many seconds; one more is too many."""

    restarts: int = 5
    window: float = 60.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds before a restart: `first`, times `factor` for each recent one, at most `most`.

    `jitter` is the part of it that is random, so that many children do not come back at once.
    """

    first: float = 0.2
    factor: float = 2.0
    most: float = 10.0
    jitter: float = 0.5

    def delay(self, recent: int, random: Callable[[], float]) -> float:
        """Seconds before the restart that follows `recent` others; `random` is from [0, 1)."""
        # The exponent is bounded because a float is: 2.0 ** 2000 does not exist.
        longest = min(self.first * self.factor ** min(recent, 64), self.most)
        return longest * (1 - self.jitter * random())


class Restarts:
    """When restarts happened, as far back as the intensity looks."""

    __slots__ = ("_intensity", "_times")

    def __init__(self, intensity: Intensity) -> None:
        self._intensity = intensity
        self._times: deque[float] = deque(maxlen=intensity.restarts + 1)

    def recent(self, now: float) -> int:
        """How many there were in the window that ends now."""
        while self._times and self._times[0] <= now - self._intensity.window:
            self._times.popleft()
        return len(self._times)

    def note(self, now: float) -> bool:
        """One more; whether it is one too many."""
        self._times.append(now)
        return self.recent(now) > self._intensity.restarts
