"""Policies, what they are expected to cost, and the choice between them.

Expected free energy, as a cost in nats (lower is better), after Friston et al. 2015 and Parr,
Pezzulo & Friston 2022: over the steps of a policy, G = -Σ (epistemic + pragmatic), with
epistemic = mutual information of joint state and joint outcome (all modalities together),
pragmatic = expected sum of raw log-preferences C. Beliefs are predicted along a policy, not
updated by the outcomes it would bring. The policy posterior is softmax(ln E - γ G).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.errors import ModelError, TooManyPolicies
from sim.model import Array, Integers

MOST_POLICIES = 10_000
TIE = 1e-9  # nats; costs that differ by less are rounding, not a reason to choose

Selection = Literal["best", "sample"]


@dataclass(frozen=True, slots=True)
class Prospects:
    """What n beliefs expect of each of their policies; rows may name different policies.

    `epistemic`, `pragmatic` (n, policies) in nats; `first` the policies' first actions,
    (policies,) where all beliefs have the same, else (n, policies). `begins` (policies, actions)
    is 1 where a policy begins with an action, if the planner has it at hand.
    """

    epistemic: Array
    pragmatic: Array
    first: Integers
    begins: Array | None = None


class Planner(Protocol):
    """Knows the policies that a belief may choose from."""

    actions: int
    policies: int
    log_prior: Array | None

    def prospects(self, beliefs: Array) -> Prospects:
        """Of joint beliefs (n, states)."""

    def path(self, belief: Array, policy: int) -> list[int]:
        """The actions of one policy of a belief (states,), in order."""


def enumerate_policies(actions: int, depth: int, most: int = MOST_POLICIES) -> Integers:
    """Every sequence of actions, (actions ** depth, depth), the first action changing slowest.

    Raises TooManyPolicies, with the count.
    """
    if actions**depth > most:
        raise TooManyPolicies(actions, depth, most)
    return np.indices((actions,) * depth).reshape(depth, -1).T


def log_prior(prior: Array | None, policies: int) -> Array | None:
    """ln E, minus infinity where E is 0; None is uniform. Raises ModelError for a wrong length."""
    if prior is None:
        return None
    if len(prior) != policies:
        raise ModelError("E", f"has {len(prior)} entries, but there are {policies} policies")
    logs = np.full(policies, -np.inf)
    np.log(prior, out=logs, where=prior > 0)
    return logs


@dataclass(frozen=True, slots=True)
class Judgement:
    """Policies weighed: cost and posterior (n, policies), probability of each first action and
    whether one of the best policies begins with it (n, actions)."""

    cost: Array
    posterior: Array
    marginal: Array
    best: NDArray[np.bool_]


def judge(
    prospects: Prospects, actions: int, precision: float, prior: Array | None, *, curious: bool
) -> Judgement:
    """Weigh the policies; who is not curious gives epistemic value no weight."""
    cost = -prospects.pragmatic
    if curious:
        cost -= prospects.epistemic
    cost += 0.0  # so that no cost is minus zero
    logits = cost * -precision
    if prior is not None:
        logits += prior
    logits -= np.maximum.reduce(logits, axis=1, keepdims=True)
    leading = (logits >= -TIE * precision).astype(np.float64)
    np.exp(logits, out=logits)
    logits /= np.add.reduce(logits, axis=1, keepdims=True)
    collect = _collector(prospects, actions)
    return Judgement(cost, logits, collect(logits), collect(leading) > 0)


def beginnings(first: Integers, actions: int) -> Array:
    """1 where a policy begins with an action, (..., policies, actions)."""
    begins: Array = (first[..., None] == np.arange(actions)).astype(np.float64)
    return begins


def _collector(prospects: Prospects, actions: int) -> Callable[[Array], Array]:
    """Sums over policies by their first action: (n, policies) to (n, actions)."""
    begins = prospects.begins
    if begins is None:
        begins = beginnings(prospects.first, actions)
    if begins.ndim == 2:
        return lambda values: values @ begins
    return lambda values: np.matmul(values[:, None, :], begins)[:, 0, :]


@dataclass(frozen=True, slots=True)
class Draws:
    """A number in [0, 1) per agent and purpose."""

    action: Array
    ties: Array


def choose(
    judgement: Judgement, of: Integers, draws: Draws, selection: Selection
) -> tuple[Integers, NDArray[np.bool_]]:
    """Each agent's action, and whether the best policies left it open; agent i judges by row of[i].

    `best`: the first action of the best policy; where several are best, each of their first
    actions is as likely. `sample`: an action by its probability.
    """
    tied = np.add.reduce(judgement.best, axis=1, dtype=np.int64)
    tie: NDArray[np.bool_] = (tied > 1)[of]
    if selection == "best":
        ranked = np.argsort(~judgement.best, axis=1, kind="stable")
        rank = (draws.ties * tied[of]).astype(np.int64)
        return ranked[of, rank], tie
    cumulated = np.cumsum(judgement.marginal, axis=1)[of]
    above = draws.action[:, None] * cumulated[:, -1:] >= cumulated
    return above.sum(axis=1), tie


def leading_policy(
    judgement: Judgement, first: Integers, rows: Integers, actions: Integers
) -> Integers:
    """The likeliest policy of each row's belief among those that begin with its action."""
    begins = (first if first.ndim == 1 else first[rows]) == actions[:, None]
    likeliest: Integers = np.where(begins, judgement.posterior[rows], -1.0).argmax(axis=1)
    return likeliest
