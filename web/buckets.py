"""Token buckets, without a clock of their own, and tables of them that stay small."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import TypeAlias

FULL = float("inf")  # tokens of a bucket that nobody has used yet
_MOST_KEYS = 10_000  # users, and addresses, whose buckets are remembered

# Where the state of buckets is kept.
Cells: TypeAlias = "list[float] | memoryview[float]"


class TokenBucket:
    """Holds up to `capacity` tokens, refilled evenly over `window` seconds; 0 never ends.

    Its state is in two of `cells`, from `place` on: the tokens, and when these were counted. Other
    processes may have the same cells; new ones hold `FULL`.
    """

    __slots__ = ("_cells", "_place", "capacity", "window")

    def __init__(
        self,
        capacity: int,
        window: float,
        now: float,
        cells: "Cells | None" = None,
        place: int = 0,
    ) -> None:
        self.capacity = capacity
        self.window = window
        self._cells: Cells = [float(capacity), now] if cells is None else cells
        self._place = place

    def wait(self, now: float) -> float:
        """Seconds until there is a token; 0 if there is one now."""
        if not self.capacity:
            return 0.0
        cells, place = self._cells, self._place
        # Another process may have read the clock later and been here first.
        now = max(now, cells[place + 1])
        refill = (now - cells[place + 1]) * self.capacity / self.window
        tokens = min(float(self.capacity), cells[place] + refill)
        cells[place], cells[place + 1] = tokens, now
        return max(0.0, (1.0 - tokens) * self.window / self.capacity)

    def take(self, now: float) -> float:
        """Takes a token if there is one; otherwise the seconds until there is."""
        wait = self.wait(now)
        if not wait and self.capacity:
            self._cells[self._place] -= 1.0
        return wait

    def is_full(self, now: float) -> bool:
        """Whether forgetting it would change nothing."""
        tokens, at = self._cells[self._place : self._place + 2]
        return now - at >= self.window or tokens >= self.capacity


class Buckets:
    """The buckets of one scope by key; they outlive connections. Full ones are forgotten first,
    and the one that was used longest ago when there are too many."""

    def __init__(self, capacity: int, window: float, most: int = _MOST_KEYS) -> None:
        self._capacity = capacity
        self._window = window
        self._most = most
        self._buckets: OrderedDict[Hashable, TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def of(self, key: Hashable, now: float) -> TokenBucket:
        """The bucket of this key."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = TokenBucket(self._capacity, self._window, now)
        self._buckets.move_to_end(key)
        while len(self._buckets) > self._most or self._oldest_is_full(now):
            self._buckets.popitem(last=False)
        return bucket

    def _oldest_is_full(self, now: float) -> bool:
        oldest = next(iter(self._buckets.values()))
        return len(self._buckets) > 1 and oldest.is_full(now)
