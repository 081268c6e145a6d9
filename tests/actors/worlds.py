"""A tiny simulation, for tests of what runs, shows and records one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.perturbation import PerturbationError
from sim.tick import Columns, Log, Tick


@dataclass(frozen=True, slots=True)
class CountingDetail:
    """Beliefs that say whose and when they are; a world without minds has none."""

    number: int
    minds: bool = True

    def belief(self, agent: int) -> dict[str, Any]:
        if not self.minds:
            return {}
        posterior = {"place": np.array([0.25, 0.75])}
        return {"tick": self.number, "belief": posterior, "policies": [{"G": float(agent)}]}

    def agent(self, agent: int) -> dict[str, Any]:
        return {"context": f"of {agent}"}


def make_tick(
    number: int, agents: int = 4, log: tuple[Log, ...] = (), *, minds: bool = True
) -> Tick:
    """The columns of agent i are i plus the number of the tick, or follow from it."""
    value = np.arange(agents, dtype=np.float64) + number
    return Tick(
        number=number,
        time=float(number),
        agents=agents,
        columns=Columns(
            value=value,
            action=(np.arange(agents, dtype=np.int32) + number) % 2,
            even=value % 2 == 0,
        ),
        aggregates={"value": float(value.mean())},
        log=log,
        hash=f"hash {number}",
        detail=CountingDetail(number, minds),
    )


@dataclass(slots=True)
class CountingSimulation:
    """Counts, beats at every tick, and fails at the tick it is told to."""

    number: int = 0
    fails_at: int | None = None
    made: list[int] = field(default_factory=list)
    changes: list[tuple[int | None, Mapping[str, Any]]] = field(default_factory=list)

    def tick(self) -> Tick:
        self.number += 1
        if self.number == self.fails_at:
            raise ZeroDivisionError("the world ended\nunexpectedly")
        self.made.append(self.number)
        return make_tick(self.number, log=(Log("beat", {"n": self.number}),))

    def checkpoint(self) -> dict[str, Any]:
        found: dict[str, Any] = {"number": self.number}
        return {**found, "changes": list(self.changes)} if self.changes else found

    def perturb(self, agent: int | None, change: Mapping[str, Any]) -> None:
        if "value" not in change:
            raise PerturbationError("value", "is missing")
        self.changes.append((agent, change))
