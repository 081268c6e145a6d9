"""Latencies in bounded memory: logarithmic buckets of one per cent."""

import math
from typing import Any

GROWTH = math.log(1.01)


class Histogram:
    """Counts durations in seconds; percentiles are right to one per cent, the maximum exactly."""

    def __init__(self) -> None:
        self._buckets: dict[int, int] = {}
        self.count = 0
        self.largest = 0.0

    def add(self, seconds: float) -> None:
        bucket = math.floor(math.log(max(seconds, 1e-6)) / GROWTH)
        self._buckets[bucket] = self._buckets.get(bucket, 0) + 1
        self.count += 1
        self.largest = max(self.largest, seconds)

    def percentile(self, share: float) -> float:
        """The duration that a share (0..1) of all stay under, in seconds; NaN when empty."""
        seen = 0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen >= share * self.count:
                return min(math.exp((bucket + 1) * GROWTH), self.largest)
        return math.nan

    def milliseconds(self) -> dict[str, float]:
        """The figures that are reported everywhere, in milliseconds."""
        shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
        figures = {name: 1e3 * self.percentile(share) for name, share in shares.items()}
        return {**figures, "max": 1e3 * self.largest}

    def dump(self) -> dict[str, object]:
        """All that it holds, as JSON has it."""
        return {"buckets": self._buckets, "largest": self.largest}

    def merge(self, dumped: dict[str, Any]) -> None:
        """Add what another has dumped."""
        for bucket, count in dumped["buckets"].items():
            number = int(bucket)  # a key of JSON is text
            self._buckets[number] = self._buckets.get(number, 0) + count
            self.count += count
        self.largest = max(self.largest, dumped["largest"])
