"""Echo chambers: minds that choose whom to read, and trust those who think alike."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.model import Array, Integers
from sim.network import Network
from sim.parameters import parameter
from sim.perturbation import PerturbationError
from sim.policies import TIE
from sim.random import Streams
from sim.scenario import ColumnInfo, Factor, Frame, ModelInfo
from sim.scenarios.echo_minds import (
    IDEAS,
    EchoDetail,
    binary_entropy,
    drifted,
    probability,
    sigmoid,
)
from sim.scenarios.networked import Circle, Networked, change_edges
from sim.scenarios.plain import entropy, kept
from sim.tick import Column

_SIDE = np.array([-1.0, 1.0])
_MOST_TRUST = 6.0  # nats


@dataclass(frozen=True)
class EchoChambers(Networked):
    """Two factors for each reading: whether the idea is true, and what the neighbour thinks of it.
    A post says p(for | idea, neighbour) = σ(openness · neighbour + trust · idea), with -1 and 1 for
    the two sides. trust = trust₀ exp(bias · (2a - 1)), where a is the agreement that the reader
    expects, so that the likelihood's precision follows what is believed already.

    A reading is inferred exactly over both factors; between readings an agent holds the idea and
    each neighbour's view as independent, which is the simplification made for speed. Both drift
    towards ignorance by their volatility each tick."""

    name: ClassVar[str] = "echo_chambers"
    title: ClassVar[str] = "Echo chambers"
    text: ClassVar[str] = (
        "Each mind posts what it believes of an idea, and reads one neighbour a tick: the one whose"
        " post would tell it most. The more it trusts those who think alike, the more the network"
        " falls into two camps; the more it takes the world to change, the more it agrees."
    )
    references: ClassVar[tuple[str, ...]] = (
        "Albarracin, Demekas, Ramstead & Heins (2022). Epistemic communities under active"
        " inference. Entropy 24(4), 476.",
    )
    hz: ClassVar[float] = 5.0

    bias: float = parameter(
        2.0, minimum=0.0, maximum=10.0, text="Confirmation bias: log-precision per agreement"
    )
    volatility: float = parameter(
        0.01, minimum=0.0, maximum=0.5, text="Chance that the idea's truth changes in a tick"
    )
    social_volatility: float = parameter(
        0.01, minimum=0.0, maximum=0.5, text="Chance that a neighbour changes its mind in a tick"
    )
    trust: float = parameter(
        1.0, minimum=0.0, maximum=_MOST_TRUST, text="Evidence in a post where nothing is known",
        unit="nats",
    )  # fmt: skip
    openness: float = parameter(
        2.0, minimum=0.0, maximum=20.0, text="How plainly a post says what its author thinks",
        unit="nats",
    )  # fmt: skip
    epistemic: bool = parameter(True, text="Whether they read who would tell them most")
    leaning: float = parameter(
        1.0, minimum=0.0, maximum=10.0, text="Spread of the first beliefs", unit="nats"
    )

    def begin(self, streams: Streams, clock: Callable[[], int]) -> "EchoWorld":  # noqa: ARG002
        return EchoWorld(self, streams)


@dataclass(frozen=True, slots=True)
class Readings:
    """All posts that might be read, one row an edge: joint of idea and neighbour (edges, 2, 2),
    likelihood of a post for the idea (edges, 2, 2), and what reading it is expected to tell."""

    joint: Array
    chance: Array
    gain: Array


class EchoWorld:
    """`idea` (agents,) is each one's probability that it is true, `views` (edges,) that the
    neighbour takes it to be so."""

    columns = (
        ColumnInfo("x", "Across", "cells"),
        ColumnInfo("y", "Down", "cells"),
        ColumnInfo("belief", "Belief in the idea"),
        ColumnInfo("camp", "Camp", kind="category", labels=IDEAS),
        ColumnInfo("entropy", "Entropy of belief", "nats"),
        ColumnInfo("surprise", "Surprise", "nats"),
        ColumnInfo("epistemic", "Information expected of the post", "nats"),
        ColumnInfo("action", "Agent that is read"),
        ColumnInfo("post", "Post", kind="category", labels=IDEAS),
        ColumnInfo("trust", "Trust in the post", "nats"),
    )
    model: ModelInfo | None = ModelInfo((Factor("idea", IDEAS),), (), (), 0)

    def __init__(self, scenario: EchoChambers, streams: Streams) -> None:
        self.agents = scenario.agents
        self._scenario, self._streams = scenario, streams
        self.network: Network = scenario.link(streams)
        first = scenario.leaning * streams.environment.normal(size=self.agents)
        self.idea: Array = sigmoid(first)
        self.views: Array = np.full(len(self.network.source), 0.5)
        self._circle = Circle(self.agents)
        self.view = self._circle.view(
            ("belief", "camp", "entropy"), "Each dot is a mind; the colour, what it believes."
        )

    def advance(self, number: int) -> Frame:  # noqa: ARG002
        """All post, choose whom to read, read at once, and believe."""
        scenario, prior = self._scenario, self.idea
        posts = (self._streams.action.random(self.agents) < prior).astype(np.int64)
        readings = self._readings()
        read = self._choose(readings.gain, self._streams.ties.random(self.agents))
        readers = np.flatnonzero(read >= 0)
        edges = read[readers]
        surprise = self._learn(readings, readers, edges, posts[self.network.source[edges]])
        belief = self.idea
        uncertain = entropy(np.stack([1 - belief, belief], axis=1))
        of_read = np.where(read >= 0, read, 0)
        columns: dict[str, Column] = {
            **self._circle.columns(),
            "belief": belief,
            "camp": (belief > 0.5).astype(np.int32),
            "entropy": uncertain,
            "surprise": surprise,
            "epistemic": self._of_edge(readings.gain, of_read, read),
            "action": self._of_edge(self.network.source, of_read, read, -1).astype(np.int32),
            "post": posts.astype(np.int32),
            "trust": self._of_edge(self._trust(prior), of_read, read),
        }
        detail = EchoDetail(
            self.network, prior, belief, self.views.copy(), readings.gain, read, surprise
        )
        self.idea = drifted(belief, scenario.volatility)
        self.views = drifted(self.views, scenario.social_volatility)
        return Frame(columns, _measures(columns), (), detail)

    def state(self) -> dict[str, Any]:
        return {"idea": self.idea, "views": self.views, "network": self.network.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.idea, self.views = kept(state, "idea", "views")
        self.network.restore(state["network"])

    def perturb(self, agent: int | None, change: Mapping[str, Any]) -> None:
        """`{"cut": other}`, `{"add": other}`, or `{"belief": {"idea": …}}`, a probability of each
        side or the name of one. Raises PerturbationError."""
        if set(change) != {"belief"}:
            # The details of earlier ticks keep the network that they had.
            self.network = copy(self.network)
            change_edges(self.network, agent, change, self._cut, self._add)
            return
        wanted = change["belief"]
        if not isinstance(wanted, Mapping) or set(wanted) != {"idea"}:
            raise PerturbationError("belief", "names no factor of this model; known is idea")
        those = slice(None) if agent is None else agent
        if agent is not None and not 0 <= agent < self.agents:
            raise PerturbationError(
                "agent", f"is {agent}; they are numbered 0 to {self.agents - 1}"
            )
        self.idea = self.idea.copy()
        self.idea[those] = probability(wanted["idea"])

    def _cut(self, listener: int, source: int) -> None:
        self.views = np.delete(self.views, self.network.cut(listener, source))

    def _add(self, listener: int, source: int) -> None:
        self.views = np.insert(self.views, self.network.add(listener, source), 0.5)

    def _trust(self, idea: Array) -> Array:
        """Of each edge: how much a post there would say of the idea, in nats."""
        own = idea[self.network.listener]
        agreement = own * self.views + (1 - own) * (1 - self.views)
        trust = self._scenario.trust * np.exp(self._scenario.bias * (2 * agreement - 1))
        return np.minimum(trust, _MOST_TRUST)

    def _readings(self) -> Readings:
        own, views = self.idea[self.network.listener], self.views
        idea = np.stack([1 - own, own], axis=1)
        joint = idea[:, :, None] * np.stack([1 - views, views], axis=1)[:, None, :]
        evidence = self._trust(self.idea)[:, None, None] * _SIDE[:, None]
        chance = sigmoid(self._scenario.openness * _SIDE + evidence)
        predicted = (joint * chance).sum(axis=(1, 2))
        gain = binary_entropy(predicted) - (joint * binary_entropy(chance)).sum(axis=(1, 2))
        return Readings(joint, chance, np.maximum(gain, 0.0))

    def _choose(self, gain: Array, draws: Array) -> Integers:
        """An edge of each agent: the one that tells most, or any; the draw decides between equals.
        -1 for who has nobody to read."""
        network, read = self.network, np.full(self.agents, -1)
        rows = np.flatnonzero(network.degree)
        if not len(rows):
            return read
        open_ = np.ones(len(gain), dtype=np.bool_)
        if self._scenario.epistemic:
            most = np.zeros(self.agents)
            most[rows] = np.maximum.reduceat(gain, network.start[rows])
            open_ = gain >= most[network.listener] - TIE
        count = np.add.reduceat(open_.astype(np.int64), network.start[rows])
        before = np.cumsum(count) - count
        rank = before + (draws[rows] * count).astype(np.int64)
        read[rows] = np.flatnonzero(open_)[rank]
        return read

    def _learn(
        self, readings: Readings, readers: Integers, edges: Integers, posts: Integers
    ) -> Array:
        """Exact inference over idea and neighbour; the surprise of each agent."""
        said = readings.chance[edges]
        weights = readings.joint[edges] * np.where(posts[:, None, None] == 1, said, 1 - said)
        evidence = weights.sum(axis=(1, 2))
        posterior = weights / evidence[:, None, None]
        self.idea, self.views = self.idea.copy(), self.views.copy()
        self.idea[readers] = posterior[:, 1].sum(axis=1)
        self.views[edges] = posterior[:, :, 1].sum(axis=1)
        surprise = np.zeros(self.agents)
        surprise[readers] = np.maximum(-np.log(evidence), 0.0)
        return surprise

    def _of_edge(
        self, values: NDArray[Any], edges: Integers, read: Integers, none: float = 0.0
    ) -> Array:
        if not len(values):
            return np.full(self.agents, none)
        return np.where(read >= 0, values[edges], none).astype(np.float64)


def _measures(columns: Mapping[str, Column]) -> dict[str, float]:
    """`polarisation` is twice the standard deviation of the beliefs: 0 where all agree, 1 where
    half is sure of the one and half of the other; `minority` is the smaller camp's part."""
    belief = columns["belief"]
    part = float((belief > 0.5).mean())
    return {
        "belief": float(belief.mean()),
        "polarisation": 2 * float(belief.std()),
        "minority": min(part, 1 - part),
        "conviction": float(np.abs(2 * belief - 1).mean()),
        "entropy": float(columns["entropy"].mean()),
        "surprise": float(columns["surprise"].mean()),
    }
