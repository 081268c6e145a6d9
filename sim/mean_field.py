"""Mean field: beliefs as independent factors, for models too large to be thought through jointly.

The posterior is approximated by q(s) = Π_f q_f(s_f) that lowers the free energy
F = Σ_f KL(q_f || p_f) - Σ_m E_q[ln A_m(o_m | s)], by coordinate ascent: one factor after the other
takes ln q_f = ln p_f + Σ_m E_q of the others[ln A_m(o_m | s)] + constant, until no marginal moves
by more than TOLERANCE (Parr, Pezzulo & Friston 2022, box 4.1; Blei et al. 2017, section 2.4).
Priors p_f are each factor's own prediction. F never rises, and is a bound: F ≥ surprise. What it
exceeds it by, the gap, is KL(q || exact posterior under the same factorised prior), in nats; what
was lost by factorising the prior in earlier steps is not in it.

Zero stands for the smallest normal number inside logarithms, as in exact inference. Where several
optima are, the one found is that to which the prior leads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from sim.explanation import Explanation
from sim.inference import Inference, Rule
from sim.likelihood import TINY, entropy
from sim.model import Array, Integers, Model

MOST_ROUNDS = 64
TOLERANCE = 1e-10
MOST_STATES_SUMMED = 1 << 18  # of one belief; more, and the surprise is bounded, not summed
_BLOCK = 1 << 22


@dataclass(frozen=True, slots=True)
class Approximation(Inference):
    """Beliefs whose `posterior` holds the marginals, side by side (n, sum of the factors' states).

    `gap` (n,) is what the free energy exceeds the surprise by. Where the exact surprise was not
    summed (`is_summed` False), `surprise` and `gap` are both the free energy, which neither
    exceeds, as a surprise is never below 0. `rounds` of coordinate ascent were made.
    """

    gap: Array
    is_summed: bool
    rounds: int


@dataclass(frozen=True, slots=True)
class _Modality:
    """A likelihood reduced to the factors that it depends on: outcomes × their states."""

    factors: tuple[int, ...]
    matrix: Array
    logs: Array
    ambiguity: Array


class MeanField:
    """Infers and predicts beliefs (n, sum of states) in a model, of whatever size."""

    def __init__(self, model: Model) -> None:
        self.model = model
        ends = np.cumsum(model.shape).tolist()
        self.parts = tuple(
            slice(end - size, end) for size, end in zip(model.shape, ends, strict=True)
        )
        self.actions, self.controls = model.actions, model.controls
        self.modalities = tuple(_reduced(a) for a in model.A)
        self.C = list(model.C)

    def initial(self, agents: int = 1) -> Array:
        """What is expected at first, (agents, sum of states)."""
        return np.tile(np.concatenate(self.model.D), (agents, 1))

    def predict(self, beliefs: Array, action: int) -> Array:
        """The beliefs after an action, each factor by itself."""
        controls = np.unravel_index(action, self.model.controls)
        moved = [
            beliefs[:, part] @ b[:, :, control].T
            for part, b, control in zip(self.parts, self.model.B, controls, strict=True)
        ]
        return np.concatenate(moved, axis=1)

    def infer(self, prior: Array, outcomes: Integers, rule: Rule = "prior") -> Approximation:
        """Beliefs after outcomes (n, modalities), from priors (n, sum of states)."""
        logs = [m.logs[outcomes[:, i]] for i, m in enumerate(self.modalities)]
        log_prior = np.log(np.maximum(prior, TINY))
        posterior = prior.copy()
        rounds = 1
        while self._ascend(posterior, log_prior, logs) > TOLERANCE and rounds < MOST_ROUNDS:
            rounds += 1
        expected = sum(
            (self._expect(m, log, posterior) for m, log in zip(self.modalities, logs, strict=True)),
            np.zeros(len(prior)),
        )
        return self._weigh(prior, posterior, log_prior, expected, (outcomes, rule, rounds))

    def information(self, beliefs: Array) -> tuple[Array, Array]:
        """What beliefs (n, …) gain from the next outcomes, and how they like them, (n,) each.

        The gains of the modalities are added, as if none told what another tells: at least the gain
        from all together, and equal to it where each is about factors of its own.
        """
        epistemic, pragmatic = np.zeros(len(beliefs)), np.zeros(len(beliefs))
        for modality, c in zip(self.modalities, self.C, strict=True):
            weights = self._product(modality.factors, beliefs).reshape(len(beliefs), -1)
            predicted = weights @ modality.matrix.reshape(len(c), -1).T
            gain = entropy(predicted, axis=1) - weights @ modality.ambiguity.reshape(-1)
            epistemic += np.maximum(gain, 0.0)
            pragmatic += predicted @ c
        return epistemic, pragmatic

    def believing(self, beliefs: Array, marginals: Mapping[int, Array]) -> Array:
        """Beliefs (n, sum of states) with other marginals of some factors."""
        changed = beliefs.copy()
        for factor, marginal in marginals.items():
            changed[:, self.parts[factor]] = marginal
        return changed

    def explain(
        self,
        agent: int,  # noqa: ARG002
        prior: Array,
        posterior: Array,
        outcomes: Integers,
    ) -> Explanation:
        """One agent's beliefs (sum of states,). The likelihood of a factor's state is exp E[ln A],
        the others taken by their posterior: prior times it is in proportion to the posterior."""
        after = posterior[None]
        likelihood = []
        for f, part in enumerate(self.parts):
            log = np.zeros((1, part.stop - part.start))
            for i, modality in enumerate(self.modalities):
                if f in modality.factors:
                    seen = modality.logs[outcomes[i : i + 1]]
                    log += self._message(modality, seen, after, f)
            likelihood.append(np.where(log[0] > np.log(TINY) / 2, np.exp(log[0]), 0.0))
        predicted = [
            self._product(m.factors, prior[None]).reshape(-1)
            @ m.matrix.reshape(len(m.matrix), -1).T
            for m in self.modalities
        ]
        before, now = [prior[part] for part in self.parts], [posterior[p] for p in self.parts]
        return Explanation(before, now, likelihood, predicted)

    def value(self, preferences: Mapping[int, Array]) -> None:
        """All have these log-preferences (outcomes,), by modality."""
        self.C = [preferences.get(m, c) for m, c in enumerate(self.C)]

    def _ascend(self, posterior: Array, log_prior: Array, logs: list[Array]) -> float:
        """One round over all factors, in place; the largest change of a probability."""
        change = 0.0
        for f, part in enumerate(self.parts):
            message = log_prior[:, part].copy()
            for modality, log in zip(self.modalities, logs, strict=True):
                if f in modality.factors:
                    message += self._message(modality, log, posterior, f)
            message -= message.max(axis=1, keepdims=True)
            np.exp(message, out=message)
            message /= message.sum(axis=1, keepdims=True)
            change = max(change, float(np.abs(message - posterior[:, part]).max()))
            posterior[:, part] = message
        return change

    def _message(self, modality: _Modality, log: Array, posterior: Array, factor: int) -> Array:
        """E of ln A under the other factors' marginals, (n, states of the factor)."""
        others = tuple(g for g in modality.factors if g != factor)
        weights = self._product(others, posterior).reshape(len(posterior), 1, -1)
        moved = np.moveaxis(log, 1 + modality.factors.index(factor), 1)
        message: Array = (moved.reshape(len(log), moved.shape[1], -1) * weights).sum(axis=2)
        return message

    def _expect(self, modality: _Modality, log: Array, beliefs: Array) -> Array:
        weights = self._product(modality.factors, beliefs)
        expected: Array = (log * weights).reshape(len(beliefs), -1).sum(axis=1)
        return expected

    def _product(self, factors: tuple[int, ...], beliefs: Array) -> Array:
        """The joint of independent factors, (n, S…) in their order."""
        joint = np.ones(len(beliefs))
        for f in factors:
            marginal = beliefs[:, self.parts[f]]
            joint = joint[..., None] * marginal.reshape(len(beliefs), *(1,) * (joint.ndim - 1), -1)
        return joint

    def _weigh(
        self,
        prior: Array,
        posterior: Array,
        log_prior: Array,
        accuracy: Array,
        seen: tuple[Integers, Rule, int],
    ) -> Approximation:
        outcomes, rule, rounds = seen
        evidence = self._evidence(prior, outcomes)
        impossible = accuracy < np.log(TINY) / 2 if evidence is None else evidence < TINY
        if impossible.any():
            flat = np.concatenate([np.full(size, 1 / size) for size in self.model.shape])
            posterior[impossible] = flat if rule == "uniform" else prior[impossible]
            accuracy = np.where(impossible, np.log(TINY), accuracy)
        complexity = (posterior * (np.log(np.maximum(posterior, TINY)) - log_prior)).sum(axis=1)
        bound = complexity - accuracy
        surprise = bound if evidence is None else -np.log(np.maximum(evidence, TINY))
        gap = bound if evidence is None else np.maximum(bound - surprise, 0.0)
        return Approximation(
            posterior=posterior,
            entropy=np.maximum(entropy(posterior, axis=1), 0.0),
            surprise=np.maximum(surprise, 0.0),
            complexity=complexity,
            accuracy=accuracy,
            impossible=impossible,
            gap=gap,
            is_summed=evidence is not None,
            rounds=rounds,
        )

    def _evidence(self, prior: Array, outcomes: Integers) -> Array | None:
        """p(o) under the factorised prior, summed over all joint states; None where too many."""
        factors = tuple(sorted({f for m in self.modalities for f in m.factors}))
        states = prod(self.model.shape[f] for f in factors)
        if states > MOST_STATES_SUMMED:
            return None
        block = max(1, _BLOCK // states)
        evidence = np.empty(len(prior))
        for start in range(0, len(prior), block):
            part = slice(start, start + block)
            joint = self._product(factors, prior[part])
            for i, modality in enumerate(self.modalities):
                sizes = [self.model.shape[f] if f in modality.factors else 1 for f in factors]
                chances = modality.matrix[outcomes[part, i]]
                joint = joint * chances.reshape(len(joint), *sizes)
            evidence[part] = joint.reshape(len(joint), -1).sum(axis=1)
        return evidence


def _reduced(a: Array) -> _Modality:
    """Without the factors along which the likelihood does not change."""
    factors, matrix = [], a
    for factor in reversed(range(a.ndim - 1)):
        first = matrix.take([0], axis=1 + factor)
        if (matrix == first).all():
            matrix = first.squeeze(axis=1 + factor)
        else:
            factors.append(factor)
    logs = np.log(np.maximum(matrix, TINY))
    return _Modality(tuple(reversed(factors)), matrix, logs, entropy(matrix, axis=0))


def marginals(joint: Array, model: Model) -> Array:
    """Joint beliefs (n, states) as marginals side by side, for comparison."""
    whole = joint.reshape(-1, *model.shape)
    axes = range(1, whole.ndim)
    return np.concatenate(
        [whole.sum(axis=tuple(a for a in axes if a != axis)) for axis in axes], axis=1
    )
