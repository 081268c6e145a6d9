"""What the first process knows of the fronts: the processes that serve the same port beside it."""

import asyncio
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pykka

from web.front_line import Answer, FrontLine, Question

Figures = Mapping[str, Mapping[str, Any]]
# What only grows; of `()` all does.
_TOTALS: Mapping[str, tuple[str, ...]] = {
    "connections": ("total", "refused"), "messages": (), "drops": (), "closes": (),
}  # fmt: skip
_unpack = msgspec.msgpack.Decoder().decode


@dataclass(slots=True, eq=False)
class Front:
    """One place for a process, by number; what is known of the one that has it.

    `figures` are its last report, `past` the totals of earlier processes; `signs` counts signs of
    life; `settled` is set as soon as it listens, or has failed once.
    """

    slot: int
    ref: pykka.ActorRef[Any] | None = None
    line: FrontLine | None = None
    pid: int | None = None
    launches: int = 0
    signs: int = 0
    is_listening: bool = False
    figures: Figures = field(default_factory=dict)
    past: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _waiting: dict[int, "asyncio.Future[list[dict[str, Any]]]"] = field(default_factory=dict)

    @property
    def viewers(self) -> int:
        """Connections there, about a second ago."""
        return int(self.figures.get("connections", {}).get("viewers", 0))

    async def members(self) -> list[dict[str, Any]]:
        """Who is connected there; nobody where there is no process."""
        if self.line is None:
            return []
        number = next(self._numbers)
        answer: asyncio.Future[list[dict[str, Any]]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self.line.send(Question(number))
            return await answer
        finally:
            del self._waiting[number]

    def answered(self, answer: Answer) -> None:
        """Passes the answer on to who waits for it."""
        waiting = self._waiting.get(answer.id)
        if waiting is not None and not waiting.done():
            waiting.set_result(_unpack(answer.result))

    def part(self) -> None:
        """Its process is gone, and its connections with it."""
        for group, names in _TOTALS.items():
            counted = self.figures.get(group, {})
            self.past[group].update({name: counted.get(name, 0) for name in names or counted})
        self.line, self.pid, self.figures = None, None, {}
        self.is_listening = False
        self.settled.set()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result([])


class Fronts:
    """Those beside the first process, whose own number is 0."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._fronts = tuple(Front(slot) for slot in range(1, processes))

    def __iter__(self) -> Iterator[Front]:
        return iter(self._fronts)

    def __len__(self) -> int:
        return len(self._fronts)

    @property
    def viewers(self) -> int:
        """Connections at all fronts."""
        return sum(front.viewers for front in self._fronts)

    async def settled(self, within: float) -> None:
        """Returns when each listens or has failed once, after so many seconds at most."""
        waiting = [asyncio.create_task(front.settled.wait()) for front in self._fronts]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=within)
            for task in late:
                task.cancel()

    async def members(self, within: float) -> list[dict[str, Any]]:
        """Who is connected at the fronts that answer in time."""
        if not self._fronts:
            return []
        asked = [asyncio.create_task(front.members()) for front in self._fronts]
        done, late = await asyncio.wait(asked, timeout=within)
        for task in late:
            task.cancel()
        return [member for task in asked if task in done for member in task.result()]

    def with_others(self, here: Figures) -> dict[str, dict[str, int]]:
        """The figures of this process and of all fronts, those that ended among them, added up;
        of `most`, the largest."""
        found = {group: Counter(counted) for group, counted in here.items()}
        largest = here["queues"]["most"]
        for front in self._fronts:
            largest = max(largest, front.figures.get("queues", {}).get("most", 0))
            for group, counted in found.items():
                counted.update(front.figures.get(group, {}))
                counted.update(front.past[group])
        found["queues"]["most"] = largest
        return {group: dict(counted) for group, counted in found.items()}

    def told(self) -> dict[str, dict[str, Any]]:
        """For `system.metrics`: each front by its number."""
        return {
            str(front.slot): {
                "pid": front.pid,
                "viewers": front.viewers,
                "restarts": max(0, front.launches - 1),
                **front.figures.get("process", {}),
            }
            for front in self._fronts
        }
