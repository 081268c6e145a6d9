"""Boids: cohesion, separation and alignment make a flock (Reynolds 1987)."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sim.model import Array
from sim.parameters import parameter
from sim.plane import Nearness, add, wrapped
from sim.random import Streams
from sim.scenario import ColumnInfo, Frame, ModelInfo, Scenario, View
from sim.scenarios.bodies import Bodies, held, kept_back, nobody
from sim.scenarios.plain import NoMinds, kept


@dataclass(frozen=True)
class Boids(Scenario):
    """The rules of the ABM Frameworks Comparison and of Mesa's example, for all at once; there
    one moves after the other."""

    name: ClassVar[str] = "boids"
    title: ClassVar[str] = "Boids"
    text: ClassVar[str] = (
        "Each bird turns towards the others in sight, away from those too close, and into the"
        " direction of all in sight, all birds at once; then it flies on. The edges of the square"
        " meet."
    )
    references: ClassVar[tuple[str, ...]] = (
        "Reynolds (1987). Flocks, herds and schools: a distributed behavioral model. Computer"
        " Graphics 21(4), 25-34.",
        "Datseris, Vahdati & DuBois (2024). Agents.jl: a performant and feature-full agent-based"
        " modeling software of minimal code complexity. Simulation 100(10), 1019-1031.",
    )
    hz: ClassVar[float] = 10.0

    agents: int = parameter(200, minimum=1, maximum=100_000, text="Birds")
    density: float = parameter(
        0.02, minimum=0.0001, maximum=0.1, text="Birds in a unit of area", unit="1/length²"
    )
    sight: float = parameter(
        10.0, minimum=0.1, maximum=20.0, text="How far a bird sees", unit="length"
    )
    separation: float = parameter(
        2.0, minimum=0.0, maximum=20.0, text="Distance below which others are too close",
        unit="length",
    )  # fmt: skip
    speed: float = parameter(1.0, minimum=0.0, maximum=5.0, text="Way in a tick", unit="length")
    cohere: float = parameter(0.03, minimum=0.0, maximum=1.0, text="Weight of cohesion")
    separate: float = parameter(0.015, minimum=0.0, maximum=1.0, text="Weight of separation")
    match: float = parameter(0.05, minimum=0.0, maximum=1.0, text="Weight of alignment")

    @property
    def side(self) -> float:
        """Of the square."""
        return math.sqrt(self.agents / self.density)

    def begin(self, streams: Streams, clock: Callable[[], int]) -> "BoidsWorld":  # noqa: ARG002
        return BoidsWorld(self, streams)


class BoidsWorld:
    """Where the birds are, and their directions (2, agents)."""

    columns = (
        ColumnInfo("x", "Across", "length"),
        ColumnInfo("y", "Down", "length"),
        ColumnInfo("heading", "Heading", "radians"),
        ColumnInfo("neighbours", "In sight", "birds"),
    )
    model: ModelInfo | None = None

    def __init__(self, scenario: Boids, streams: Streams) -> None:
        self.agents = scenario.agents
        # The page draws cells around whole numbers; one more, and nobody is beyond the last.
        size = math.ceil(scenario.side) + 1
        self.view = View(
            kind="grid",
            width=size,
            height=size,
            color=("heading", "neighbours"),
            sentence="Each dot is a bird that looks at those in sight. The colour is its heading.",
        )
        self._rules = scenario
        self._side = scenario.side
        self._place: Array = streams.environment.random((2, self.agents)) * self._side
        self._direction: Array = streams.environment.random((2, self.agents)) * 2 - 1
        self._stopped = nobody(self.agents)
        self._bodies = Bodies(size, size, self._put)

    def advance(self, number: int) -> Frame:  # noqa: ARG002
        """All look around and turn; then all fly."""
        turn, seen = self._turn()
        social = seen > 0
        turned = self._direction + turn / np.maximum(seen, 1)
        length = np.hypot(turned[0], turned[1])
        # A bird alone keeps its direction as it is, and so does one that is pulled to a standstill.
        before = self._place
        self._direction = np.where(
            social & (length > 0) & ~self._stopped,
            turned / np.where(length > 0, length, 1.0),
            self._direction,
        )
        flown = wrapped(before + self._rules.speed * self._direction, self._side)
        self._place = np.where(self._stopped, before, flown)
        columns = {
            "x": self._place[0].copy(),
            "y": self._place[1].copy(),
            "heading": np.arctan2(self._direction[1], self._direction[0]),
            "neighbours": seen.astype(np.int32),
        }
        heading = columns["heading"]
        order = float(np.hypot(np.cos(heading).mean(), np.sin(heading).mean()))
        aggregates = {"order": order, "neighbours": float(seen.mean())}
        return Frame(columns, aggregates, (), NoMinds())

    def state(self) -> dict[str, Any]:
        return {"place": self._place, "direction": self._direction, **kept_back(self._stopped)}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._place, self._direction = kept(state, "place", "direction")
        self._stopped = held(state, self.agents)

    def perturb(self, agent: int | None, change: Mapping[str, Any]) -> None:
        """As sim.scenarios.bodies has it; who is stopped is seen by the others."""
        self._stopped = self._bodies.change(agent, change, self.agents, self._stopped)

    def _put(self, agent: int, column: int, row: int) -> str | None:
        if max(column, row) >= self._side:
            return f"is beyond the edge of the square, which is {self._side:g} wide"
        self._place = self._place.copy()
        self._place[:, agent] = column, row
        return None

    def _turn(self) -> tuple[Array, Array]:
        """What pulls each bird (2, agents), and how many it sees."""
        rules = self._rules
        near = Nearness(self._place[0], self._place[1], self._side, rules.sight)
        direction = self._direction[:, near.order] * rules.match
        sums = np.zeros((3, self.agents))
        for pairs in near.pairs():
            close = pairs.square < rules.separation**2
            pull = rules.cohere - rules.separate * close
            both, others = np.append(pairs.i, pairs.j), np.append(pairs.j, pairs.i)
            for axis, way in enumerate((pairs.across, pairs.down)):
                towards = pull * way
                add(sums[axis], both, direction[axis][others] + np.append(towards, -towards))
            add(sums[2], both)
        across, down, seen = near.restored(sums)
        return np.stack([across, down]), seen
