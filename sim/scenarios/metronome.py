"""Beats and nothing else: measures how fast and how late events travel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sim.parameters import parameter
from sim.random import Streams
from sim.scenario import ColumnInfo, Frame, ModelInfo, Scenario, View
from sim.tick import Log


@dataclass(frozen=True, slots=True)
class NoMinds:
    """A metronome's agents believe nothing."""

    beats: int

    def belief(self, agent: int) -> dict[str, Any]:  # noqa: ARG002
        return {}

    def agent(self, agent: int) -> dict[str, Any]:  # noqa: ARG002
        return {"beats": self.beats}


class MetronomeWorld:
    """Counts its beats; each tells the clock's nanoseconds when it is made, in `t`."""

    view = View("none", sentence="A metronome: events of a chosen size at a chosen rate.")
    columns = (ColumnInfo("beats", "Beats"),)
    model: ModelInfo | None = None

    def __init__(self, scenario: "Metronome", clock: Callable[[], int]) -> None:
        self.agents = scenario.agents
        self._clock = clock
        self._events = scenario.events_per_tick
        self._pad = "x" * scenario.bytes
        self._beats = 0

    def advance(self, number: int) -> Frame:  # noqa: ARG002
        log = tuple(self._beat() for _ in range(self._events))
        columns = {"beats": np.full(self.agents, float(self._beats))}
        return Frame(columns, {"beats": float(self._beats)}, log, NoMinds(self._beats))

    def state(self) -> dict[str, Any]:
        return {"beats": self._beats}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._beats = state["beats"]

    def _beat(self) -> Log:
        self._beats += 1
        return Log("beat", {"t": self._clock(), "n": self._beats, "pad": self._pad})


@dataclass(frozen=True)
class Metronome(Scenario):
    """Its clock's time stands in the events alone, so runs of one seed have the same hashes."""

    name: ClassVar[str] = "metronome"
    title: ClassVar[str] = "Metronome"
    text: ClassVar[str] = (
        "Publishes events of a chosen size at a chosen rate, each with the time when it was made,"
        " to measure load and latency. No minds."
    )
    references: ClassVar[tuple[str, ...]] = ()

    # Here the rate that a run starts with is a parameter.
    hz: float = parameter(  # type: ignore[misc]
        10.0, minimum=0.1, maximum=10_000.0, text="Ticks a second", unit="Hz"
    )
    bytes: int = parameter(
        0, minimum=0, maximum=65_536, text="Length of the padding of an event", unit="bytes"
    )
    events_per_tick: int = parameter(1, minimum=1, maximum=1_000, text="Events in each tick")
    agents: int = parameter(1, minimum=1, maximum=100_000, text="Agents that do nothing")

    def begin(self, streams: Streams, clock: Callable[[], int]) -> MetronomeWorld:  # noqa: ARG002
        return MetronomeWorld(self, clock)
