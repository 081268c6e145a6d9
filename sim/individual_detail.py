"""What minds thought that differ one by one, put together only when somebody asks."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.explanation import Explanation, likeliest_policies
from sim.inference import Inference
from sim.model import Array, Integers
from sim.policies import Judgement, Prospects
from sim.scenario import ModelInfo
from sim.tick import Column


class ThoughtDetail(Protocol):
    """What single agents thought in a tick."""

    def belief(self, agent: int) -> dict[str, Any]: ...

    def observation(self, agent: int) -> dict[str, str | None]: ...


class Explaining(Protocol):
    """An engine as it was in a tick."""

    def explain(
        self, agent: int, prior: Array, posterior: Array, outcomes: Integers
    ) -> Explanation: ...


@dataclass(frozen=True, slots=True)
class Considered:
    """What all agents made of an observation: columns and actions in their order."""

    columns: dict[str, Column]
    action: Integers
    impossible: list[int]
    detail: ThoughtDetail


@dataclass(frozen=True, slots=True)
class IndividualDetail:
    """The thoughts of a tick, one row per agent; nats throughout. No array is written to any
    more."""

    info: ModelInfo
    engine: Explaining
    prior: Array
    outcomes: Integers
    inference: Inference
    prospects: Prospects
    judgement: Judgement
    sequences: Integers
    action: Integers
    tie: NDArray[np.bool_]

    def belief(self, agent: int) -> dict[str, Any]:
        """Belief, prior, likelihood and prediction by name, what they cost, and the policies."""
        found = self.engine.explain(
            agent, self.prior[agent], self.inference.posterior[agent], self.outcomes[agent]
        )
        factors = [factor.name for factor in self.info.factors]
        modalities = [name for name, _ in self.info.modalities]
        costs = ("entropy", "surprise", "free_energy", "complexity", "accuracy")
        return {
            "belief": dict(zip(factors, found.posterior, strict=True)),
            "prior": dict(zip(factors, found.prior, strict=True)),
            "likelihood": dict(zip(factors, found.likelihood, strict=True)),
            **{name: float(getattr(self.inference, name)[agent]) for name in costs},
            "observation": self.observation(agent),
            "predicted": dict(zip(modalities, found.predicted, strict=True)),
            "policies": likeliest_policies(
                self.judgement,
                self.prospects,
                agent,
                lambda policy: self.sequences[policy].tolist(),
                self.info.actions,
            ),
            "policies_total": len(self.sequences),
            "action": self.info.actions[self.action[agent]],
            "tie": bool(self.tie[agent]),
        }

    def observation(self, agent: int) -> dict[str, str | None]:
        """What the agent saw, by modality."""
        seen = self.outcomes[agent].tolist()
        return {
            name: labels[o] for (name, labels), o in zip(self.info.modalities, seen, strict=True)
        }
