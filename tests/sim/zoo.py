"""T-mazes with all kinds of minds: alike, learning, approximate, and with behaviour in Python."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.behaviour import Acting, Agent
from sim.individuals import Individuals
from sim.learning import Knowledge, Learning
from sim.likelihood import Likelihood
from sim.mean_field import MeanField
from sim.mind import Mind
from sim.model import Array, Integers
from sim.own_models import OwnModels
from sim.parameters import parameter
from sim.perturbation import Interventions
from sim.policies import Draws
from sim.population import Character, Population, summarize
from sim.random import Streams
from sim.scenario import ColumnInfo, Frame, Scenario, View
from sim.scenarios.columns import mind_columns
from sim.scenarios.tmaze import ACTIONS, LOCATIONS, START, TMaze, make_model, next_locations
from sim.society import Alike, Member, Society

ALIKE, LEARNING, APPROXIMATE, ACTING = ([0, 4], [1, 5], [2, 6], [3, 7])
TRIAL = 3  # ticks


class Cautious(Agent):
    """Looks at the cue until it knows, and counts how often it looked."""

    def __init__(self) -> None:
        self.looks = 0

    def act(self, observation: Mapping[str, str | None], belief: Mapping[str, Array]) -> str | int:
        left = float(belief["context"][0])
        if max(left, 1 - left) < 0.9:
            self.looks += 1
            return "go to cue"
        return "go to left arm" if left > 0.5 else "go to right arm"


@dataclass(frozen=True)
class Zoo(Scenario):
    """Two agents of each kind."""

    name: ClassVar[str] = "zoo"
    title: ClassVar[str] = "Zoo"
    text: ClassVar[str] = "All kinds of minds."
    references: ClassVar[tuple[str, ...]] = ()
    hz: ClassVar[float] = 200.0

    cue_validity: float = parameter(0.9, minimum=0.5, maximum=1.0, text="Of the cue")

    def begin(self, streams: Streams, clock: Callable[[], int]) -> "ZooWorld":
        return ZooWorld(self, streams)


class ZooWorld:
    """Their mazes, side by side."""

    agents = 8
    columns = (ColumnInfo("x", "Across"), ColumnInfo("y", "Down"), *mind_columns(ACTIONS),
               ColumnInfo("gap", "Gap", "nats"))  # fmt: skip
    view = View("grid", 8, 5, color=("action", "entropy"), sentence="All kinds of minds.")

    def __init__(self, scenario: Zoo, streams: Streams) -> None:
        model = make_model(scenario.cue_validity, 0.98, 3.0)
        maze = TMaze(cue_validity=scenario.cue_validity)

        def mind(preferences: Sequence[Array] | None = None) -> Mind:
            return maze.mind(preferences)

        self.model = mind().info
        character = Character()
        taught = Individuals(
            2, OwnModels([model] * 2), self.model, character, 2, Knowledge(model, 2, Learning())
        )
        vague = Individuals(2, MeanField(model), self.model, character, 2)
        actors = Acting([Cautious(), Cautious()], mind(), character, mind)
        self.society = Society(
            [
                Member(ALIKE, Alike(Population(2, mind(), character, mind))),
                Member(LEARNING, taught),
                Member(APPROXIMATE, vague),
                Member(ACTING, Alike(actors)),
            ]
        )
        self._interventions = Interventions(self.society, self)
        self._streams, self._truth = streams, Likelihood(model)
        self._location: Integers = np.full(self.agents, START)
        self._context: Integers = np.zeros(self.agents, dtype=np.int64)

    def advance(self, number: int) -> Frame:
        chance = self._streams.environment.random((2, self.agents))
        goes_on = ~self.society.stopped
        if number % TRIAL == 1:
            self._location = np.where(goes_on, START, self._location)
            self._context = np.where(goes_on, (chance[0] < 0.5).astype(np.int64), self._context)
            self.society.forget(goes_on)
        rows = self._truth.sample(self._location * 2 + self._context, chance[1])
        outcomes = self._truth.outcomes[rows]
        draws = Draws(
            self._streams.action.random(self.agents), self._streams.ties.random(self.agents)
        )
        considered = self.society.think(outcomes, draws)
        columns = {
            "x": np.arange(8.0), "y": self._location.astype(np.float64), **considered.columns,
            "reward": (outcomes[:, 1] == 1).astype(np.float64),
        }  # fmt: skip
        moved = next_locations()[self._location, considered.action]
        self._location = np.where(goes_on, moved, self._location)
        return Frame(columns, summarize(columns), (), _Detail(considered.detail))

    def state(self) -> dict[str, Any]:
        return {
            "location": self._location, "context": self._context, "society": self.society.state()
        }  # fmt: skip

    def restore(self, state: Mapping[str, Any]) -> None:
        self._location, self._context = np.array(state["location"]), np.array(state["context"])
        self.society.restore(state["society"])

    @property
    def places(self) -> Sequence[str]:
        return LOCATIONS

    def perturb(self, agent: int | None, change: Mapping[str, Any]) -> None:
        self._interventions.make(agent, change)

    def move(self, those: NDArray[np.bool_], place: int) -> None:
        self._location = np.where(those, place, self._location)

    def begin_anew(self, those: NDArray[np.bool_]) -> None:
        self.move(those, START)


class _Detail:
    """The society's, as a world gives it."""

    def __init__(self, detail: Any) -> None:
        self.belief = detail.belief
        self._observation = detail.observation

    def agent(self, agent: int) -> dict[str, Any]:
        return {"observation": self._observation(agent)}
