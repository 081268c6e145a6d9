"""The T-maze: look at the cue first, or gamble?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.inference import Rule
from sim.likelihood import Likelihood
from sim.mind import Mind, MindDetail
from sim.model import Array, Integers, Model
from sim.parameters import parameter
from sim.perturbation import Interventions, with_preferences
from sim.policies import Selection
from sim.population import Character, Population, draw, summarize
from sim.random import Streams
from sim.scatter import scatter
from sim.scenario import ColumnInfo, Factor, Frame, Mark, ModelInfo, Scenario, View
from sim.scenarios.columns import impossible_log, mind_columns
from sim.sequences import Sequences

LOCATIONS = ("start", "junction", "left arm", "right arm", "cue")
CONTEXTS = ("reward left", "reward right")
START, JUNCTION, LEFT, RIGHT, CUE = range(5)
PLACES = np.array([(1, 1), (1, 0), (0, 0), (2, 0), (1, 2)], dtype=np.float64).T  # x, y
OUTCOMES = ("nothing", "reward", "loss")
CUES = ("nothing", "left", "right")
MODALITIES = (("location", LOCATIONS), ("outcome", OUTCOMES), ("cue", CUES))
ACTIONS = tuple(f"go to {location}" for location in LOCATIONS)


def next_locations() -> Integers:
    """Where each action leads from each location; who is in an arm stays there."""
    there = np.tile(np.arange(len(LOCATIONS)), (len(LOCATIONS), 1))
    there[[LEFT, RIGHT]] = [[LEFT], [RIGHT]]
    return there


def make_model(cue_validity: float, reward_probability: float, preference: float) -> Model:
    """Joint states: 5 locations × 2 contexts; both contexts are equally likely at first."""
    location = np.repeat(np.eye(5)[:, :, None], 2, axis=2)
    outcome = np.zeros((3, 5, 2))
    outcome[0, [START, JUNCTION, CUE]] = 1.0
    right, wrong = reward_probability, 1 - reward_probability
    outcome[1, [LEFT, RIGHT]] = [[right, wrong], [wrong, right]]
    outcome[2, [LEFT, RIGHT]] = [[wrong, right], [right, wrong]]
    cue = np.zeros((3, 5, 2))
    cue[0, [START, JUNCTION, LEFT, RIGHT]] = 1.0
    cue[1:, CUE] = [[cue_validity, 1 - cue_validity], [1 - cue_validity, cue_validity]]
    moves = (np.arange(5)[:, None, None] == next_locations()).astype(np.float64)
    return Model(
        A=[location, outcome, cue],
        B=[moves, np.eye(2)[:, :, None]],
        C=[np.zeros(5), [0.0, preference, -preference], np.zeros(3)],
        D=[np.eye(5)[START], [0.5, 0.5]],
    )


@dataclass(frozen=True)
class TMaze(Scenario):
    """C is +3 for reward and -3 for loss by default: with a reward probability of .98 a known
    arm is worth 2.88 nats a step, and 5.76 over the two steps of a policy."""

    name: ClassVar[str] = "tmaze"
    title: ClassVar[str] = "T-maze"
    text: ClassVar[str] = (
        "A reward waits in the left or the right arm of a maze. The agent may gamble, or first"
        " visit a cue that tells the side. Nothing but the value of information makes it look."
        " The arms hold whoever enters; a trial begins anew after the last move."
    )
    references: ClassVar[tuple[str, ...]] = (
        "Friston et al. (2015). Active inference and epistemic value."
        " Cognitive Neuroscience 6(4), 187-214.",
        "Parr, Pezzulo & Friston (2022). Active Inference: The Free Energy Principle in Mind,"
        " Brain, and Behavior. MIT Press.",
    )
    hz: ClassVar[float] = 2.0

    agents: int = parameter(100, minimum=1, maximum=100_000, text="Minds, each in its own maze")
    cue_validity: float = parameter(
        1.0, minimum=0.5, maximum=1.0, text="Probability that the cue shows the right side"
    )
    misled: float = parameter(
        0.0, minimum=0.0, maximum=1.0, text="Fraction of cues turned around, unknown to the agents"
    )
    reward_probability: float = parameter(
        0.98, minimum=0.5, maximum=1.0, text="Probability of the reward in the right arm"
    )
    preference: float = parameter(
        3.0, minimum=0.0, maximum=20.0, text="Log-preference for reward; its negative for loss",
        unit="nats",
    )  # fmt: skip
    epistemic: bool = parameter(True, text="Whether information has value to the agents")
    precision: float = parameter(
        16.0, minimum=0.0, maximum=1000.0, text="Precision γ of the policy posterior", unit="1/nat"
    )
    depth: int = parameter(2, minimum=1, maximum=4, text="Steps of a policy", unit="ticks")
    moves: int = parameter(2, minimum=1, maximum=50, text="Moves in a trial", unit="ticks")
    selection: Selection = parameter(
        "best", choices=("best", "sample"), text="Take the best policy, or sample one"
    )
    impossible: Rule = parameter(
        "prior",
        choices=("error", "prior", "uniform"),
        text="Belief after an observation that the model holds to be impossible",
    )

    def begin(self, streams: Streams, clock: Callable[[], int]) -> "TMazeWorld":  # noqa: ARG002
        return TMazeWorld(self, streams)

    def mind(self, preferences: Sequence[Array] | None = None) -> Mind:
        """The agents' model, with its names and policies; `preferences`: another C."""
        model = with_preferences(
            make_model(self.cue_validity, self.reward_probability, self.preference), preferences
        )
        likelihood = Likelihood(model)
        planner = Sequences(model, likelihood, self.depth)
        factors = (Factor("location", LOCATIONS), Factor("context", CONTEXTS))
        info = ModelInfo(factors, MODALITIES, ACTIONS, planner.policies)
        return Mind(model, info, likelihood, planner)


@dataclass(frozen=True, slots=True)
class TMazeDetail:
    """What the minds thought, beside where they truly are."""

    mind: MindDetail
    location: Integers
    context: Integers

    def belief(self, agent: int) -> dict[str, Any]:
        return self.mind.belief(agent)

    def agent(self, agent: int) -> dict[str, Any]:
        return {
            "location": LOCATIONS[self.location[agent]],
            "context": CONTEXTS[self.context[agent]],
            "observation": self.mind.observation(agent),
        }


class TMazeWorld:
    """All agents' mazes; their trials run in step, `moves` + 1 observations each."""

    columns = (
        ColumnInfo("x", "Across", "cells", "number"),
        ColumnInfo("y", "Down", "cells", "number"),
        *mind_columns(ACTIONS),
        ColumnInfo("location", "Location", "", "category", LOCATIONS),
        ColumnInfo("context", "Context", "", "category", CONTEXTS),
        ColumnInfo("won", "Trials won", "trials", "number"),
    )
    view = View(
        kind="grid",
        width=3,
        height=3,
        color=("location", "entropy", "surprise", "reward", "action"),
        marks=(
            Mark(1, 1, "start", "start"),
            Mark(1, 2, "cue", "cue"),
            Mark(0, 0, "left arm", "reward"),
            Mark(2, 0, "right arm", "reward"),
            Mark(0, 1, "", "wall"),
            Mark(2, 1, "", "wall"),
            Mark(0, 2, "", "wall"),
            Mark(2, 2, "", "wall"),
        ),
        sentence=(
            "Each dot is a mind in a T-maze of its own: the reward is left or right, and most"
            " look at the cue below before they choose an arm."
        ),
    )

    def __init__(self, scenario: TMaze, streams: Streams) -> None:
        mind = scenario.mind()
        self.agents = scenario.agents
        self.model = mind.info
        self._streams = streams
        self._period = scenario.moves + 1
        self._population = Population(
            scenario.agents,
            mind,
            Character(
                scenario.precision, scenario.epistemic, scenario.selection, scenario.impossible
            ),
            scenario.mind,
        )
        self._interventions = Interventions(self._population, self)
        valid, misled = scenario.cue_validity, scenario.misled
        validity = valid * (1 - misled) + (1 - valid) * misled
        self._truth = Likelihood(make_model(validity, scenario.reward_probability, 0.0))
        self._seen = mind.likelihood.row(self._truth.outcomes)
        self._reward = np.array([0.0, 1.0, -1.0])[self._truth.outcomes[:, 1]]
        self._next = next_locations()
        self._offset = scatter(scenario.agents)
        self._location: Integers = np.full(scenario.agents, START)
        self._context: Integers = np.zeros(scenario.agents, dtype=np.int64)
        self._won: Integers = np.zeros(scenario.agents, dtype=np.int64)
        self._trials = 0

    def advance(self, number: int) -> Frame:
        """One observation, belief, plan and move of every agent."""
        step = (number - 1) % self._period
        chance = self._streams.environment.random(self.agents)
        if step == 0:
            self._begin_trial(chance)
        truth = self._truth.sample(self._location * 2 + self._context, chance)
        reward = self._reward[truth]
        goes_on = ~self._population.stopped
        thoughts = self._population.think(self._seen[truth], draw(self._streams, self.agents))
        if step == self._period - 1:
            self._won = self._won + (goes_on & (reward > 0))
            self._trials += 1
        x, y = PLACES[:, self._location] + self._offset
        columns = {
            "x": x,
            "y": y,
            **thoughts.columns,
            "reward": reward,
            "location": self._location.astype(np.int32),
            "context": self._context.astype(np.int32),
            "won": self._won.astype(np.int32),
        }
        detail = TMazeDetail(thoughts.detail, self._location, self._context)
        aggregates = {**summarize(columns), **self._measures()}
        moved = self._next[self._location, thoughts.action]
        self._location = np.where(goes_on, moved, self._location)
        return Frame(columns, aggregates, impossible_log(thoughts.impossible), detail)

    @property
    def places(self) -> Sequence[str]:
        """Where an agent can be moved to."""
        return LOCATIONS

    def move(self, those: NDArray[np.bool_], place: int) -> None:
        """They are there before the next tick."""
        self._location = np.where(those, place, self._location)

    def begin_anew(self, those: NDArray[np.bool_]) -> None:
        """They are at the start of the maze, in the middle of the others' trial."""
        self._location = np.where(those, START, self._location)

    def perturb(self, agent: int | None, change: Mapping[str, Any]) -> None:
        """As sim.perturbation has it."""
        self._interventions.make(agent, change)

    def state(self) -> dict[str, Any]:
        return {
            "location": self._location,
            "context": self._context,
            "won": self._won,
            "trials": self._trials,
            "population": self._population.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._location = np.array(state["location"])
        self._context = np.array(state["context"])
        self._won = np.array(state["won"])
        self._trials = int(state["trials"])
        self._population.restore(state["population"])

    def _begin_trial(self, chance: Array) -> None:
        """The same number draws the context and, at the start, an observation that is certain."""
        begins = ~self._population.stopped
        self._context = np.where(begins, (chance >= 0.5).astype(np.int64), self._context)
        self._location = np.where(begins, START, self._location)
        self._population.forget(begins)

    def _measures(self) -> dict[str, float]:
        won = self._won.sum() / max(self._trials * self.agents, 1)
        arms = np.array([LEFT, RIGHT])[self._context]
        return {
            "trials": float(self._trials),
            "reward_rate": float(won),
            "at_cue": float((self._location == CUE).mean()),
            "in_right_arm": float((self._location == arms).mean()),
        }
