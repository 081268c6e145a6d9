"""Many agents with one generative model: observation to belief to policy to action, at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import ImpossibleObservation
from sim.groups import Groups, group, group_pairs
from sim.inference import Inference, Rule, infer
from sim.mind import Mind, MindDetail
from sim.model import Array, Integers
from sim.policies import Draws, Selection, choose, judge, leading_policy
from sim.random import Streams
from sim.tick import Column


@dataclass(frozen=True, slots=True)
class Character:
    """How the agents decide: `precision` γ of the policy posterior, whether they are `curious`
    (give epistemic value its weight), how an action is selected, and the rule for what they
    hold to be impossible."""

    precision: float = 16.0
    curious: bool = True
    selection: Selection = "best"
    rule: Rule = "prior"


@dataclass(frozen=True, slots=True)
class Thoughts:
    """What all agents made of an observation. `impossible` lists the agents whose model gave it
    probability zero."""

    columns: dict[str, Column]
    action: Integers
    impossible: list[int]
    groups: Groups
    inference: Inference
    detail: MindDetail

    def spread(self, values: NDArray[Any]) -> Column:
        """Values of the groups of agents that think alike, as a column of all agents."""
        return values[self.groups.of]


class Population:
    """Keeps what each agent expects, `prior` (agents, states), from one observation to the next.

    Agents with the same prior and observation think the same; that is worked out once.
    """

    def __init__(self, agents: int, mind: Mind, character: Character) -> None:
        self.agents = agents
        self._mind = mind
        self._character = character
        self._initial = mind.model.initial()
        self.prior: Array = np.tile(self._initial, (agents, 1))

    def think(self, rows: Integers, draws: Draws) -> Thoughts:
        """The agents observe (a row of the likelihood each), believe, plan, act, and expect.

        Raises ImpossibleObservation where the rule is `error`.
        """
        mind, character = self._mind, self._character
        groups = group(self.prior, rows)
        prior = self.prior[groups.first]
        likelihood = mind.likelihood.table[rows[groups.first]]
        inference = infer(prior, likelihood, character.rule)
        impossible = np.flatnonzero(inference.impossible[groups.of]).tolist()
        if impossible and character.rule == "error":
            raise ImpossibleObservation(impossible)
        prospects = mind.planner.prospects(inference.posterior)
        judgement = judge(
            prospects,
            mind.planner.actions,
            character.precision,
            mind.planner.log_prior,
            curious=character.curious,
        )
        action, tie = choose(judgement, groups.of, draws, character.selection)
        detail = MindDetail(mind, groups, prior, inference, prospects, judgement, rows, action, tie)
        columns = self._columns(detail)
        return Thoughts(columns, action, impossible, groups, inference, detail)

    def forget(self, agents: NDArray[np.bool_]) -> None:
        """Those agents expect again what they expected at first."""
        self.prior[agents] = self._initial

    def state(self) -> dict[str, Any]:
        return {"prior": self.prior}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.prior = np.array(state["prior"], dtype=np.float64, order="C")

    def _columns(self, detail: MindDetail) -> dict[str, Column]:
        """Moves the priors on, and gives the columns that every population of minds has."""
        inference, of = detail.inference, detail.groups.of
        acting = group_pairs(of, detail.action, self._mind.planner.actions)
        thinks, does = of[acting.first], detail.action[acting.first]
        self.prior = self._expect(inference.posterior[thinks], does)[acting.of]
        policy = leading_policy(detail.judgement, detail.prospects.first, thinks, does)
        return {
            "entropy": inference.entropy[of],
            "surprise": inference.surprise[of],
            "free_energy": inference.free_energy[of],
            "complexity": inference.complexity[of],
            "accuracy": inference.accuracy[of],
            "epistemic": detail.prospects.epistemic[thinks, policy][acting.of],
            "pragmatic": detail.prospects.pragmatic[thinks, policy][acting.of],
            "action": detail.action.astype(np.int32),
            "tie": detail.tie,
        }

    def _expect(self, posterior: Array, actions: Integers) -> Array:
        expected = np.empty_like(posterior)
        for action in np.unique(actions).tolist():
            those = actions == action
            expected[those] = self._mind.model.predict(posterior[those], action)
        return expected


def draw(streams: Streams, agents: int) -> Draws:
    """One number per agent and purpose, whether it will be used or not."""
    return Draws(streams.action.random(agents), streams.ties.random(agents))


def summarize(columns: Mapping[str, Column]) -> dict[str, float]:
    """What a tick says of all minds together; percentiles by nearest rank."""
    entropy = np.sort(columns["entropy"])
    last = len(entropy) - 1
    return {
        "entropy": float(entropy.mean()),
        "entropy_p05": float(entropy[round(0.05 * last)]),
        "entropy_p50": float(entropy[round(0.5 * last)]),
        "entropy_p95": float(entropy[round(0.95 * last)]),
        "surprise": float(columns["surprise"].mean()),
        "free_energy": float(columns["free_energy"].mean()),
        "epistemic": float(columns["epistemic"].mean()),
        "pragmatic": float(columns["pragmatic"].mean()),
        "ties": float(columns["tie"].mean()),
        "reward": float(columns["reward"].mean()),
    }
