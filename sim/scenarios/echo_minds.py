"""What is told of the minds in echo chambers, and the arithmetic of two-sided beliefs."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.model import Array, Integers
from sim.network import Network
from sim.perturbation import PerturbationError
from sim.scenarios.plain import entropy

IDEAS = ("against", "for")
_MOST_SHOWN = 32


@dataclass(frozen=True, slots=True)
class EchoDetail:
    """What the minds thought in a tick; `read` is the edge that each read, -1 for none."""

    network: Network
    prior: Array
    posterior: Array
    views: Array
    gain: Array
    read: Integers
    surprise: Array

    def belief(self, agent: int) -> dict[str, Any]:
        """The idea, and what the agent takes its neighbours to think."""
        first, last = self.network.start[agent : agent + 2].tolist()
        edges = range(first, last)
        policies = [
            {
                "actions": [f"read {self.network.source[edge]}"],
                "probability": float(edge == self.read[agent]),
                "G": -float(self.gain[edge]),
                "epistemic": float(self.gain[edge]),
                "pragmatic": 0.0,
            }
            for edge in sorted(edges, key=lambda edge: -self.gain[edge])[:_MOST_SHOWN]
        ]
        belief = {"idea": np.array([1 - self.posterior[agent], self.posterior[agent]])}
        return {
            "belief": belief,
            "prior": {"idea": np.array([1 - self.prior[agent], self.prior[agent]])},
            "entropy": float(entropy(belief["idea"][None])[0]),
            "surprise": float(self.surprise[agent]),
            "policies": policies,
            "policies_total": last - first,
        }

    def agent(self, agent: int) -> dict[str, Any]:
        first, last = self.network.start[agent : agent + 2].tolist()
        shown = range(first, min(last, first + _MOST_SHOWN))
        views = {str(self.network.source[e]): round(float(self.views[e]), 4) for e in shown}
        return {"takes to be for it": views}


def drifted(probability: Array, volatility: float) -> Array:
    """After a tick in which the truth may have changed."""
    drifted: Array = probability + volatility * (1 - 2 * probability)
    return drifted


def sigmoid(logit: Array) -> Array:
    """The probability of these log-odds."""
    found: Array = 0.5 * (1 + np.tanh(logit / 2))
    return found


def binary_entropy(chance: Array) -> Array:
    """In nats."""
    both = np.stack([chance, 1 - chance])
    logs = np.log(np.where(both > 0, both, 1.0))
    found: Array = -(both * logs).sum(axis=0)
    return found


def probability(wanted: Any) -> float:
    """That the idea is true, as somebody wants it; raises PerturbationError."""
    if wanted in IDEAS:
        return float(IDEAS.index(wanted))
    if isinstance(wanted, list | tuple) and len(wanted) == len(IDEAS):
        numbers = [part for part in wanted if isinstance(part, int | float) and part >= 0]
        if len(numbers) == len(IDEAS) and abs(sum(numbers) - 1) < 1e-9:
            return float(numbers[1])
    raise PerturbationError(
        "belief.idea", f"is {wanted!r:.60}; allowed is {' or '.join(IDEAS)}, or [p, 1 - p]"
    )
