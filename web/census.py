"""Counts what the server counts, once a second, for the monitor; and tells of births and deaths."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pykka

from actors.audience import Subscriptions
from actors.event import Event
from actors.facts import Fact
from actors.loop import LoopActor
from actors.publishing import Publish
from web.fronts import Fronts
from web.pool import Pool
from web.runs import RunEntry, Runs

PERIOD = 1.0  # seconds
ACTORS = "system.actors"
_MOST_FACTS = 200  # in a period; the rest is counted


class Counted:
    """The newest figures: written on the loop, read on any thread."""

    def __init__(self) -> None:
        self.figures: Mapping[str, Any] = {}

    def __call__(self) -> Mapping[str, Any]:
        return self.figures


@dataclass(frozen=True, slots=True)
class _Count:
    """Time to count."""


class Census(LoopActor):
    """Publishes `system.actors` too: facts of all supervisors, and dead letters by number."""

    def __init__(
        self,
        counted: Counted,
        pool: Pool,
        runs: Runs,
        subscriptions: Subscriptions,
        broadcaster: pykka.ActorRef[Any],
        fronts: Fronts,
    ) -> None:
        super().__init__()
        self._fronts = fronts
        self._counted = counted
        self._pool = pool
        self._runs = runs
        self._subscriptions = subscriptions
        self._broadcaster = broadcaster
        self._letters = 0
        self._facts: list[Fact] = []
        self._untold = 0

    def on_start(self) -> None:
        self._unlisten = self.runtime.facts.listen(self._note)
        self._letters = self.runtime.dead_letters.total
        self._count()
        self.every(PERIOD, _Count())

    def on_stop(self) -> None:
        self._unlisten()

    def on_failure(self, *_: object) -> None:
        self._unlisten()

    def on_receive(self, message: Any) -> Any:
        match message:
            case _Count():
                self._count()
                self._tell()
            case _:
                return super().on_receive(message)
        return None

    def _note(self, fact: Fact) -> None:
        if len(self._facts) < _MOST_FACTS:
            self._facts.append(fact)
        else:
            self._untold += 1

    def _tell(self) -> None:
        events = [
            Event(ACTORS, {"what": _what(fact), **dataclasses.asdict(fact)}) for fact in self._facts
        ]
        if self._untold:
            events.append(Event(ACTORS, {"what": "more", "count": self._untold}))
        letters = self.runtime.dead_letters
        if letters.total > self._letters:
            lost = {"what": "dead_letters", "count": letters.total - self._letters}
            sample = [dataclasses.asdict(letter) for letter in list(letters.sample)[-3:]]
            events.append(Event(ACTORS, {**lost, "total": letters.total, "sample": sample}))
        self._facts, self._untold, self._letters = [], 0, letters.total
        if events:
            self._broadcaster.tell(Publish(tuple(events)))

    def _count(self) -> None:
        here = moved(self._pool, self._subscriptions, self.runtime.dead_letters.total)
        live = self._runs.live.values()
        fronts = {"fronts": self._fronts.told()} if len(self._fronts) else {}
        self._counted.figures = {
            **self._fronts.with_others(here),
            **fronts,
            "runs": {
                "running": sum(entry.state == "running" for entry in live),
                "total": len(live),
            },
            "workers": {entry.run: _worker(entry) for entry in live},
        }


def moved(pool: Pool, subscriptions: Subscriptions, dead_letters: int) -> dict[str, dict[str, int]]:
    """What the connections of this process moved since its start."""
    traffic = pool.traffic
    queued, most = pool.queued
    return {
        "connections": {
            "open": len(pool),
            "viewers": pool.viewers,
            "total": pool.total,
            "refused": pool.refused,
        },
        "messages": {
            "in": traffic.messages_in,
            "out": traffic.messages_out,
            "bytes_in": traffic.bytes_in,
            "bytes_out": traffic.bytes_out,
        },
        "queues": {"bytes": queued, "most": most},
        "drops": {
            "conflated": traffic.conflated + subscriptions.conflated,
            "dead_letters": dead_letters,
            "slow_consumers": traffic.slow_consumers,
        },
        "closes": {str(code): count for code, count in sorted(traffic.closes.items())},
    }


def _what(fact: Fact) -> str:
    """`ChildGivenUp` is told as `given_up`."""
    name = type(fact).__name__.removeprefix("Child")
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


def _worker(entry: RunEntry) -> dict[str, Any]:
    found: dict[str, Any] = {
        "pid": entry.pid,
        "tick": entry.tick,
        "state": entry.state,
        "restarts": entry.restarts,
    }
    report = entry.report
    if report is not None:
        found["alive"] = report.alive
        found["cpu"] = report.metrics.get("cpu", {}).get("process")
        found["rss"] = report.metrics.get("memory", {}).get("rss")
    return found
