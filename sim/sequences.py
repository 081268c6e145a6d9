"""Policies that are fixed sequences of actions, all of a depth, for any model."""

from functools import cached_property

import numpy as np

from sim.likelihood import TINY, Likelihood, entropy
from sim.model import Array, Integers, Model
from sim.policies import MOST_POLICIES, Prospects, beginnings, enumerate_policies, log_prior

MOST_STATES_COMBINED = 256
MOST_ENTRIES_COMBINED = 1 << 22
BLOCK = 1 << 17  # numbers in a block of predicted outcomes, so that it stays in the cache


class Sequences:
    """Every sequence of actions as a policy (a Planner).

    Policies that begin alike share the steps that they have in common. In a small joint state
    space, moreover, the matrices from belief to predicted outcomes are combined once, and steps
    that lead to the same place share theirs; in a larger one beliefs are predicted step by step.
    """

    def __init__(
        self, model: Model, likelihood: Likelihood, depth: int, most: int = MOST_POLICIES
    ) -> None:
        self.sequences = enumerate_policies(model.actions, depth, most)
        self.first = np.ascontiguousarray(self.sequences[:, 0])
        self._begins = beginnings(self.first, model.actions)
        self.actions = model.actions
        self.policies = len(self.sequences)
        self.log_prior = log_prior(model.E, self.policies)
        self._model = model
        self._likelihood = likelihood

    def path(self, belief: Array, policy: int) -> list[int]:  # noqa: ARG002
        """The actions of a policy, which are the same for every belief."""
        actions: list[int] = self.sequences[policy].tolist()
        return actions

    def prospects(self, beliefs: Array) -> Prospects:
        """Of joint beliefs (n, states), over all steps of each policy."""
        if self._combined is None:
            epistemic, pragmatic = self._step_by_step(beliefs)
        else:
            epistemic, pragmatic = self._combined.values(beliefs)
        return Prospects(np.maximum(epistemic, 0.0), pragmatic, self.first, self._begins)

    @cached_property
    def _combined(self) -> "CombinedSteps | None":
        if self._model.states > MOST_STATES_COMBINED:
            return None
        return combine(self._model, self._likelihood, self.sequences)

    def _step_by_step(self, beliefs: Array) -> tuple[Array, Array]:
        """Depth first; what a step brings is added to all policies that pass through it."""
        shape = (len(beliefs), self.policies)
        epistemic, pragmatic = np.zeros(shape), np.zeros(shape)
        table = self._likelihood.table[: self._likelihood.rows]

        def descend(predicted: Array, policies: range) -> None:
            share = len(policies) // self.actions
            for action in range(self.actions):
                passing = policies[action * share : (action + 1) * share]
                columns = slice(passing.start, passing.stop)
                moved = self._model.predict(predicted, action)
                gain = entropy(moved @ table.T, axis=1) - moved @ self._likelihood.ambiguity
                epistemic[:, columns] += gain[:, None]
                pragmatic[:, columns] += (moved @ self._likelihood.preference)[:, None]
                if share > 1:
                    descend(moved, passing)

        descend(beliefs, range(self.policies))
        return epistemic, pragmatic


class CombinedSteps:
    """All steps of all policies as one linear map from belief to predicted outcomes."""

    def __init__(self, transitions: Array, visits: Array, likelihood: Likelihood) -> None:
        """`transitions` (distinct steps, states now, states then), each belief's row vector times
        it; `visits` (policies, distinct steps) counts how often a policy makes a step."""
        table = likelihood.table[: likelihood.rows]
        outcomes = np.matmul(table, transitions.transpose(0, 2, 1))
        possible = outcomes.any(axis=2)
        self._outcomes = outcomes[possible]
        step, _ = np.nonzero(possible)
        self._starts = np.searchsorted(step, np.arange(len(transitions)))
        self._visits = visits
        self._certainty = -(visits @ (transitions @ likelihood.ambiguity)).T
        self._preference = visits @ (transitions @ likelihood.preference)

    def values(self, beliefs: Array) -> tuple[Array, Array]:
        """Epistemic and pragmatic value (n, policies)."""
        epistemic = beliefs @ self._certainty
        block = max(1, BLOCK // len(self._outcomes))
        for start in range(0, len(beliefs), block):
            part = slice(start, start + block)
            predicted = self._outcomes @ beliefs[part].T
            logs = np.maximum(predicted, TINY)
            np.log(logs, out=logs)
            logs *= predicted
            uncertainty = np.add.reduceat(logs, self._starts, axis=0)
            epistemic[part] -= (self._visits @ uncertainty).T
        return epistemic, beliefs @ self._preference.T


def combine(model: Model, likelihood: Likelihood, sequences: Integers) -> CombinedSteps | None:
    """The policies' steps, each distinct one once; None where that would take too much memory."""
    most = MOST_ENTRIES_COMBINED // (model.states * max(model.states, likelihood.rows))
    known: dict[bytes, int] = {}
    transitions: list[Array] = []
    after: dict[tuple[int, int], int] = {}
    here = np.full(len(sequences), -1)
    visits: list[Integers] = []
    for depth in range(sequences.shape[1]):
        pairs, of = np.unique(np.stack([here, sequences[:, depth]]), axis=1, return_inverse=True)
        steps = []
        for start, action in pairs.T.tolist():
            if (start, action) not in after:
                matrix = np.eye(model.states) if start < 0 else transitions[start]
                matrix = model.predict(matrix, action)
                after[start, action] = known.setdefault(matrix.tobytes(), len(transitions))
                if after[start, action] == len(transitions):
                    transitions.append(matrix)
                if len(transitions) > most:
                    return None
            steps.append(after[start, action])
        here = np.array(steps)[of.reshape(-1)]
        visits.append(here)
    counts = np.zeros((len(sequences), len(transitions)))
    for here in visits:
        counts[np.arange(len(sequences)), here] += 1
    return CombinedSteps(np.stack(transitions), counts, likelihood)
