"""DeGroot's model: everybody takes the weighted mean of the opinions it hears."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sim.model import Array
from sim.network import Network
from sim.parameters import parameter
from sim.random import Streams
from sim.scenario import ColumnInfo, Frame, ModelInfo
from sim.scenarios.networked import Circle, Networked, change_edges
from sim.scenarios.plain import NoMinds, kept
from sim.tick import Column


@dataclass(frozen=True)
class Opinion(Networked):
    """x(t+1) = W x(t), all at once; a row of W has `stubbornness` for oneself and the rest for
    those one listens to, by the weights of the edges."""

    name: ClassVar[str] = "opinion"
    title: ClassVar[str] = "Opinion"
    text: ClassVar[str] = (
        "Each agent has an opinion from 0 to 1, and takes the weighted mean of its own and those"
        " of its neighbours, all at once. Where everyone hears of everyone, all end at one"
        " opinion: the first ones, weighted by each agent's influence."
    )
    references: ClassVar[tuple[str, ...]] = (
        "DeGroot (1974). Reaching a consensus. Journal of the American Statistical Association"
        " 69(345), 118-121.",
        "Golub & Jackson (2010). Naive learning in social networks and the wisdom of crowds."
        " American Economic Journal: Microeconomics 2(1), 112-149.",
    )
    hz: ClassVar[float] = 5.0

    stubbornness: float = parameter(
        0.2, minimum=0.0, maximum=1.0, text="Weight of one's own opinion"
    )

    def begin(self, streams: Streams, clock: Callable[[], int]) -> "OpinionWorld":  # noqa: ARG002
        return OpinionWorld(self, streams)


class OpinionWorld:
    """The opinions, and the network of the edges' own weights."""

    columns = (
        ColumnInfo("x", "Across", "cells"),
        ColumnInfo("y", "Down", "cells"),
        ColumnInfo("opinion", "Opinion"),
        ColumnInfo("heard", "Mean of those heard"),
        ColumnInfo("disagreement", "Distance from those heard"),
    )
    model: ModelInfo | None = None

    def __init__(self, scenario: Opinion, streams: Streams) -> None:
        self.agents = scenario.agents
        self._own = scenario.stubbornness
        self.network: Network = scenario.link(streams)
        self.opinion: Array = streams.environment.random(self.agents)
        self._circle = Circle(self.agents)
        self.view = self._circle.view(
            ("opinion", "disagreement"), "Each dot takes the mean opinion of those it hears."
        )

    def advance(self, number: int) -> Frame:  # noqa: ARG002
        total = self.network.sums(self.network.weight)
        heard = np.where(
            total > 0, self.network.product(self.opinion) / np.where(total > 0, total, 1.0),
            self.opinion,
        )  # fmt: skip
        self.opinion = self._own * self.opinion + (1 - self._own) * heard
        columns: dict[str, Column] = {
            **self._circle.columns(),
            "opinion": self.opinion.copy(),
            "heard": heard,
            "disagreement": np.abs(self.opinion - heard),
        }
        aggregates = {
            "opinion": float(self.opinion.mean()),
            "spread": float(np.ptp(self.opinion)),
            "disagreement": float(columns["disagreement"].mean()),
        }
        return Frame(columns, aggregates, (), NoMinds())

    def state(self) -> dict[str, Any]:
        return {"opinion": self.opinion, "network": self.network.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        (self.opinion,) = kept(state, "opinion")
        self.network.restore(state["network"])

    def perturb(self, agent: int | None, change: Mapping[str, Any]) -> None:
        """`{"cut": other}` or `{"add": other}`; raises PerturbationError."""
        change_edges(self.network, agent, change, self.network.cut, self.network.add)
