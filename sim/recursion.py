"""Policies by recursion: what a first action leads to, if later ones answer to what is seen.

Sophisticated inference, after Friston et al. 2021 (Neural Computation 33, 713-763): the expected
free energy of an action is that of its own step, plus that of the actions that would follow,
averaged over the outcomes it may bring and over the choice that the belief after each would make,
softmax(-γ G). Beliefs are thus updated along the way, as they are not in `sim.sequences`, and what
can be learned now is worth what it helps to decide later.

Pruning, as there: outcomes and choices less probable than the threshold are not followed, and the
rest of them weighed as if they were all. With a threshold of 0 nothing is left out, and the result
is exact.
"""

from dataclasses import dataclass

import numpy as np

from sim.errors import TooManyBranches
from sim.groups import group
from sim.likelihood import Likelihood, entropy
from sim.model import Array, Integers, Model
from sim.policies import Prospects, log_prior

MOST_BELIEFS = 200_000
THRESHOLD = 1 / 16


@dataclass(frozen=True, slots=True)
class Search:
    """How far and how widely to look: `depth` in steps, from 1; `threshold` of probabilities;
    `precision` γ of later choices, in which epistemic value counts where they are `curious`;
    `most` beliefs at a level."""

    depth: int
    threshold: float = THRESHOLD
    precision: float = 16.0
    curious: bool = True
    most: int = MOST_BELIEFS


class Recursion:
    """The first actions as policies (a Planner), each valued by a search of what may follow.

    E, where the model has one, is the prior of first actions. Equal beliefs anywhere at a level of
    the search are followed once. `prospects` raises TooManyBranches where a level would have more
    beliefs than `search.most`.
    """

    def __init__(self, model: Model, likelihood: Likelihood, search: Search) -> None:
        if search.depth < 1:
            raise ValueError(f"depth is {search.depth}; a search has 1 step at least")
        if not 0 <= search.threshold < 1:
            raise ValueError(f"threshold is {search.threshold:g}; allowed is 0 up to below 1")
        self.actions = self.policies = model.actions
        self.log_prior = log_prior(model.E, self.policies)
        self._first = np.arange(self.actions)
        self._model, self._search = model, search
        self._table = likelihood.table[: likelihood.rows]
        self._ambiguity, self._preference = likelihood.ambiguity, likelihood.preference

    def path(self, belief: Array, policy: int) -> list[int]:  # noqa: ARG002
        """The first action alone: the later ones depend on what will be seen."""
        return [policy]

    def prospects(self, beliefs: Array) -> Prospects:
        """Of joint beliefs (n, states), each action with all that follows it."""
        epistemic, pragmatic = self._values(beliefs, self._search.depth)
        return Prospects(epistemic, pragmatic, self._first)

    def _values(self, beliefs: Array, depth: int) -> tuple[Array, Array]:
        """Epistemic and pragmatic value (n, actions) of so many steps."""
        moved = np.stack([self._model.predict(beliefs, u) for u in range(self.actions)], axis=1)
        predicted = moved @ self._table.T
        gain = entropy(predicted, axis=2) - moved @ self._ambiguity
        epistemic, pragmatic = np.maximum(gain, 0.0), moved @ self._preference
        if depth > 1:
            flat = moved.reshape(-1, moved.shape[2])
            later = self._later(flat, predicted.reshape(len(flat), -1), depth - 1)
            epistemic += later[0].reshape(epistemic.shape)
            pragmatic += later[1].reshape(pragmatic.shape)
        return epistemic, pragmatic

    def _later(self, moved: Array, predicted: Array, depth: int) -> tuple[Array, Array]:
        """The value (k,) of what follows predicted beliefs (k, states) and outcomes (k, rows)."""
        weights = pruned(predicted, self._search.threshold)
        branch, outcome = np.nonzero(weights)
        if len(branch) > self._search.most:
            raise TooManyBranches(len(branch), self._search.most, depth, self._search.threshold)
        posterior = moved[branch] * self._table[outcome]
        posterior /= posterior.sum(axis=1, keepdims=True)
        alike = group(posterior, np.zeros(len(posterior), dtype=np.int64))
        epistemic, pragmatic = self._values(posterior[alike.first], depth)
        choice = self._choices(epistemic, pragmatic)
        weight = weights[branch, outcome]
        return (
            _gathered((choice * epistemic).sum(axis=1)[alike.of] * weight, branch, len(moved)),
            _gathered((choice * pragmatic).sum(axis=1)[alike.of] * weight, branch, len(moved)),
        )

    def _choices(self, epistemic: Array, pragmatic: Array) -> Array:
        """How likely each later action is chosen, (n, actions)."""
        value = pragmatic + epistemic if self._search.curious else pragmatic
        logits = self._search.precision * (value - value.max(axis=1, keepdims=True))
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=1, keepdims=True)
        return pruned(logits, self._search.threshold)


def pruned(probabilities: Array, threshold: float) -> Array:
    """Rows (n, k) without what is less probable than the threshold, summing to one again; where
    that is all of a row, its most probable remain."""
    floor = np.minimum(threshold, probabilities.max(axis=1, keepdims=True))
    kept = np.where(probabilities >= floor, probabilities, 0.0)
    rescaled: Array = kept / kept.sum(axis=1, keepdims=True)
    return rescaled


def _gathered(values: Array, branch: Integers, branches: int) -> Array:
    """Sums by branch."""
    sums: Array = np.bincount(branch, weights=values, minlength=branches).astype(np.float64)
    return sums
