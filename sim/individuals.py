"""Agents whose minds differ one by one: models of their own, learned or given, or mean field.

They think as a `sim.population.Population` does, but nothing is shared between them; the columns
are the same, and `gap` beside them where beliefs are approximate.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from sim.errors import ImpossibleObservation
from sim.explanation import Explanation
from sim.individual_detail import Considered, IndividualDetail
from sim.inference import Inference, Rule
from sim.learning import Knowledge
from sim.mean_field import Approximation
from sim.model import Array, Integers
from sim.own_models import OwnModels
from sim.policies import (
    MOST_POLICIES,
    Draws,
    Prospects,
    choose,
    enumerate_policies,
    judge,
    leading_policy,
    log_prior,
)
from sim.population import Character
from sim.scenario import ModelInfo
from sim.tick import Column


class Engine(Protocol):
    """Infers and predicts the beliefs (agents, width) of all agents."""

    actions: int
    controls: tuple[int, ...]
    C: list[Array]

    def initial(self, agents: int) -> Array: ...

    def infer(self, prior: Array, outcomes: Integers, rule: Rule = "prior") -> Inference: ...

    def predict(self, beliefs: Array, action: int) -> Array: ...

    def information(self, beliefs: Array) -> tuple[Array, Array]: ...

    def believing(self, beliefs: Array, marginals: Mapping[int, Array]) -> Array: ...

    def explain(
        self, agent: int, prior: Array, posterior: Array, outcomes: Integers
    ) -> Explanation: ...

    def value(self, preferences: Mapping[int, Array]) -> None: ...


class Individuals:
    """Keeps what each agent expects, and what it has learned, from one observation to the next.

    Policies are all sequences of `depth` actions, E their prior. With `knowledge`, whose engine is
    OwnModels, each tick ends with learning: what was seen teaches A, the move since the last tick
    B, the first observation D; who is `stopped` or saw the impossible learns nothing from it.
    """

    def __init__(
        self,
        agents: int,
        engine: Engine,
        info: ModelInfo,
        character: Character,
        depth: int = 1,
        knowledge: Knowledge | None = None,
        E: Array | None = None,
    ) -> None:
        if knowledge is not None and not isinstance(engine, OwnModels):
            raise TypeError("only OwnModels can be learned")
        self.agents, self.info = agents, info
        self.knowledge = knowledge
        self.stopped: NDArray[np.bool_] = np.zeros(agents, dtype=np.bool_)
        self._engine, self._character = engine, character
        self._sequences = enumerate_policies(engine.actions, depth, MOST_POLICIES)
        self._log_prior = log_prior(E, len(self._sequences))
        self.prior = engine.initial(agents)
        self._before = self.prior.copy()
        self._action: Integers = np.full(agents, -1)
        self._told = np.zeros(agents, dtype=np.bool_)
        self._shown: Integers | None = None
        self._precision = character.precision
        self._preferences: dict[int, Array] = {}
        self._at_first = dict(enumerate(engine.C))

    def think(self, outcomes: Integers, draws: Draws) -> Considered:
        """The agents observe outcomes (agents, modalities), believe, plan, act, learn, and expect.

        Raises ImpossibleObservation where the rule is `error`.
        """
        engine, character = self._engine, self._character
        outcomes = self._seen(outcomes)
        prior = self.prior
        inference = engine.infer(prior, outcomes, character.rule)
        impossible = np.flatnonzero(inference.impossible).tolist()
        if impossible and character.rule == "error":
            raise ImpossibleObservation(impossible)
        prospects = foresee(engine, inference.posterior, self._sequences)
        judgement = judge(
            prospects, engine.actions, character.precision, self._log_prior,
            curious=character.curious,
        )  # fmt: skip
        each = np.arange(self.agents)
        action, tie = choose(judgement, each, draws, character.selection)
        detail = IndividualDetail(
            self.info, copy(engine), prior, outcomes, inference, prospects, judgement,
            self._sequences, action, tie,
        )  # fmt: skip
        self._learn(inference, outcomes)
        goes_on = ~self.stopped
        expected = self._expect(inference.posterior, action)
        self.prior = np.where(goes_on[:, None], expected, prior)
        self._before = np.where(goes_on[:, None], inference.posterior, self._before)
        self._action = np.where(goes_on, action, self._action)
        self._told = np.zeros_like(self._told)
        return Considered(self._columns(detail), action, impossible, detail)

    def forget(self, agents: NDArray[np.bool_]) -> None:
        """Those agents (a mask) begin anew: they expect D, and keep what they have learned; but for
        whom somebody has just told what to expect."""
        begins = agents & ~self._told
        self.prior = np.where(begins[:, None], self._engine.initial(self.agents), self.prior)
        self._action = np.where(agents, -1, self._action)

    # What somebody changes, as sim.perturbation has it.

    def parts(self, agents: NDArray[np.bool_]) -> list[tuple[Self, NDArray[np.bool_]]]:
        """They are of one kind."""
        return [(self, agents)]

    @property
    def takes_preferences(self) -> bool:
        """C can be changed."""
        return True

    def believing(self, agents: NDArray[np.bool_], marginals: Mapping[int, Array]) -> Array:
        """What those agents expect, with other marginals of some factors."""
        return self._engine.believing(self.prior[agents], marginals)

    def expect(self, agents: NDArray[np.bool_], beliefs: Array) -> None:
        """Those agents expect this before their next observation."""
        self.prior = self.prior.copy()
        self.prior[agents] = beliefs
        self._told = self._told | agents

    def show(self, agents: NDArray[np.bool_], outcomes: Mapping[int, int]) -> None:
        """Their next observation has these outcomes, by modality."""
        if self._shown is None:
            self._shown = np.full((self.agents, len(self.info.modalities)), -1)
        for modality, outcome in outcomes.items():
            self._shown[agents, modality] = outcome

    def decide_with(self, precision: float) -> None:
        """All agents have this γ from now on."""
        self._character = replace(self._character, precision=precision)

    def value(self, preferences: Mapping[int, Array]) -> None:
        """All agents have these log-preferences, by modality; those of the others stay."""
        self._engine.value(preferences)
        self._preferences |= preferences

    def reset(self, agents: NDArray[np.bool_]) -> None:
        """Those agents expect what they expected at first, whatever they were told."""
        self._told = self._told & ~agents
        self.forget(agents)

    def state(self) -> dict[str, Any]:
        """What was changed from outside stands in it only where that was done."""
        state: dict[str, Any] = {
            "prior": self.prior, "before": self._before, "action": self._action,
            "stopped": self.stopped,
        }  # fmt: skip
        if self.knowledge is not None:
            state["knowledge"] = self.knowledge.state()
        if self._told.any():
            state["told"] = self._told
        if self._shown is not None:
            state["shown"] = self._shown
        if self._character.precision != self._precision:
            state["precision"] = self._character.precision
        if self._preferences:
            state["preferences"] = {str(m): c for m, c in self._preferences.items()}
        return state

    def restore(self, state: Mapping[str, Any]) -> None:
        self.prior, self._before = np.array(state["prior"]), np.array(state["before"])
        self._action, self.stopped = np.array(state["action"]), np.array(state["stopped"])
        if self.knowledge is not None:
            self.knowledge.restore(state["knowledge"])
            self._use(self.knowledge)
        self._told = np.array(state.get("told", np.zeros(self.agents, dtype=np.bool_)))
        self._shown = state.get("shown")
        self.decide_with(float(state.get("precision", self._precision)))
        self._preferences = {}
        self._engine.value(self._at_first)
        self.value({int(m): c for m, c in state.get("preferences", {}).items()})

    def _seen(self, outcomes: Integers) -> Integers:
        """What is observed, with the outcomes that somebody set."""
        shown, self._shown = self._shown, None
        return outcomes if shown is None else np.where(shown >= 0, shown, outcomes)

    def _learn(self, inference: Inference, outcomes: Integers) -> None:
        knowledge = self.knowledge
        if knowledge is None:
            return
        who = ~self.stopped & ~inference.impossible
        moved = who & (self._action >= 0)
        controls = np.stack(
            np.unravel_index(np.maximum(self._action, 0), self._engine.controls), axis=1
        )
        knowledge.begin(inference.posterior, who & (self._action < 0))
        knowledge.observe(inference.posterior, outcomes, who)
        knowledge.move(self._before, inference.posterior, controls, moved)
        self._use(knowledge)

    def _use(self, knowledge: Knowledge) -> None:
        if isinstance(self._engine, OwnModels):
            self._engine.learned(knowledge)

    def _expect(self, posterior: Array, actions: Integers) -> Array:
        expected = np.empty_like(posterior)
        for action in np.unique(actions).tolist():
            those = actions == action
            expected[those] = self._engine.predict(posterior, action)[those]
        return expected

    def _columns(self, detail: IndividualDetail) -> dict[str, Column]:
        inference, each = detail.inference, np.arange(self.agents)
        policy = leading_policy(detail.judgement, detail.prospects.first, each, detail.action)
        columns: dict[str, Column] = {
            "entropy": inference.entropy,
            "surprise": inference.surprise,
            "free_energy": inference.free_energy,
            "complexity": inference.complexity,
            "accuracy": inference.accuracy,
            "epistemic": detail.prospects.epistemic[each, policy],
            "pragmatic": detail.prospects.pragmatic[each, policy],
            "action": detail.action.astype(np.int32),
            "tie": detail.tie,
        }
        if isinstance(inference, Approximation):
            columns["gap"] = inference.gap
        return columns


def foresee(engine: Engine, beliefs: Array, sequences: Integers) -> Prospects:
    """What beliefs expect of all sequences, which share the steps that they begin with."""
    shape = (len(beliefs), len(sequences))
    epistemic, pragmatic = np.zeros(shape), np.zeros(shape)

    def descend(predicted: Array, policies: range) -> None:
        share = len(policies) // engine.actions
        for action in range(engine.actions):
            passing = policies[action * share : (action + 1) * share]
            columns = slice(passing.start, passing.stop)
            moved = engine.predict(predicted, action)
            gain, liking = engine.information(moved)
            epistemic[:, columns] += gain[:, None]
            pragmatic[:, columns] += liking[:, None]
            if share > 1:
                descend(moved, passing)

    descend(beliefs, range(len(sequences)))
    return Prospects(epistemic, pragmatic, np.ascontiguousarray(sequences[:, 0]))
