"""What one mind of a population thought in a tick, put together only when somebody asks."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.explanation import likeliest_policies, message
from sim.groups import Groups
from sim.inference import Inference
from sim.likelihood import Likelihood
from sim.model import Array, Integers, Model
from sim.policies import Judgement, Planner, Prospects
from sim.scenario import ModelInfo


@dataclass(frozen=True, slots=True)
class Mind:
    """What does not change from tick to tick: the model, its names, and how it plans."""

    model: Model
    info: ModelInfo
    likelihood: Likelihood
    planner: Planner

    def observation(self, row: int) -> dict[str, str | None]:
        """The outcomes of a row of the likelihood by name; None where it stands for no outcome."""
        if row == self.likelihood.impossible:
            return {name: None for name, _ in self.info.modalities}
        outcomes = self.likelihood.outcomes[row].tolist()
        return {
            name: labels[outcome]
            for (name, labels), outcome in zip(self.info.modalities, outcomes, strict=True)
        }


@dataclass(frozen=True, slots=True)
class MindDetail:
    """The thoughts of a tick: one row per group of agents that think alike; nats throughout.

    `row`, `action` and `tie` are per agent: the row of the likelihood observed, the action
    chosen, and whether the best policies left it open. No array is written to any more.
    """

    mind: Mind
    groups: Groups
    prior: Array
    inference: Inference
    prospects: Prospects
    judgement: Judgement
    row: Integers
    action: Integers
    tie: NDArray[np.bool_]

    def belief(self, agent: int) -> dict[str, Any]:
        """Belief, prior, likelihood and prediction by name, what they cost, and the policies.

        `likelihood` of a factor's state is p(observation | state), the other factors averaged by
        their prior, so that the posterior is in proportion to prior times likelihood.
        `predicted` is what the prior led to expect.
        """
        group = int(self.groups.of[agent])
        model, info = self.mind.model, self.mind.info
        prior, inference = self.prior[group], self.inference
        likelihood = self.mind.likelihood.table[self.row[agent]]
        factors = [factor.name for factor in info.factors]
        return {
            "belief": self._marginals(inference.posterior[group]),
            "prior": self._marginals(prior),
            "likelihood": {
                name: message(prior, likelihood, model.shape, f) for f, name in enumerate(factors)
            },
            "entropy": float(inference.entropy[group]),
            "surprise": float(inference.surprise[group]),
            "free_energy": float(inference.free_energy[group]),
            "complexity": float(inference.complexity[group]),
            "accuracy": float(inference.accuracy[group]),
            "observation": self.observation(agent),
            "predicted": {
                name: a.reshape(len(a), -1) @ prior
                for (name, _), a in zip(info.modalities, model.A, strict=True)
            },
            "policies": self._policies(group),
            "policies_total": self.mind.planner.policies,
            "action": info.actions[self.action[agent]],
            "tie": bool(self.tie[agent]),
        }

    def observation(self, agent: int) -> dict[str, str | None]:
        """What the agent saw, by modality; None where its model has no such joint outcome."""
        return self.mind.observation(int(self.row[agent]))

    def _marginals(self, joint: Array) -> dict[str, Array]:
        return {
            factor.name: self.mind.model.marginal(joint, f)
            for f, factor in enumerate(self.mind.info.factors)
        }

    def _policies(self, group: int) -> list[dict[str, Any]]:
        belief, planner = self.inference.posterior[group], self.mind.planner
        return likeliest_policies(
            self.judgement, self.prospects, group,
            lambda policy: planner.path(belief, policy), self.mind.info.actions,
        )  # fmt: skip
