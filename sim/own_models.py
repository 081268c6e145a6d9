"""Exact inference by agents that each have matrices of their own, all at once."""

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from sim.errors import ModelError, TooManyOutcomes, TooManyStates
from sim.explanation import Explanation, explained
from sim.inference import Inference, Rule, infer, with_marginals
from sim.learning import Knowledge
from sim.likelihood import MOST_ENTRIES, entropy
from sim.model import MOST_JOINT_STATES, Array, Integers, Model


class OwnModels:
    """Models of one shape, stacked: the first axis is that of the agents, or of length one where
    all share what stands there.

    `A[m]` (owners, outcomes, states), joint states in one axis; `B[f]` (owners, next, current,
    controls); `C[m]` (owners, outcomes); `D[f]` (owners, states of f). Raises ModelError where the
    models differ in shape, TooManyOutcomes where joint outcomes × joint states of all are too many.
    """

    def __init__(self, models: Sequence[Model]) -> None:
        first = models[0]
        if first.states > MOST_JOINT_STATES:
            raise TooManyStates(first.states, MOST_JOINT_STATES, first.shape)
        for i, model in enumerate(models):
            for name in ("shape", "outcomes", "controls"):
                own, wanted = getattr(model, name), getattr(first, name)
                if own != wanted:
                    raise ModelError(
                        f"models[{i}]", f"has {name} {own} where models[0] has {wanted}"
                    )
        self.shape, self.outcomes, self.controls = first.shape, first.outcomes, first.controls
        self.states, self.actions = first.states, first.actions
        self.C = _stacked([model.C for model in models])
        self.take(
            [a.reshape(*a.shape[:2], -1) for a in _stacked([model.A for model in models])],
            _stacked([model.B for model in models]),
            _stacked([model.D for model in models]),
        )

    def learned(self, knowledge: Knowledge) -> None:
        """The models are from now on those that the counts lead to expect."""
        self.take(
            [counts.expected() for counts in knowledge.A],
            [counts.expected() for counts in knowledge.B],
            [counts.expected() for counts in knowledge.D],
        )

    def take(self, A: list[Array], B: list[Array], D: list[Array]) -> None:
        """Other matrices of the same shapes."""
        self.A, self.B, self.D = A, B, D
        table = np.ones((1, 1, self.states))
        for a in A:
            size = max(len(table), len(a)) * table.shape[1] * a.shape[1] * self.states
            if size > MOST_ENTRIES:
                raise TooManyOutcomes(size, MOST_ENTRIES)
            table = (table[:, :, None, :] * a[:, None]).reshape(
                max(len(table), len(a)), -1, self.states
            )
        self._table = table
        self._ambiguity = entropy(table, axis=1)
        self._preference = self._liking()

    def initial(self, agents: int) -> Array:
        """Joint beliefs (agents, states) before the first observation."""
        joint = np.ones((1, 1))
        for d in self.D:
            joint = (joint[:, :, None] * d[:, None, :]).reshape(max(len(joint), len(d)), -1)
        return np.broadcast_to(joint, (agents, self.states)).copy()

    def infer(self, prior: Array, outcomes: Integers, rule: Rule = "prior") -> Inference:
        """Exact beliefs after outcomes (agents, modalities)."""
        likelihood = np.ones(prior.shape)
        for a, seen in zip(self.A, outcomes.T, strict=True):
            likelihood *= a[0, seen] if len(a) == 1 else a[np.arange(len(seen)), seen]
        return infer(prior, likelihood, rule)

    def predict(self, beliefs: Array, action: int) -> Array:
        """The beliefs of all agents after an action, each by its own transitions."""
        moved = beliefs
        controls = np.unravel_index(action, self.controls)
        for f, size in enumerate(self.shape):
            parts = moved.reshape(len(beliefs), prod(self.shape[:f]), size, -1)
            moved = np.matmul(self.B[f][:, None, :, :, controls[f]], parts)
        return moved.reshape(len(beliefs), -1)

    def information(self, beliefs: Array) -> tuple[Array, Array]:
        """What beliefs gain from the next joint outcome, and how they like it, (agents,) each."""
        predicted = np.matmul(self._table, beliefs[:, :, None])[:, :, 0]
        gain = entropy(predicted, axis=1) - (beliefs * self._ambiguity).sum(axis=1)
        return np.maximum(gain, 0.0), (beliefs * self._preference).sum(axis=1)

    def believing(self, beliefs: Array, marginals: Mapping[int, Array]) -> Array:
        """Joint beliefs (n, states) with other marginals of some factors."""
        return with_marginals(beliefs, self.shape, marginals)

    def explain(
        self, agent: int, prior: Array, posterior: Array, outcomes: Integers
    ) -> Explanation:
        """One agent's joint beliefs (states,), by its own likelihoods."""
        own = [a[agent if len(a) > 1 else 0] for a in self.A]
        return explained(prior, posterior, outcomes.tolist(), own, self.shape)

    def value(self, preferences: Mapping[int, Array]) -> None:
        """All have these log-preferences (outcomes,), or each its own (owners, outcomes), by
        modality."""
        self.C = [np.atleast_2d(preferences.get(m, c)) for m, c in enumerate(self.C)]
        self._preference = self._liking()

    def _liking(self) -> Array:
        """The expected log-preference of each joint state, (owners, states)."""
        return sum(
            (np.einsum("no,nos->ns", c, a) for c, a in zip(self.C, self.A, strict=True)),
            np.zeros((1, self.states)),
        )


def _stacked(matrices: Sequence[Sequence[Array]]) -> list[Array]:
    """One array for each place in the models."""
    return [np.stack(own) for own in zip(*matrices, strict=True)]
