"""Segregation that nobody wants: those with too few like neighbours move away (Schelling 1971)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from sim.lattice import Lattice
from sim.model import Array, Integers
from sim.parameters import ParameterError, parameter
from sim.random import Streams
from sim.scenario import ColumnInfo, Frame, ModelInfo, Scenario, View
from sim.scenarios.bodies import Bodies, held, kept_back, nobody
from sim.tick import Column, Log

KINDS = ("majority", "minority")
NOBODY = -1
SENTENCE = (
    "Each dot lives among neighbours. Who has too few of its own kind moves to an empty place."
    " Modest wishes are enough to part the two kinds."
)
Measure = Literal["number", "share"]


@dataclass(frozen=True)
class Schelling(Scenario):
    """By the definition of the ABM Frameworks Comparison and of Mesa's example: all are judged
    together, and then the unhappy move one after the other, in random order."""

    name: ClassVar[str] = "schelling"
    title: ClassVar[str] = "Schelling's segregation"
    text: ClassVar[str] = (
        "Two kinds live on a grid with empty cells. Whoever has fewer like neighbours than it"
        " wants moves to a random empty cell, in random order; then all are judged anew,"
        " together. The kinds part far more than anybody wants."
    )
    references: ClassVar[tuple[str, ...]] = (
        "Schelling (1971). Dynamic models of segregation. Journal of Mathematical Sociology 1(2),"
        " 143-186.",
        "Datseris, Vahdati & DuBois (2024). Agents.jl: a performant and feature-full agent-based"
        " modeling software of minimal code complexity. Simulation 100(10), 1019-1031.",
    )
    hz: ClassVar[float] = 5.0

    agents: int = parameter(
        0, minimum=0, maximum=122_500, text="Agents; 0: as many as the density asks for"
    )
    rows: int = parameter(20, minimum=8, maximum=350, text="Height of the grid", unit="cells")
    columns: int = parameter(20, minimum=8, maximum=350, text="Width of the grid", unit="cells")
    density: float = parameter(
        0.8, minimum=0.01, maximum=0.99, text="Share of the cells that are lived in"
    )
    minority: float = parameter(
        0.5, minimum=0.0, maximum=1.0, text="Chance of an agent to be of the minority"
    )
    homophily: float = parameter(
        3.0, minimum=0.0, maximum=48.0, text="Like neighbours that an agent wants at least"
    )
    measure: Measure = parameter(
        "number",
        choices=("number", "share"),
        text="Whether homophily is a number of neighbours, or a share of them (0 to 1)",
    )
    radius: int = parameter(
        1, minimum=1, maximum=3, text="How far neighbours live (Moore)", unit="cells"
    )
    torus: bool = parameter(False, text="Whether opposite edges of the grid meet")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.measure == "share" and self.homophily > 1:
            raise ParameterError("homophily", self.homophily, "a share from 0 to 1")
        most = self.rows * self.columns - 1
        if self.population > most:
            allowed = f"at most {most}, so that a cell of the {self.rows} × {self.columns} is empty"
            raise ParameterError("agents", self.population, allowed)

    @property
    def population(self) -> int:
        """How many agents there are, at least one."""
        return self.agents or max(1, round(self.density * self.rows * self.columns))

    def begin(self, streams: Streams, clock: Callable[[], int]) -> "SchellingWorld":  # noqa: ARG002
        return SchellingWorld(self, streams)


@dataclass(frozen=True, slots=True)
class Resident:
    """Who lives where, and among whom; residents have no mind."""

    kind: NDArray[np.int32]
    like: Integers
    near: Integers

    def belief(self, agent: int) -> dict[str, Any]:  # noqa: ARG002
        return {}

    def agent(self, agent: int) -> dict[str, Any]:
        return {
            "kind": KINDS[self.kind[agent]],
            "like neighbours": int(self.like[agent]),
            "neighbours": int(self.near[agent]),
        }


class SchellingWorld:
    """One cell per agent, in `place`; `empty` lists the cells that nobody lives in."""

    columns = (
        ColumnInfo("x", "Column", "cells"),
        ColumnInfo("y", "Row", "cells"),
        ColumnInfo("kind", "Kind", kind="category", labels=KINDS),
        ColumnInfo("happy", "Happy", kind="flag"),
        ColumnInfo("like", "Like neighbours"),
        ColumnInfo("segregation", "Share of like neighbours"),
    )
    model: ModelInfo | None = None

    def __init__(self, scenario: Schelling, streams: Streams) -> None:
        self.agents = scenario.population
        self.view = View(
            "grid",
            scenario.columns,
            scenario.rows,
            color=("kind", "happy", "segregation"),
            sentence=SENTENCE,
        )
        self._lattice = Lattice(
            scenario.rows, scenario.columns, radius=scenario.radius, torus=scenario.torus
        )
        self._homophily, self._by_share = scenario.homophily, scenario.measure == "share"
        self._streams = streams
        cells = np.argsort(streams.environment.random(self._lattice.cells), kind="stable")
        self._place, self._empty = cells[: self.agents], cells[self.agents :]
        chance = streams.environment.random(self.agents)
        self._kind = (chance < scenario.minority).astype(np.int32)
        self._stopped = nobody(self.agents)
        self._bodies = Bodies(scenario.columns, scenario.rows, self._put)
        self._judge()

    def advance(self, number: int) -> Frame:
        """The unhappy move; then everybody looks around."""
        order, chance = (
            self._streams.order.random(self.agents),
            self._streams.action.random(self.agents),
        )
        unhappy = np.flatnonzero(~self._happy & ~self._stopped)
        if len(unhappy):
            unhappy = unhappy[np.argsort(order[unhappy], kind="stable")]
            self._move(unhappy, (chance[unhappy] * len(self._empty)).astype(np.int64))
            self._judge()
        settled = len(unhappy) > 0 and bool(self._happy.all())
        log = (Log("settled", {"tick": number}),) if settled else ()
        segregation = self._like / np.maximum(self._near, 1)
        x, y = self._lattice.coordinates(self._place)
        columns: dict[str, Column] = {
            "x": x,
            "y": y,
            "kind": self._kind,
            "happy": self._happy,
            "like": self._like.astype(np.int32),
            "segregation": segregation,
        }
        aggregates = {
            "happy": float(self._happy.mean()),
            "moved": float(len(unhappy)),
            "segregation": self._segregation(segregation),
        }
        return Frame(columns, aggregates, log, Resident(self._kind, self._like, self._near))

    def state(self) -> dict[str, Any]:
        own = {"place": self._place, "kind": self._kind, "empty": self._empty}
        return own | kept_back(self._stopped)

    def restore(self, state: Mapping[str, Any]) -> None:
        self._place = np.array(state["place"])
        self._kind = np.array(state["kind"])
        self._empty = np.array(state["empty"])
        self._stopped = held(state, self.agents)
        self._judge()

    def perturb(self, agent: int | None, change: Mapping[str, Any]) -> None:
        """As sim.scenarios.bodies has it, into empty cells; who is stopped stays where it is."""
        self._stopped = self._bodies.change(agent, change, self.agents, self._stopped)

    def _put(self, agent: int, column: int, row: int) -> str | None:
        cell = row * self._lattice.columns + column
        found = np.flatnonzero(self._empty == cell)
        if not len(found):
            return f"is a cell that somebody lives in: {column},{row}"
        self._place, self._empty = self._place.copy(), self._empty.copy()
        self._empty[found[0]], self._place[agent] = self._place[agent], cell
        self._judge()
        return None

    def _move(self, movers: Integers, choices: Integers) -> None:
        """One after the other each mover takes the empty cell at its choice, and leaves its own
        there: those with the same choice hand it on like a chain."""
        place, empty = self._place.copy(), self._empty.copy()
        turn = np.argsort(choices, kind="stable")
        movers, choices = movers[turn], choices[turn]
        first = np.r_[True, choices[1:] != choices[:-1]]
        left = self._place[movers]
        place[movers] = np.where(first, empty[choices], np.r_[0, left[:-1]])
        last = np.r_[first[1:], True]
        empty[choices[last]] = left[last]
        self._place, self._empty = place, empty

    def _judge(self) -> None:
        """Count everybody's neighbours and the like ones among them."""
        kinds = np.full(self._lattice.cells + 1, NOBODY, dtype=np.int8)
        kinds[self._place] = self._kind
        around = kinds[self._lattice.neighbours[self._place]]
        self._like: Integers = (around == self._kind[:, None]).sum(axis=1)
        self._near: Integers = (around != NOBODY).sum(axis=1)
        # Who has no neighbours has no share of like ones: it wants to move unless nothing is asked.
        reached: Array | Integers = self._like
        if self._by_share:
            reached = self._like / np.maximum(self._near, 1)
        self._happy: NDArray[np.bool_] = reached >= self._homophily

    def _segregation(self, share: Array) -> float:
        """The mean share of like neighbours over those who have any."""
        social = self._near > 0
        return float(share[social].mean()) if social.any() else 0.0
