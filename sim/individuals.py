"""Agents whose minds differ one by one: models of their own, learned or given, or mean field.

They think as a `sim.population.Population` does, but nothing is shared between them; the columns
are the same, and `gap` beside them where beliefs are approximate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.errors import ImpossibleObservation
from sim.inference import Inference, Rule
from sim.learning import Knowledge
from sim.mean_field import Approximation
from sim.model import Array, Integers
from sim.own_models import OwnModels
from sim.policies import (
    MOST_POLICIES,
    Draws,
    Judgement,
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

MOST_POLICIES_SHOWN = 32


class Engine(Protocol):
    """Infers and predicts the beliefs (agents, width) of all agents."""

    actions: int
    controls: tuple[int, ...]

    def initial(self, agents: int) -> Array: ...

    def infer(self, prior: Array, outcomes: Integers, rule: Rule = "prior") -> Inference: ...

    def predict(self, beliefs: Array, action: int) -> Array: ...

    def information(self, beliefs: Array) -> tuple[Array, Array]: ...

    def marginals(self, beliefs: Array) -> list[Array]: ...

    def predicted(self, beliefs: Array) -> list[Array]: ...


class ThoughtDetail(Protocol):
    """What single agents thought in a tick."""

    def belief(self, agent: int) -> dict[str, Any]: ...

    def observation(self, agent: int) -> dict[str, str | None]: ...


@dataclass(frozen=True, slots=True)
class Considered:
    """What all agents made of an observation: columns and actions in their order."""

    columns: dict[str, Column]
    action: Integers
    impossible: list[int]
    detail: ThoughtDetail


@dataclass(frozen=True, slots=True)
class IndividualDetail:
    """The thoughts of a tick, one row per agent; nats throughout."""

    info: ModelInfo
    prior: list[Array]
    posterior: list[Array]
    predicted: list[Array]
    outcomes: Integers
    inference: Inference
    prospects: Prospects
    judgement: Judgement
    sequences: Integers
    action: Integers
    tie: NDArray[np.bool_]

    def belief(self, agent: int) -> dict[str, Any]:
        """Belief, prior and prediction by name, what they cost, and the policies."""
        names = [factor.name for factor in self.info.factors]
        costs = ("entropy", "surprise", "free_energy", "complexity", "accuracy")
        return {
            "belief": {n: own[agent] for n, own in zip(names, self.posterior, strict=True)},
            "prior": {n: own[agent] for n, own in zip(names, self.prior, strict=True)},
            **{name: float(getattr(self.inference, name)[agent]) for name in costs},
            "observation": self.observation(agent),
            "predicted": {
                name: own[agent]
                for (name, _), own in zip(self.info.modalities, self.predicted, strict=True)
            },
            "policies": self._policies(agent),
            "policies_total": len(self.sequences),
            "action": self.info.actions[self.action[agent]],
            "tie": bool(self.tie[agent]),
        }

    def observation(self, agent: int) -> dict[str, str | None]:
        """What the agent saw, by modality."""
        seen = self.outcomes[agent].tolist()
        return {
            name: labels[o] for (name, labels), o in zip(self.info.modalities, seen, strict=True)
        }

    def _policies(self, agent: int) -> list[dict[str, Any]]:
        """The likeliest first."""
        probability = self.judgement.posterior[agent]
        shown = np.argsort(-probability, kind="stable")[:MOST_POLICIES_SHOWN].tolist()
        return [
            {
                "actions": [self.info.actions[u] for u in self.sequences[policy].tolist()],
                "probability": float(probability[policy]),
                "G": float(self.judgement.cost[agent, policy]),
                "epistemic": float(self.prospects.epistemic[agent, policy]),
                "pragmatic": float(self.prospects.pragmatic[agent, policy]),
            }
            for policy in shown
        ]


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

    def think(self, outcomes: Integers, draws: Draws) -> Considered:
        """The agents observe outcomes (agents, modalities), believe, plan, act, learn, and expect.

        Raises ImpossibleObservation where the rule is `error`.
        """
        engine, character = self._engine, self._character
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
            self.info, engine.marginals(prior), engine.marginals(inference.posterior),
            engine.predicted(prior), outcomes, inference, prospects, judgement, self._sequences,
            action, tie,
        )  # fmt: skip
        self._learn(inference, outcomes)
        goes_on = ~self.stopped
        expected = self._expect(inference.posterior, action)
        self.prior = np.where(goes_on[:, None], expected, prior)
        self._before = np.where(goes_on[:, None], inference.posterior, self._before)
        self._action = np.where(goes_on, action, self._action)
        return Considered(self._columns(detail), action, impossible, detail)

    def forget(self, agents: NDArray[np.bool_]) -> None:
        """Those agents (a mask) begin anew: they expect D, and keep what they have learned."""
        self.prior = np.where(agents[:, None], self._engine.initial(self.agents), self.prior)
        self._action = np.where(agents, -1, self._action)

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = {
            "prior": self.prior, "before": self._before, "action": self._action,
            "stopped": self.stopped,
        }  # fmt: skip
        if self.knowledge is not None:
            state["knowledge"] = self.knowledge.state()
        return state

    def restore(self, state: Mapping[str, Any]) -> None:
        self.prior, self._before = np.array(state["prior"]), np.array(state["before"])
        self._action, self.stopped = np.array(state["action"]), np.array(state["stopped"])
        if self.knowledge is not None:
            self.knowledge.restore(state["knowledge"])
            self._use(self.knowledge)

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
