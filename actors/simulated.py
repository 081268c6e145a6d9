"""What a run runs, and how it begins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sim.condition import Condition
from sim.tick import Tick


class Simulated(Protocol):
    """What a run runs: `sim.simulation.Simulation`, or a small one in a test."""

    @property
    def number(self) -> int: ...

    def tick(self) -> Tick: ...

    def checkpoint(self) -> dict[str, Any]: ...

    def perturb(self, agent: int | None, change: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class RunSettings:
    """`epoch` numbers the run's events; `lead`: ticks that may be on the loop, `recorded_lead`:
    ticks that the recorder may be behind; `patience`: seconds that either is waited for."""

    run: str
    epoch: str
    hz: float
    checkpoint_ticks: int = 100
    lead: int = 4
    recorded_lead: int = 256
    patience: float = 5.0


@dataclass(frozen=True, slots=True)
class Begun:
    """A simulation ready for its next tick.

    `counts`: next offset per kind of log event; `states`: next offset of the state topic;
    `hz` None: as the settings say; `until`: what it is to pause at; `known`: the last
    tick that anybody saw, to which a paused run is brought.
    """

    simulation: Simulated
    counts: Mapping[str, int] = field(default_factory=dict)
    states: int = 0
    resumed: bool = False
    paused: bool = False
    hz: float | None = None
    until: Condition | None = None
    known: int = 0
