"""Moths that look for the light: a small scenario of minds, to begin your own with.

Serve it: stagewatch serve --run FILE:Moths
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.likelihood import Likelihood
from sim.mind import Mind, MindDetail
from sim.model import Integers, Model
from sim.parameters import parameter
from sim.perturbation import Interventions
from sim.population import Character, Population, draw, summarize
from sim.random import Streams
from sim.scenario import ColumnInfo, Factor, Frame, Mark, ModelInfo, Scenario, View
from sim.scenarios.columns import mind_columns
from sim.sequences import Sequences

PLACES = ("left", "middle", "right")
LIGHTS = ("light left", "light right")
BRIGHTNESS = ("dark", "bright")
ACTIONS = ("fly left", "stay", "fly right")
MIDDLE = 1


def make_model(clarity: float, longing: float) -> Model:
    """What each moth takes the world to be: a place that it controls, and where the light is.

    A: outcomes × places × lights; B: next × current × action; C: log-preferences; D: at first.
    """
    place = np.repeat(np.eye(3)[:, :, None], 2, axis=2)
    bright = np.array([[clarity, 1 - clarity], [0.5, 0.5], [1 - clarity, clarity]])
    moves = np.zeros((3, 3, 3))
    for action, step in enumerate((-1, 0, 1)):
        moves[np.clip(np.arange(3) + step, 0, 2), np.arange(3), action] = 1.0
    return Model(
        A=[place, np.stack([1 - bright, bright])],
        B=[moves, np.eye(2)[:, :, None]],
        C=[np.zeros(3), [0.0, longing]],
        D=[np.eye(3)[MIDDLE], [0.5, 0.5]],
    )


@dataclass(frozen=True)
class Moths(Scenario):
    """Each field is a parameter: of the form on the page, and a flag of the command line."""

    name: ClassVar[str] = "moths"
    title: ClassVar[str] = "Moths"
    text: ClassVar[str] = "Moths long for brightness, and do not know on which side the light is."
    references: ClassVar[tuple[str, ...]] = ()
    hz: ClassVar[float] = 4.0

    agents: int = parameter(60, minimum=1, maximum=100_000, text="Moths")
    clarity: float = parameter(0.8, minimum=0.5, maximum=1.0, text="Chance that light looks bright")
    longing: float = parameter(2.0, minimum=0.0, maximum=20.0, text="For brightness", unit="nats")
    night: int = parameter(20, minimum=1, maximum=1000, text="Until the light moves", unit="ticks")

    def begin(self, streams: Streams, clock: Callable[[], int]) -> "MothWorld":  # noqa: ARG002
        return MothWorld(self, streams)


@dataclass(frozen=True, slots=True)
class MothDetail:
    """What the page shows of a single moth."""

    mind: MindDetail
    light: Integers

    def belief(self, agent: int) -> dict[str, Any]:
        return self.mind.belief(agent)

    def agent(self, agent: int) -> dict[str, Any]:
        return {
            "light": LIGHTS[self.light[agent]],
            "observation": self.mind.observation(agent),
        }


class MothWorld:
    """All moths at once, as arrays with one entry a moth."""

    columns = (
        ColumnInfo("x", "Across", "cells"),
        ColumnInfo("y", "Down", "cells"),
        *mind_columns(ACTIONS),
        ColumnInfo("place", "Place", kind="category", labels=PLACES),
    )

    def __init__(self, scenario: Moths, streams: Streams) -> None:
        model = make_model(scenario.clarity, scenario.longing)
        self._likelihood = Likelihood(model)
        planner = Sequences(model, self._likelihood, depth=2)
        self.model = ModelInfo(
            (Factor("place", PLACES), Factor("light", LIGHTS)),
            (("place", PLACES), ("brightness", BRIGHTNESS)),
            ACTIONS,
            planner.policies,
        )
        mind = Mind(model, self.model, self._likelihood, planner)
        self._population = Population(scenario.agents, mind, Character())
        self._interventions = Interventions(self._population, self)
        self._streams, self._night = streams, scenario.night
        self.agents = scenario.agents
        self._row = np.arange(self.agents) // 3 % 20
        self._place: Integers = np.full(self.agents, MIDDLE)
        self._light: Integers = np.zeros(self.agents, dtype=np.int64)
        self.view = View(
            "grid", 9, 20, color=("place", "entropy", "surprise"),
            marks=(Mark(1, 0, "left", "reward"), Mark(7, 0, "right", "reward")),
            sentence="Each dot is a moth that flies to where it believes the light to be.",
        )  # fmt: skip

    def advance(self, number: int) -> Frame:
        """The moths see, believe, decide, and fly."""
        chance = self._streams.environment.random((2, self.agents))
        if (number - 1) % self._night == 0:
            self._light = (chance[0] < 0.5).astype(np.int64)
            self._population.forget(np.ones(self.agents, dtype=np.bool_))
            self._place = np.full(self.agents, MIDDLE)
        seen = self._likelihood.sample(self._place * len(LIGHTS) + self._light, chance[1])
        thoughts = self._population.think(seen, draw(self._streams, self.agents))
        found = np.where(self._light == 0, 0, 2) == self._place
        columns = {
            "x": 1.0 + 3.0 * self._place + 0.4 * (np.arange(self.agents) % 3 - 1),
            "y": self._row.astype(np.float64),
            **thoughts.columns,
            "reward": found.astype(np.float64),
            "place": self._place.astype(np.int32),
        }
        aggregates = {**summarize(columns), "at_light": float(found.mean())}
        detail = MothDetail(thoughts.detail, self._light)
        flown = np.clip(self._place + thoughts.action - 1, 0, 2)
        self._place = np.where(self._population.stopped, self._place, flown)
        return Frame(columns, aggregates, (), detail)

    def state(self) -> dict[str, Any]:
        """All that decides what comes: it is hashed, recorded, and gone on from."""
        population = self._population.state()
        return {"place": self._place, "light": self._light, "population": population}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._place, self._light = np.array(state["place"]), np.array(state["light"])
        self._population.restore(state["population"])

    # What somebody may change while it runs, as sim.perturbation has it.

    @property
    def places(self) -> Sequence[str]:
        return PLACES

    def perturb(self, agent: int | None, change: Mapping[str, Any]) -> None:
        self._interventions.make(agent, change)

    def move(self, those: NDArray[np.bool_], place: int) -> None:
        self._place = np.where(those, place, self._place)

    def begin_anew(self, those: NDArray[np.bool_]) -> None:
        self.move(those, MIDDLE)
