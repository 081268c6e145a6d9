"""A small world with everything that a state can hold, for tests of the loop around worlds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sim.parameters import parameter
from sim.random import Streams
from sim.scenario import ColumnInfo, Frame, ModelInfo, Scenario, View
from sim.tick import Column, Log


@dataclass(frozen=True, slots=True)
class DriftDetail:
    """Where the agents were."""

    place: np.ndarray[Any, Any]

    def belief(self, agent: int) -> dict[str, Any]:
        return {"belief": {"place": self.place[agent : agent + 1]}}

    def agent(self, agent: int) -> dict[str, Any]:
        return {"place": float(self.place[agent])}


class DriftWorld:
    """Writes into its arrays in place, so that a checkpoint that shared them would show it."""

    view = View("none", sentence="Agents drift.")
    columns = (ColumnInfo("place", "Place"), ColumnInfo("hits", "Hits"))
    model: ModelInfo | None = None

    def __init__(self, scenario: "Drift", streams: Streams) -> None:
        self.agents = scenario.agents
        self._speed = scenario.speed
        self._streams = streams
        self._place = np.zeros(self.agents)
        self._hits = np.zeros(self.agents, dtype=np.int32)
        self._memory: dict[str, Any] = {"last": [], "word": "begin", "seen": False}

    def advance(self, number: int) -> Frame:
        self._place += self._speed * self._streams.environment.normal(size=self.agents)
        hit = self._streams.action.random(self.agents) < 0.5
        self._hits += hit
        self._memory["last"] = [number, float(self._place[0])]
        self._memory["seen"] = bool(hit[0])
        place = self._place.copy()
        columns: dict[str, Column] = {"place": place, "hits": self._hits.copy()}
        log = (Log("hit", {"agent": 0}),) if hit[0] else ()
        return Frame(columns, {"place": float(place.mean())}, log, DriftDetail(place))

    def state(self) -> dict[str, Any]:
        return {"place": self._place, "hits": self._hits, "memory": self._memory}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._place, self._hits = state["place"], state["hits"]
        self._memory = dict(state["memory"])


@dataclass(frozen=True)
class Drift(Scenario):
    """Agents drift by chance."""

    name: ClassVar[str] = "drift"
    title: ClassVar[str] = "Drift"
    text: ClassVar[str] = "Agents drift."
    references: ClassVar[tuple[str, ...]] = ()
    hz: ClassVar[float] = 5.0

    agents: int = parameter(3, minimum=1, maximum=1000, text="How many drift")
    speed: float = parameter(1.0, minimum=0.0, maximum=10.0, text="Step", unit="cells")
    kind: str = parameter("free", choices=("free", "bound"), text="Of what kind")
    loud: bool = parameter(False, text="Whether it is heard")

    def begin(self, streams: Streams, clock: Callable[[], int]) -> DriftWorld:
        return DriftWorld(self, streams)
