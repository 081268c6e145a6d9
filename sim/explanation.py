"""Why a mind believes what it does: prior, likelihood and posterior, factor by factor."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.model import Array


@dataclass(frozen=True, slots=True)
class Explanation:
    """One agent's probabilities in a tick: `prior`, `posterior` and `likelihood` by factor,
    `predicted` by modality: what the prior led to expect.

    `likelihood` of a factor's state is p(observation | state), the other factors averaged, so that
    the posterior is in proportion to prior times likelihood.
    """

    prior: list[Array]
    posterior: list[Array]
    likelihood: list[Array]
    predicted: list[Array]


def marginal(joint: Array, shape: Sequence[int], factor: int) -> Array:
    """One factor's share of a joint vector (states,): the sum over the other factors."""
    others = tuple(f for f in range(len(shape)) if f != factor)
    found: Array = joint.reshape(tuple(shape)).sum(axis=others)
    return found


def message(prior: Array, likelihood: Array, shape: Sequence[int], factor: int) -> Array:
    """p(observation | state of one factor), the others averaged by their prior; where the prior of
    a state is 0 the others are taken as free."""
    own = marginal(prior, shape, factor)
    joint = marginal(prior * likelihood, shape, factor)
    others = np.ones(1)
    for f, size in enumerate(shape):
        share = np.ones(size) if f == factor else marginal(prior, shape, f)
        others = np.multiply.outer(others, share).reshape(-1)
    free = marginal(others * likelihood, shape, factor)
    found: Array = np.where(own > 0, joint / np.where(own > 0, own, 1.0), free)
    return found


def explained(
    prior: Array,
    posterior: Array,
    outcomes: Sequence[int],
    A: Sequence[Array],
    shape: Sequence[int],
) -> Explanation:
    """Of joint beliefs (states,) by likelihoods `A[m]` (outcomes, states)."""
    likelihood = np.ones(len(prior))
    for a, seen in zip(A, outcomes, strict=True):
        likelihood = likelihood * a[seen]
    factors = range(len(shape))
    return Explanation(
        [marginal(prior, shape, f) for f in factors],
        [marginal(posterior, shape, f) for f in factors],
        [message(prior, likelihood, shape, f) for f in factors],
        [a @ prior for a in A],
    )
