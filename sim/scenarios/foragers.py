"""Epistemic foraging: a cue tells where a second cue is, and that one where the reward is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from sim.foraging import FIRST_CUES, OUTCOMES, PLACES, REWARDS, SECOND_CUES, Places, make_model
from sim.grid import ACTIONS, Grid
from sim.inference import Rule
from sim.likelihood import Likelihood
from sim.mind import Mind, MindDetail
from sim.model import Array, Integers
from sim.parameters import parameter
from sim.perturbation import Interventions, with_preferences
from sim.policies import Selection
from sim.population import Character, Population, Thoughts, draw, summarize
from sim.random import Streams
from sim.routes import RoutePlanner
from sim.scatter import scatter
from sim.scenario import ColumnInfo, Factor, Frame, ModelInfo, Scenario, View
from sim.scenarios.columns import impossible_log, mind_columns

KNOWLEDGE = ("nothing", "the second cue's place", "the reward's place")
CERTAIN = 0.99
SENTENCE = (
    "Each dot is a mind looking for its reward: the first cue tells it which of four places holds"
    " the second cue, and that one which of two places holds the reward. Nobody told it to ask."
)
Start = Literal["anywhere", "corner"]


@dataclass(frozen=True)
class Foragers(Scenario):
    """Policies are routes to every cell (`sim.routes`): sequences of single moves that reach
    across the grid would be 5^10. A search ends at either place of the reward, or after `moves`."""

    name: ClassVar[str] = "foragers"
    title: ClassVar[str] = "Foragers"
    text: ClassVar[str] = (
        "Minds on a grid look for a reward whose place they do not know. The first cue tells where"
        " the second one is, the second where the reward is. What makes them ask first, and in"
        " that order, is the epistemic value of their policies alone. Who finds it starts anew."
    )
    references: ClassVar[tuple[str, ...]] = (
        "Heins et al. (2022). pymdp: A Python library for active inference in discrete state"
        " spaces. Journal of Open Source Software 7(73), 4098.",
    )
    hz: ClassVar[float] = 5.0

    agents: int = parameter(150, minimum=1, maximum=20_000, text="Minds, each with its own search")
    rows: int = parameter(5, minimum=5, maximum=12, text="Height of the grid", unit="cells")
    columns: int = parameter(7, minimum=7, maximum=20, text="Width of the grid", unit="cells")
    start: Start = parameter(
        "anywhere", choices=("anywhere", "corner"), text="Where a search begins"
    )
    moves: int = parameter(
        40, minimum=5, maximum=1000, text="Moves after which a search is given up", unit="ticks"
    )
    epistemic: bool = parameter(True, text="Whether information has value to the agents")
    reward: float = parameter(
        2.0, minimum=0.0, maximum=20.0, text="Log-preference for the reward", unit="nats"
    )
    shock: float = parameter(
        4.0, minimum=0.0, maximum=20.0, text="Log-preference against the shock", unit="nats"
    )
    precision: float = parameter(
        16.0, minimum=0.0, maximum=1000.0, text="Precision γ of the policy posterior", unit="1/nat"
    )
    selection: Selection = parameter(
        "best", choices=("best", "sample"), text="Take the best policy, or sample one"
    )
    impossible: Rule = parameter(
        "prior",
        choices=("error", "prior", "uniform"),
        text="Belief after an observation that the model holds to be impossible",
    )

    def begin(self, streams: Streams, clock: Callable[[], int]) -> "ForagersWorld":  # noqa: ARG002
        return ForagersWorld(self, streams)

    @property
    def places(self) -> Places:
        return Places(Grid(self.rows, self.columns))

    def mind(self, preferences: Sequence[Array] | None = None) -> Mind:
        """The agents' model, with its names and policies; `preferences`: another C."""
        grid = self.places.grid
        model = with_preferences(make_model(self.places, self.reward, self.shock), preferences)
        likelihood = Likelihood(model)
        planner = RoutePlanner(model, likelihood, grid.routes())
        factors = (
            Factor("place", grid.labels, (grid.rows, grid.columns)),
            Factor("second cue", PLACES),
            Factor("reward", REWARDS),
        )
        modalities = (
            ("place", grid.labels),
            ("first cue", FIRST_CUES),
            ("second cue", SECOND_CUES),
            ("outcome", OUTCOMES),
        )
        return Mind(model, ModelInfo(factors, modalities, ACTIONS, planner.policies), likelihood,
                    planner)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ForagersDetail:
    """What the minds thought, beside where they and their rewards truly are."""

    mind: MindDetail
    grid: Grid
    place: Integers
    context: Integers

    def belief(self, agent: int) -> dict[str, Any]:
        return self.mind.belief(agent)

    def agent(self, agent: int) -> dict[str, Any]:
        cue, reward = divmod(int(self.context[agent]), len(REWARDS))
        return {
            "place": self.grid.labels[self.place[agent]],
            "second cue": PLACES[cue],
            "reward at": REWARDS[reward],
            "observation": self.mind.observation(agent),
        }


class ForagersWorld:
    """All agents' searches, each with a context of its own; they do not see one another."""

    columns = (
        ColumnInfo("x", "Across", "cells"),
        ColumnInfo("y", "Down", "cells"),
        *mind_columns(ACTIONS),
        ColumnInfo("knows", "Knows", kind="category", labels=KNOWLEDGE),
        ColumnInfo("moves", "Moves in this search", "ticks"),
        ColumnInfo("solved", "Searches solved", "searches"),
    )

    def __init__(self, scenario: Foragers, streams: Streams) -> None:
        mind = scenario.mind()
        self.agents = scenario.agents
        self.model = mind.info
        self._grid = scenario.places.grid
        self.view = View(
            kind="grid",
            width=scenario.columns,
            height=scenario.rows,
            color=("knows", "entropy", "surprise", "action", "solved"),
            marks=scenario.places.marks(),
            sentence=SENTENCE,
        )
        self._streams = streams
        self._most_moves = scenario.moves
        self._anywhere = scenario.start == "anywhere"
        self._likelihood = mind.likelihood
        self._reward = np.array([0.0, 1.0, -1.0])[mind.likelihood.outcomes[:, 3]]
        self._population = Population(
            scenario.agents,
            mind,
            Character(
                scenario.precision, scenario.epistemic, scenario.selection, scenario.impossible
            ),
            scenario.mind,
        )
        self._interventions = Interventions(self._population, self)
        self._offset = scatter(scenario.agents)
        zeros = np.zeros(scenario.agents, dtype=np.int64)
        self._place, self._context, self._moves, self._solved = (zeros.copy() for _ in range(4))
        self._begins: NDArray[np.bool_] = np.ones(scenario.agents, dtype=np.bool_)
        self._searches = 0

    def advance(self, number: int) -> Frame:  # noqa: ARG002
        """One observation, belief, plan and move of every agent."""
        self._begin_searches(self._streams.environment.random((2, self.agents)))
        contexts = len(PLACES) * len(REWARDS)
        rows = self._likelihood.sample(
            self._place * contexts + self._context, np.zeros(self.agents)
        )
        thoughts = self._population.think(rows, draw(self._streams, self.agents))
        reward = self._reward[rows]
        goes_on = ~self._population.stopped
        self._begins = goes_on & ((reward != 0) | (self._moves >= self._most_moves))
        self._searches += int(self._begins.sum())
        self._solved = self._solved + (goes_on & (reward > 0))
        columns = self._columns(thoughts, reward)
        aggregates = {**summarize(columns), **self._measures(columns["knows"])}
        detail = ForagersDetail(thoughts.detail, self._grid, self._place, self._context)
        moved = self._grid.next_cell[self._place, thoughts.action]
        self._place = np.where(goes_on, moved, self._place)
        self._moves = self._moves + goes_on
        return Frame(columns, aggregates, impossible_log(thoughts.impossible), detail)

    @property
    def places(self) -> Sequence[str]:
        """Where an agent can be moved to."""
        return self._grid.labels

    def move(self, those: NDArray[np.bool_], place: int) -> None:
        """They are there before the next tick."""
        self._place = np.where(those, place, self._place)

    def begin_anew(self, those: NDArray[np.bool_]) -> None:
        """They begin a search with the next tick."""
        self._begins = self._begins | those

    def perturb(self, agent: int | None, change: Mapping[str, Any]) -> None:
        """As sim.perturbation has it."""
        self._interventions.make(agent, change)

    def state(self) -> dict[str, Any]:
        return {
            "place": self._place,
            "context": self._context,
            "moves": self._moves,
            "solved": self._solved,
            "begins": self._begins,
            "searches": self._searches,
            "population": self._population.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._place = np.array(state["place"])
        self._context = np.array(state["context"])
        self._moves = np.array(state["moves"])
        self._solved = np.array(state["solved"])
        self._begins = np.array(state["begins"])
        self._searches = int(state["searches"])
        self._population.restore(state["population"])

    def _begin_searches(self, chance: Array) -> None:
        """A new context and place for those whose search has ended; (2, agents) numbers."""
        begins = self._begins
        contexts = (chance[0] * len(PLACES) * len(REWARDS)).astype(np.int64)
        cells = (chance[1] * self._grid.cells).astype(np.int64) if self._anywhere else 0
        self._context = np.where(begins, contexts, self._context)
        self._place = np.where(begins, cells, self._place)
        self._moves = np.where(begins, 0, self._moves)
        self._population.forget(begins)

    def _columns(self, thoughts: Thoughts, reward: Array) -> dict[str, NDArray[Any]]:
        row, column = np.divmod(self._place, self._grid.columns)
        return {
            "x": column + self._offset[0],
            "y": row + self._offset[1],
            **thoughts.columns,
            "reward": reward,
            "knows": self._knowledge(thoughts),
            "moves": self._moves.astype(np.int32),
            "solved": self._solved.astype(np.int32),
        }

    def _knowledge(self, thoughts: Thoughts) -> NDArray[Any]:
        """An index into KNOWLEDGE per agent: what its belief is certain of."""
        belief = thoughts.inference.posterior.reshape(-1, self._grid.cells, len(PLACES), 2)
        cue = belief.sum(axis=(1, 3)).max(axis=1) > CERTAIN
        reward = belief.sum(axis=(1, 2)).max(axis=1) > CERTAIN
        return thoughts.spread(np.where(reward, 2, cue).astype(np.int32))

    def _measures(self, knows: NDArray[Any]) -> dict[str, float]:
        solved = self._solved.sum() / max(self._searches, 1)
        return {
            "searches": float(self._searches),
            "solved": float(solved),
            "knows_cue": float((knows >= 1).mean()),
            "knows_reward": float((knows == 2).mean()),
        }
