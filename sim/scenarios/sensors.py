"""Sensors that agree on a hypothesis by sharing evidence with their neighbours only."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sim.model import Array
from sim.network import Network
from sim.parameters import parameter
from sim.random import Streams
from sim.scenario import ColumnInfo, Factor, Frame, ModelInfo
from sim.scenarios.networked import Circle, Networked, change_edges
from sim.scenarios.plain import Beliefs, entropy, kept
from sim.tick import Column


@dataclass(frozen=True)
class Sensors(Networked):
    """Each measures once, m = truth + noise. Its log-likelihood ratio e = (m − 1/2) / noise² is
    averaged with Metropolis' weights, all at once; each believes logit(prior) + agents · e. The
    mean is kept, so all end at the centralised posterior."""

    name: ClassVar[str] = "sensors"
    title: ClassVar[str] = "Sensors"
    text: ClassVar[str] = (
        "Each sensor measures once whether something is there, with noise, and then keeps"
        " averaging its evidence with its neighbours'. All end at what one that saw every"
        " measurement would believe. Cut the network and its parts end apart; sensors that never"
        " listen pull all to themselves."
    )
    references: ClassVar[tuple[str, ...]] = (
        "Xiao, Boyd & Lall (2005). A scheme for robust distributed sensor fusion based on average"
        " consensus. Proceedings of IPSN, 63-70.",
        "Olfati-Saber, Franco, Frazzoli & Shamma (2006). Belief consensus and distributed"
        " hypothesis testing in sensor networks. LNCIS 331, 169-182.",
    )
    hz: ClassVar[float] = 5.0

    noise: float = parameter(
        5.0, minimum=0.1, maximum=1000.0, text="Standard deviation of a measurement"
    )
    prior: float = parameter(0.5, minimum=0.001, maximum=0.999, text="Probability before it")
    truth: bool = parameter(True, text="Whether something is there")
    stubborn: int = parameter(
        0, minimum=0, maximum=100_000, text="Sensors, from number 0 on, that never listen"
    )
    conviction: float = parameter(
        0.0, minimum=-100.0, maximum=100.0, text="Evidence that those hold to", unit="nats"
    )

    def begin(self, streams: Streams, clock: Callable[[], int]) -> "SensorsWorld":  # noqa: ARG002
        return SensorsWorld(self, streams)


class SensorsWorld:
    """The evidence each has, in nats for a sensor."""

    columns = (
        ColumnInfo("x", "Across", "cells"),
        ColumnInfo("y", "Down", "cells"),
        ColumnInfo("evidence", "Evidence per sensor", "nats"),
        ColumnInfo("belief", "Probability that it is there"),
        ColumnInfo("entropy", "Entropy of belief", "nats"),
    )
    model: ModelInfo | None = ModelInfo((Factor("object", ("absent", "there")),), (), (), 0)

    def __init__(self, scenario: Sensors, streams: Streams) -> None:
        self.agents = scenario.agents
        self.network: Network = scenario.link(streams)
        self._stubborn = min(scenario.stubborn, self.agents)
        self._logit = math.log(scenario.prior / (1 - scenario.prior))
        measured = scenario.truth + scenario.noise * streams.environment.normal(size=self.agents)
        self.evidence: Array = (measured - 0.5) / scenario.noise**2
        self.evidence[: self._stubborn] = scenario.conviction
        self._mixing = _metropolis(self.network)
        self._circle = Circle(self.agents)
        self.view = self._circle.view(
            ("belief", "evidence", "entropy"), "Each dot is a sensor; the colour, what it believes."
        )

    def advance(self, number: int) -> Frame:  # noqa: ARG002
        network, before = self.network, self.evidence
        steps = self._mixing * (before[network.source] - np.repeat(before, network.degree))
        self.evidence = before + network.sums(steps)
        self.evidence[: self._stubborn] = before[: self._stubborn]
        prior, posterior = self._beliefs(before), self._beliefs(self.evidence)
        uncertain = entropy(posterior)
        columns: dict[str, Column] = {
            **self._circle.columns(),
            "evidence": self.evidence.copy(),
            "belief": posterior[:, 1].copy(),
            "entropy": uncertain,
        }
        aggregates = {
            "evidence": float(self.evidence.mean()),
            "spread": float(np.ptp(self.evidence)),
            "belief": float(posterior[:, 1].mean()),
            "entropy": float(uncertain.mean()),
        }
        # Nothing is measured any more; what neighbours tell is taken as it comes.
        detail = Beliefs("object", prior, posterior, np.zeros(self.agents))
        return Frame(columns, aggregates, (), detail)

    def state(self) -> dict[str, Any]:
        return {"evidence": self.evidence, "network": self.network.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        (self.evidence,) = kept(state, "evidence")
        self.network.restore(state["network"])
        self._mixing = _metropolis(self.network)

    def perturb(self, agent: int | None, change: Mapping[str, Any]) -> None:
        """`{"cut": other}` or `{"add": other}`; raises PerturbationError."""
        change_edges(self.network, agent, change, self.network.cut, self.network.add)
        self._mixing = _metropolis(self.network)

    def _beliefs(self, evidence: Array) -> Array:
        """Of each that it is absent, and there."""
        there = 0.5 * (1 + np.tanh((self._logit + self.agents * evidence) / 2))
        return np.stack([1 - there, there], axis=1)


def _metropolis(network: Network) -> Array:
    """A weight for each edge: with it, and the rest for oneself, the matrix is symmetric."""
    degree = network.degree
    both = np.maximum(degree[network.listener], degree[network.source])
    weight: Array = 1.0 / (1.0 + both)
    return weight
