"""Many agents with one generative model: observation to belief to policy to action, at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sim.errors import ImpossibleObservation
from sim.groups import Groups, group, group_pairs
from sim.inference import Inference, Rule, infer, with_marginals
from sim.mind import Mind, MindDetail
from sim.model import Array, Integers
from sim.policies import Draws, Judgement, Selection, choose, judge, leading_policy
from sim.random import Streams
from sim.scenario import ModelInfo
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

    Agents with the same prior and observation think the same; that is worked out once. Those that
    are `stopped` (agents,) expect what they expected. `remake` makes the mind with other
    preferences C; None: with those that it had at first.
    """

    def __init__(
        self,
        agents: int,
        mind: Mind,
        character: Character,
        remake: Callable[[Sequence[Array] | None], Mind] | None = None,
    ) -> None:
        self.agents = agents
        self.mind = mind
        self._nobody: NDArray[np.bool_] = np.zeros(agents, dtype=np.bool_)
        self._nobody.flags.writeable = False
        self.stopped = self._told = self._nobody
        self._remake = remake
        self._character = character
        self._precision = character.precision
        self._preferences: tuple[Array, ...] | None = None
        self._shown: Integers | None = None
        self._initial = mind.model.initial()
        self.prior: Array = np.tile(self._initial, (agents, 1))

    def think(self, rows: Integers, draws: Draws) -> Thoughts:
        """The agents observe (a row of the likelihood each), believe, plan, act, and expect.

        Raises ImpossibleObservation where the rule is `error`.
        """
        mind, character = self.mind, self._character
        rows = self._seen(rows)
        groups = group(self.prior, rows)
        prior = self.prior[groups.first]
        likelihood = mind.likelihood.table[rows[groups.first]]
        inference = infer(prior, likelihood, character.rule)
        impossible: list[int] = []
        if np.count_nonzero(inference.impossible):
            impossible = np.flatnonzero(inference.impossible[groups.of]).tolist()
            if character.rule == "error":
                raise ImpossibleObservation(impossible)
        prospects = mind.planner.prospects(inference.posterior)
        judgement = judge(
            prospects,
            mind.planner.actions,
            character.precision,
            mind.planner.log_prior,
            curious=character.curious,
        )
        action, tie = self._decide(groups, inference, judgement, rows, draws)
        detail = MindDetail(mind, groups, prior, inference, prospects, judgement, rows, action, tie)
        self._told = self._nobody
        before = self.prior
        columns = self._columns(detail)
        if self.stopped is not self._nobody:
            self.prior[self.stopped] = before[self.stopped]
        return Thoughts(columns, action, impossible, groups, inference, detail)

    def forget(self, agents: NDArray[np.bool_]) -> None:
        """Those agents expect again what they expected at first, but for whom somebody has just
        told what to expect."""
        self.prior[agents & ~self._told] = self._initial

    def reset(self, agents: NDArray[np.bool_]) -> None:
        """Those agents expect what they expected at first, whatever they were told."""
        self._told = self._told & ~agents
        self.forget(agents)

    def expect(self, agents: NDArray[np.bool_], beliefs: Array) -> None:
        """Those agents expect this before their next observation, (their number, states)."""
        self.prior[agents] = beliefs
        self._told = self._told | agents

    @property
    def info(self) -> ModelInfo:
        """The names in the model."""
        return self.mind.info

    @property
    def takes_preferences(self) -> bool:
        """Whether C can be changed."""
        return self._remake is not None

    def parts(self, agents: NDArray[np.bool_]) -> list[tuple[Self, NDArray[np.bool_]]]:
        """They are of one kind."""
        return [(self, agents)]

    def believing(self, agents: NDArray[np.bool_], marginals: Mapping[int, Array]) -> Array:
        """What those agents expect, with other marginals of some factors, (their number, states).
        Raises MindError where they could not plan by it."""
        beliefs = with_marginals(self.prior[agents], self.mind.model.shape, marginals)
        self.mind.planner.prospects(beliefs)
        return beliefs

    def show(self, agents: NDArray[np.bool_], outcomes: Mapping[int, int]) -> None:
        """Their next observation has these outcomes, by modality."""
        if self._shown is None:
            self._shown = np.full((self.agents, len(self.mind.model.outcomes)), -1)
        for modality, outcome in outcomes.items():
            self._shown[agents, modality] = outcome

    def decide_with(self, precision: float) -> None:
        """All agents have this γ from now on."""
        self._character = replace(self._character, precision=precision)

    def prefer(self, preferences: Sequence[Array] | None) -> None:
        """All agents have these log-preferences C from now on; None: those that they began with."""
        if self._remake is None:
            raise TypeError("a population without `remake` keeps its preferences")
        self.mind = self._remake(preferences)
        self._preferences = None if preferences is None else tuple(preferences)

    def value(self, preferences: Mapping[int, Array]) -> None:
        """All agents have these log-preferences, by modality; those of the others stay."""
        wanted = enumerate(self.mind.model.C)
        self.prefer([preferences.get(modality, c) for modality, c in wanted])

    def state(self) -> dict[str, Any]:
        """What was changed from outside stands in it only where that was done."""
        state: dict[str, Any] = {"prior": self.prior}
        if self.stopped.any():
            state["stopped"] = self.stopped
        if self._told.any():
            state["told"] = self._told
        if self._shown is not None:
            state["shown"] = self._shown
        if self._character.precision != self._precision:
            state["precision"] = self._character.precision
        if self._preferences is not None:
            state["preferences"] = list(self._preferences)
        return state

    def restore(self, state: Mapping[str, Any]) -> None:
        self.prior = np.array(state["prior"], dtype=np.float64, order="C")
        self.stopped = state.get("stopped", self._nobody)
        self._told = state.get("told", self._nobody)
        self._shown = state.get("shown")
        self.decide_with(float(state.get("precision", self._precision)))
        preferences = state.get("preferences")
        if preferences is not None or self._preferences is not None:
            self.prefer(preferences)

    def _decide(
        self,
        groups: Groups,
        inference: Inference,  # noqa: ARG002
        judgement: Judgement,
        rows: Integers,  # noqa: ARG002
        draws: Draws,
    ) -> tuple[Integers, NDArray[np.bool_]]:
        """Each agent's action, and whether the best policies left it open."""
        return choose(judgement, groups.of, draws, self._character.selection)

    def _seen(self, rows: Integers) -> Integers:
        """The rows of the likelihood that are observed, with the outcomes that somebody set."""
        shown, self._shown = self._shown, None
        if shown is None:
            return rows
        likelihood = self.mind.likelihood
        those = (shown >= 0).any(axis=1)
        own = rows[those]
        came = likelihood.outcomes[np.minimum(own, likelihood.rows - 1)]
        merged = likelihood.row(np.where(shown[those] >= 0, shown[those], came))
        is_known = (own != likelihood.impossible) | (shown[those] >= 0).all(axis=1)
        seen = rows.copy()
        seen[those] = np.where(is_known, merged, likelihood.impossible)
        return seen

    def _columns(self, detail: MindDetail) -> dict[str, Column]:
        """Moves the priors on, and gives the columns that every population of minds has."""
        inference, of = detail.inference, detail.groups.of
        acting = group_pairs(of, detail.action, self.mind.planner.actions)
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
        if len(actions) == 1:
            return self.mind.model.predict(posterior, int(actions[0]))
        expected = np.empty_like(posterior)
        for action in np.unique(actions).tolist():
            those = actions == action
            expected[those] = self.mind.model.predict(posterior[those], action)
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
