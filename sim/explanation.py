"""Why a mind believes what it does: prior, likelihood and posterior, factor by factor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.model import Array, marginal
from sim.policies import Judgement, Prospects

MOST_POLICIES_SHOWN = 32


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


def likeliest_policies(
    judgement: Judgement,
    prospects: Prospects,
    row: int,
    path: Callable[[int], Sequence[int]],
    actions: Sequence[str],
) -> list[dict[str, Any]]:
    """Of the belief in a row, the likeliest first; of those equally likely, the first enumerated.

    `path` gives the actions of a policy, whose names are `actions`.
    """
    probability = judgement.posterior[row]
    shown = np.argsort(-probability, kind="stable")[:MOST_POLICIES_SHOWN].tolist()
    return [
        {
            "actions": [actions[action] for action in path(policy)],
            "probability": float(probability[policy]),
            "G": float(judgement.cost[row, policy]),
            "epistemic": float(prospects.epistemic[row, policy]),
            "pragmatic": float(prospects.pragmatic[row, policy]),
        }
        for policy in shown
    ]
