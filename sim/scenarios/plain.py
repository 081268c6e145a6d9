"""What is told of agents that have no model of their world: nothing, or one probability."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.model import Array


@dataclass(frozen=True, slots=True)
class NoMinds:
    """Agents that believe nothing; `facts` are per agent, by name."""

    facts: Mapping[str, Any] = field(default_factory=dict)

    def belief(self, agent: int) -> dict[str, Any]:  # noqa: ARG002
        return {}

    def agent(self, agent: int) -> dict[str, Any]:
        return {name: values[agent] for name, values in self.facts.items()}


@dataclass(frozen=True, slots=True)
class Beliefs:
    """One factor's beliefs (agents, states) before and after a tick, in which nobody plans.

    `surprise` (agents,) in nats is that of what each learned.
    """

    factor: str
    prior: Array
    posterior: Array
    surprise: Array
    facts: Mapping[str, Any] = field(default_factory=dict)

    def belief(self, agent: int) -> dict[str, Any]:
        posterior = self.posterior[agent]
        return {
            "belief": {self.factor: posterior},
            "prior": {self.factor: self.prior[agent]},
            "entropy": float(entropy(posterior[None])[0]),
            "surprise": float(self.surprise[agent]),
            "policies": [],
            "policies_total": 0,
        }

    def agent(self, agent: int) -> dict[str, Any]:
        return {name: values[agent] for name, values in self.facts.items()}


def entropy(beliefs: Array) -> Array:
    """Of each row, in nats; 0 ln 0 is 0."""
    logs = np.log(np.where(beliefs > 0, beliefs, 1.0))
    total: Array = -(beliefs * logs).sum(axis=1)
    return total


def softmax(logits: Array) -> Array:
    """Of each row."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Array = shifted / shifted.sum(axis=1, keepdims=True)
    return found


def kept(state: Mapping[str, Any], *names: str) -> list[Any]:
    """These arrays of a state, as the world's own."""
    return [np.array(state[name]) for name in names]
