"""Exact Bayesian inference over joint states, and what it costs in nats.

With prior q(s), likelihood p(o|s) and posterior q(s|o):
surprise = -ln p(o); complexity = KL(posterior || prior); accuracy = E_posterior[ln p(o|s)];
free energy = complexity - accuracy, which is never below surprise and equals it, since the
posterior is exact (Friston et al. 2015; Parr, Pezzulo & Friston 2022, chapter 4).
Zero stands for the smallest normal number inside logarithms: all values are finite, and an
impossible observation surprises by 708.396 nats.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.likelihood import TINY
from sim.model import Array

Rule = Literal["error", "prior", "uniform"]


@dataclass(frozen=True, slots=True)
class Inference:
    """Of n beliefs: joint posteriors (n, states), and (n,) each of the rest."""

    posterior: Array
    entropy: Array
    surprise: Array
    complexity: Array
    accuracy: Array
    impossible: NDArray[np.bool_]

    @property
    def free_energy(self) -> Array:
        return self.complexity - self.accuracy


def infer(prior: Array, likelihood: Array, rule: Rule = "prior") -> Inference:
    """Beliefs after an observation, from priors and likelihoods (n, states) of it.

    Where the evidence is zero, `impossible` is set and the posterior is the prior, as if nothing
    had been seen, or uniform, by the rule; whoever follows the rule `error` raises on the flag.
    """
    posterior = prior * likelihood
    evidence = np.add.reduce(posterior, axis=1)
    impossible = evidence < TINY
    if np.count_nonzero(impossible):
        uniform = 1.0 / prior.shape[1]
        posterior[impossible] = uniform if rule == "uniform" else prior[impossible]
        evidence = np.where(impossible, TINY, evidence)
    posterior /= np.add.reduce(posterior, axis=1, keepdims=True)
    log_ratio = _log(posterior)
    negative_entropy = np.add.reduce(posterior * log_ratio, axis=1)
    log_ratio -= _log(prior)
    log_ratio *= posterior
    expected = _log(likelihood)
    expected *= posterior
    return Inference(
        posterior=posterior,
        entropy=np.maximum(-negative_entropy, 0.0),
        surprise=np.maximum(-np.log(evidence), 0.0),
        complexity=np.add.reduce(log_ratio, axis=1),
        accuracy=np.add.reduce(expected, axis=1),
        impossible=impossible,
    )


def with_marginals(joint: Array, shape: tuple[int, ...], marginals: Mapping[int, Array]) -> Array:
    """Joint beliefs (n, states) whose factors have these marginals (their states,).

    What they hold of the other factors given a state stays, or, where that state had no
    probability, what they hold of them at all.
    """
    whole = joint.reshape(-1, *shape)
    for factor, marginal in marginals.items():
        moved = np.moveaxis(whole, 1 + factor, 1)
        others = moved.sum(axis=1, keepdims=True)
        own = moved.sum(axis=tuple(range(2, moved.ndim)), keepdims=True)
        given = np.where(own > 0, moved / np.where(own > 0, own, 1.0), others)
        shaped = marginal.reshape(1, -1, *(1,) * (moved.ndim - 2))
        whole = np.moveaxis(given * shaped, 1, 1 + factor)
    return whole.reshape(len(joint), -1)


def _log(values: Array) -> Array:
    logs = np.maximum(values, TINY)
    np.log(logs, out=logs)
    return logs
