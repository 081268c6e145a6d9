"""Wolves eat sheep, sheep eat grass, grass grows back (Wilensky 1997)."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.lattice import Lattice, Neighbourhood
from sim.model import Array, Integers
from sim.parameters import parameter
from sim.random import Streams
from sim.scenario import ColumnInfo, Frame, ModelInfo, Scenario, View
from sim.scenarios.bodies import Bodies, nobody
from sim.scenarios.plain import NoMinds
from sim.tick import Column, Log
from sim.turns import take_in_turn

MOST_ANIMALS = 500_000
KINDS = ("sheep", "wolf")
SHEEP, WOLF = range(2)
SENTENCE = (
    "Sheep eat grass, wolves eat sheep, and what is eaten grows back. Watch the numbers: more"
    " sheep, then more wolves, then fewer sheep, then fewer wolves."
)


class CrowdedError(Exception):
    """There are more animals than a run may hold."""

    def __init__(self, animals: int, tick: int) -> None:
        super().__init__(
            f"in tick {tick} there are {animals} animals; {MOST_ANIMALS} at most: let them gain"
            " less, breed less, or graze on a smaller grid"
        )


@dataclass(frozen=True)
class WolfSheep(Scenario):
    """By the definition of the ABM Frameworks Comparison: in random order, all sheep before all
    wolves. `seek` is how they walk in Mesa's example."""

    name: ClassVar[str] = "wolf_sheep"
    title: ClassVar[str] = "Wolves and sheep"
    text: ClassVar[str] = (
        "Animals walk on a torus of cells. A step costs energy; a sheep gains some from grown"
        " grass, a wolf from a sheep. Who runs out of it dies; who breeds shares it with its"
        " young. In each tick first the sheep act, one after the other in random order, then the"
        " wolves. Both rise and fall, the wolves after the sheep."
    )
    references: ClassVar[tuple[str, ...]] = (
        "Wilensky (1997). NetLogo Wolf Sheep Predation model. Center for Connected Learning and"
        " Computer-Based Modeling, Northwestern University, Evanston, IL.",
        "Datseris, Vahdati & DuBois (2024). Agents.jl: a performant and feature-full agent-based"
        " modeling software of minimal code complexity. Simulation 100(10), 1019-1031.",
    )
    hz: ClassVar[float] = 10.0

    agents: int = parameter(400, minimum=0, maximum=100_000, text="Animals at the start")
    wolves: float = parameter(0.33, minimum=0.0, maximum=1.0, text="Share of the wolves among them")
    rows: int = parameter(50, minimum=3, maximum=400, text="Height of the grid", unit="cells")
    columns: int = parameter(50, minimum=3, maximum=400, text="Width of the grid", unit="cells")
    neighbourhood: Neighbourhood = parameter(
        "moore", choices=("moore", "von_neumann"), text="Where a step leads"
    )
    seek: bool = parameter(
        False,
        text="Whether sheep step away from wolves and to grass, and wolves to sheep, instead of"
        " anywhere",
    )
    sheep_gain: float = parameter(5.0, minimum=0.0, maximum=100.0, text="Energy from grass")
    wolf_gain: float = parameter(13.0, minimum=0.0, maximum=100.0, text="Energy from a sheep")
    sheep_breed: float = parameter(
        0.4, minimum=0.0, maximum=1.0, text="Chance of a sheep to breed in a tick"
    )
    wolf_breed: float = parameter(
        0.2, minimum=0.0, maximum=1.0, text="Chance of a wolf to breed in a tick"
    )
    regrowth: int = parameter(
        10, minimum=1, maximum=1000, text="Time until eaten grass has grown", unit="ticks"
    )

    def begin(self, streams: Streams, clock: Callable[[], int]) -> "WolfSheepWorld":  # noqa: ARG002
        return WolfSheepWorld(self, streams)


@dataclass(frozen=True, slots=True)
class Herd:
    """Animals, each with its kind, cell and energy; `number` counts all that were ever born."""

    kind: NDArray[np.int32]
    place: Integers
    energy: Array
    number: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.kind)

    def where(self, those: NDArray[Any] | slice) -> "Herd":
        return Herd(self.kind[those], self.place[those], self.energy[those], self.number[those])

    def joined(self, others: "Herd") -> "Herd":
        return Herd(
            np.concatenate((self.kind, others.kind)),
            np.concatenate((self.place, others.place)),
            np.concatenate((self.energy, others.energy)),
            np.concatenate((self.number, others.number)),
        )

    def parts(self) -> dict[str, NDArray[Any]]:
        return {
            "kind": self.kind, "place": self.place, "energy": self.energy, "number": self.number,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chances:
    """One random number per animal and purpose; the turn comes to the lowest first."""

    turn: Array
    step: Array
    breed: Array

    def where(self, those: slice) -> "Chances":
        return Chances(self.turn[those], self.step[those], self.breed[those])


class WolfSheepWorld:
    """The herd has the sheep first, then the wolves, each in the order of their birth."""

    columns = (
        ColumnInfo("x", "Column", "cells"),
        ColumnInfo("y", "Row", "cells"),
        ColumnInfo("kind", "Kind", kind="category", labels=KINDS),
        ColumnInfo("energy", "Energy"),
        ColumnInfo("number", "Number at birth"),
    )
    model: ModelInfo | None = None

    def __init__(self, scenario: WolfSheep, streams: Streams) -> None:
        self.view = View(
            "grid", scenario.columns, scenario.rows, color=("kind", "energy"), sentence=SENTENCE
        )
        self._rules, self._streams = scenario, streams
        self._lattice = Lattice(scenario.rows, scenario.columns, scenario.neighbourhood, torus=True)
        random = streams.environment
        agents, cells = scenario.agents, self._lattice.cells
        wolves = math.floor(scenario.wolves * agents + 0.5)
        kind = (np.arange(agents) >= agents - wolves).astype(np.int32)
        place = (random.random(agents) * cells).astype(np.int64)
        energy = random.random(agents) * 2 * np.where(kind, scenario.wolf_gain, scenario.sheep_gain)
        self._herd = Herd(kind, place, energy, np.arange(agents, dtype=np.int32))
        self._born = agents
        self._bodies = Bodies(scenario.columns, scenario.rows, self._put, can_stop=False)
        # The tick in which a cell's grass is there; half of it is from the beginning.
        chance, wait = random.random((2, cells))
        self._grown = np.where(chance < 0.5, 0, 1 + (wait * scenario.regrowth).astype(np.int64))

    @property
    def agents(self) -> int:
        """As many as are alive."""
        return len(self._herd)

    def advance(self, number: int) -> Frame:
        """The sheep's turn, and the wolves'."""
        before = np.bincount(self._herd.kind, minlength=2)
        chances = Chances(
            self._streams.order.random(self.agents),
            self._streams.action.random(self.agents),
            self._streams.environment.random(self.agents),
        )
        sheep, wolves = slice(None, before[SHEEP]), slice(before[SHEEP], None)
        flock = self._graze(self._herd.where(sheep), chances.where(sheep), number)
        pack, flock = self._hunt(self._herd.where(wolves), chances.where(wolves), flock)
        self._herd = flock.joined(pack)
        if self.agents > MOST_ANIMALS:
            raise CrowdedError(self.agents, number)
        return self._frame(before, number)

    def state(self) -> dict[str, Any]:
        return {**self._herd.parts(), "grown": self._grown, "born": self._born}

    def restore(self, state: Mapping[str, Any]) -> None:
        names = ("kind", "place", "energy", "number")
        self._herd = Herd(*(np.array(state[name]) for name in names))
        self._grown = np.array(state["grown"])
        self._born = int(state["born"])

    def perturb(self, agent: int | None, change: Mapping[str, Any]) -> None:
        """`{"move": cell}` of the animal in this row of the last tick, as sim.scenarios.bodies has
        it."""
        self._bodies.change(agent, change, self.agents, nobody(self.agents))

    def _put(self, agent: int, column: int, row: int) -> None:
        place = self._herd.place.copy()
        place[agent] = row * self._lattice.columns + column
        self._herd = replace(self._herd, place=place)

    def _graze(self, flock: Herd, chances: Chances, number: int) -> Herd:
        """Who lives after all sheep have stepped and eaten, with the young behind."""
        grass = (self._grown <= number).astype(np.int64)
        options = self._lattice.neighbours[flock.place]
        if not self._rules.seek:
            allowed = np.ones(options.shape, dtype=bool)
        else:
            safe = np.ones(self._lattice.cells, dtype=bool)
            safe[self._herd.place[len(flock) :]] = False
            allowed = safe[options]
            # Who is surrounded stays.
            caught = ~np.logical_or.reduce(allowed, axis=1)
            if caught.any():
                options[caught], allowed[caught] = flock.place[caught, None], True
        places, eats = self._step(options, allowed, grass, chances)
        self._grown[places[eats]] = number + self._rules.regrowth + 1
        energy = flock.energy - 1 + self._rules.sheep_gain * eats
        moved = Herd(flock.kind, places, energy, flock.number)
        return self._bred(moved, chances.breed < self._rules.sheep_breed)

    def _hunt(self, pack: Herd, chances: Chances, flock: Herd) -> tuple[Herd, Herd]:
        """The wolves that live after all have stepped and eaten, and the sheep that are left."""
        cells = self._lattice.cells
        prey = np.bincount(flock.place, minlength=cells)
        options = self._lattice.neighbours[pack.place]
        places, eats = self._step(options, np.ones(options.shape, dtype=bool), prey, chances)
        # As many sheep of each cell as wolves ate there, whichever stand first at random.
        standing = self._streams.ties.random(len(flock))
        if eats.any():
            eaten = np.bincount(places[eats], minlength=cells)
            line = np.lexsort((standing, flock.place))
            place = flock.place[line]
            rank = np.arange(len(line)) - np.searchsorted(place, place)
            flock = flock.where(np.sort(line[rank >= eaten[place]]))
        energy = pack.energy - 1 + self._rules.wolf_gain * eats
        moved = Herd(pack.kind, places, energy, pack.number)
        return self._bred(moved, chances.breed < self._rules.wolf_breed), flock

    def _step(
        self, options: Integers, allowed: NDArray[np.bool_], food: Integers, chances: Chances
    ) -> tuple[Integers, NDArray[np.bool_]]:
        """Where each goes when its turn comes, and whether it eats there."""
        if not self._rules.seek:
            way = (chances.step * options.shape[1]).astype(np.int64)
            options = options[np.arange(len(options)), way][:, None]
            allowed = np.ones(options.shape, dtype=bool)
        turn = chances.turn.argsort(kind="stable")
        found = take_in_turn(options[turn], allowed[turn], food, chances.step[turn])
        places, eats = np.empty(len(turn), np.int64), np.empty(len(turn), np.bool_)
        places[turn], eats[turn] = found
        return places, eats

    def _bred(self, animals: Herd, breeds: NDArray[np.bool_]) -> Herd:
        """Those that still have energy; a parent gives half of it to its young."""
        alive = animals.energy >= 0
        breeds = breeds & alive
        energy = np.where(breeds, animals.energy / 2, animals.energy)
        (parents,), (living,) = breeds.nonzero(), alive.nonzero()
        both = np.concatenate((living, parents))
        number = animals.number[both]
        number[len(living) :] = np.arange(self._born, self._born + len(parents))
        self._born += len(parents)
        return Herd(animals.kind[both], animals.place[both], energy[both], number)

    def _frame(self, before: Integers, number: int) -> Frame:
        herd = self._herd
        now = np.bincount(herd.kind, minlength=2)
        x, y = self._lattice.coordinates(herd.place)
        columns: dict[str, Column] = {
            "x": x,
            "y": y,
            "kind": herd.kind.copy(),
            "energy": herd.energy.copy(),
            "number": herd.number.copy(),
        }
        aggregates = {
            "sheep": float(now[SHEEP]),
            "wolves": float(now[WOLF]),
            "grass": np.count_nonzero(self._grown <= number + 1) / self._lattice.cells,
            "born": float(self._born),
        }
        log = tuple(
            Log("extinct", {"kind": name, "tick": number})
            for name, was, many in zip(KINDS, before, now, strict=True)
            if was and not many
        )
        return Frame(columns, aggregates, log, NoMinds())
