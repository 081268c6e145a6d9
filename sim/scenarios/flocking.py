"""Vicsek's model: order out of looking at one's neighbours, and noise that undoes it."""

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
from sim.tick import Column

TURN = 2 * math.pi


@dataclass(frozen=True)
class Flocking(Scenario):
    """Lengths are in radii of sight. All at once, as published: each moves along its heading, and
    takes the mean heading of all that were within sight before, itself among them, with noise."""

    name: ClassVar[str] = "flocking"
    title: ClassVar[str] = "Flocking"
    text: ClassVar[str] = (
        "Each particle takes the mean direction of those near it, with some noise, and goes on at"
        " the same speed, all at once. With little noise all go the same way; with much of it"
        " nobody does. The edges of the square meet."
    )
    references: ClassVar[tuple[str, ...]] = (
        "Vicsek et al. (1995). Novel type of phase transition in a system of self-driven"
        " particles. Physical Review Letters 75(6), 1226-1229.",
    )
    hz: ClassVar[float] = 10.0

    agents: int = parameter(500, minimum=1, maximum=200_000, text="Particles")
    density: float = parameter(
        2.0, minimum=0.01, maximum=12.0, text="Particles in a square as wide as one sees",
        unit="1/radius²",
    )  # fmt: skip
    speed: float = parameter(
        0.1, minimum=0.0, maximum=1.0, text="Way in a tick", unit="radii of sight"
    )
    noise: float = parameter(
        0.6, minimum=0.0, maximum=TURN, text="Width of the noise; 2π is any direction",
        unit="radians",
    )  # fmt: skip

    @property
    def side(self) -> float:
        """Of the square, in radii of sight."""
        return math.sqrt(self.agents / self.density)

    def begin(self, streams: Streams, clock: Callable[[], int]) -> "FlockingWorld":  # noqa: ARG002
        return FlockingWorld(self, streams)


class FlockingWorld:
    """Where all are, and where they head."""

    columns = (
        ColumnInfo("x", "Across", "radii"),
        ColumnInfo("y", "Down", "radii"),
        ColumnInfo("heading", "Heading", "radians"),
        ColumnInfo("neighbours", "Within sight", "particles"),
        ColumnInfo("agreement", "Agreement with those in sight"),
    )
    model: ModelInfo | None = None

    def __init__(self, scenario: Flocking, streams: Streams) -> None:
        self.agents = scenario.agents
        # The page draws cells around whole numbers; one more, and nobody is beyond the last.
        size = math.ceil(scenario.side) + 1
        self.view = View(
            kind="grid",
            width=size,
            height=size,
            color=("heading", "agreement", "neighbours"),
            sentence="Each dot goes where those near it go. The colour is its direction.",
        )
        self._streams = streams
        self._side, self._speed, self._noise = scenario.side, scenario.speed, scenario.noise
        places = streams.environment.random((2, self.agents)) * scenario.side
        self._x: Array = places[0]
        self._y: Array = places[1]
        self._heading: Array = streams.environment.random(self.agents) * TURN
        self._stopped = nobody(self.agents)
        self._bodies = Bodies(size, size, self._put)

    def advance(self, number: int) -> Frame:  # noqa: ARG002
        """All look around, move, and turn."""
        cosine, sine = np.cos(self._heading), np.sin(self._heading)
        across, down, sight = self._mean_direction(cosine, sine)
        noise = (self._streams.environment.random(self.agents) - 0.5) * self._noise
        before = self._x, self._y, self._heading
        self._x = wrapped(self._x + self._speed * cosine, self._side)
        self._y = wrapped(self._y + self._speed * sine, self._side)
        self._heading = wrapped(np.arctan2(down, across) + noise, TURN)
        if self._stopped.any():
            after = self._x, self._y, self._heading
            self._x, self._y, self._heading = np.where(self._stopped, before, after)
        agreement: Array = np.hypot(across, down) / (sight + 1)
        columns: dict[str, Column] = {
            "x": self._x.copy(),
            "y": self._y.copy(),
            "heading": self._heading.copy(),
            "neighbours": sight.astype(np.int32),
            "agreement": agreement,
        }
        aggregates = {
            "order": self._order(),
            "neighbours": float(sight.mean()),
            "agreement": float(agreement.mean()),
        }
        return Frame(columns, aggregates, (), NoMinds())

    def state(self) -> dict[str, Any]:
        own = {"x": self._x, "y": self._y, "heading": self._heading}
        return own | kept_back(self._stopped)

    def restore(self, state: Mapping[str, Any]) -> None:
        self._x, self._y, self._heading = kept(state, "x", "y", "heading")
        self._stopped = held(state, self.agents)

    def perturb(self, agent: int | None, change: Mapping[str, Any]) -> None:
        """As sim.scenarios.bodies has it; who is stopped is seen by the others."""
        self._stopped = self._bodies.change(agent, change, self.agents, self._stopped)

    def _put(self, agent: int, column: int, row: int) -> str | None:
        if max(column, row) >= self._side:
            return f"is beyond the edge of the square, which is {self._side:g} wide"
        self._x, self._y = self._x.copy(), self._y.copy()
        self._x[agent], self._y[agent] = column, row
        return None

    def _mean_direction(self, cosine: Array, sine: Array) -> tuple[Array, Array, Array]:
        """The sum of the directions within sight, the own one among them, and how many others."""
        near = Nearness(self._x, self._y, self._side, 1.0)
        ordered = np.stack([cosine, sine, np.zeros(self.agents)])[:, near.order]
        sums = ordered.copy()
        for pairs in near.pairs():
            both, others = np.append(pairs.i, pairs.j), np.append(pairs.j, pairs.i)
            add(sums[0], both, ordered[0][others])
            add(sums[1], both, ordered[1][others])
            add(sums[2], both)
        across, down, sight = near.restored(sums)
        return across, down, sight

    def _order(self) -> float:
        """Length of the mean direction: 1 where all go the same way."""
        return float(np.hypot(np.cos(self._heading).mean(), np.sin(self._heading).mean()))
