"""What load runs count besides Locust's own statistics; those of several processes add up."""

import json
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from loadtests.histogram import Histogram

_HISTOGRAMS = ("latency", "latency_before", "handshake")


class Figures:
    """Of one Locust process, or of all together."""

    def __init__(self) -> None:
        self.latency = Histogram()
        self.latency_before = Histogram()
        self.handshake = Histogram()
        self.open = self.held = self.events = self.frames = self.lost = 0
        self.first = self.last = 0.0
        self.first_event = self.last_event = 0.0
        # By what went wrong, in the words of the error's table where it has one.
        self.refused: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()

    def connected(self, seconds: float) -> None:
        now = time.monotonic()
        self.first = self.first or now - seconds
        self.last = now
        self.handshake.add(seconds)
        self.open += 1
        self.held = max(self.held, self.open)

    def turn(self) -> None:
        """From now on something else is tried: latencies are told apart from those before."""
        self.latency_before, self.latency = self.latency, Histogram()

    def received(self, batch: list[Any]) -> None:
        now = time.monotonic()
        self.first_event = self.first_event or now
        self.last_event = now
        self.frames += 1
        for event in batch:
            self.events += 1
            self.latency.add(now - event["data"]["t"] / 1e9)

    def report(self) -> dict[str, Any]:
        """Counts, rates per second, latencies in milliseconds."""
        ramp = max(self.last - self.first, 1e-9)
        listened = max(self.last_event - self.first_event, 1e-9)
        return {
            "connections_held": self.held,
            "connections_refused": sum(self.refused.values()),
            "connections_lost": self.lost,
            "handshakes_per_second": self.handshake.count / ramp,
            "handshake_ms": self.handshake.milliseconds(),
            "events": self.events,
            "events_per_second": self.events / listened,
            "frames": self.frames,
            "event_latency_ms": self.latency.milliseconds(),
            "failures": sum(self.failed.values()),
        }

    def write(self, path: Path) -> None:
        """Leave everything for another process to `gather`."""
        everything = {**vars(self), **{name: getattr(self, name).dump() for name in _HISTOGRAMS}}
        # Whoever waits for the file must not find half of it.
        partly = path.with_suffix(".part")
        partly.write_text(json.dumps(everything))
        partly.rename(path)


def gather(paths: Iterable[Path]) -> Figures:
    """Those of several processes, as one; connections held at their most by each add up."""
    total = Figures()
    for path in paths:
        one = json.loads(path.read_text())
        for name in _HISTOGRAMS:
            getattr(total, name).merge(one[name])
        total.refused.update(one["refused"])
        total.failed.update(one["failed"])
        for name in ("open", "held", "events", "frames", "lost"):
            setattr(total, name, getattr(total, name) + one[name])
        for name, choose in (
            ("first", min),
            ("first_event", min),
            ("last", max),
            ("last_event", max),
        ):
            # 0 is never.
            known = [t for t in (getattr(total, name), one[name]) if t]
            setattr(total, name, choose(known, default=0.0))
    return total
