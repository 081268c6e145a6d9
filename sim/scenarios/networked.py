"""What the scenarios on a network have in common: its parameters, its places, and its edges."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sim.model import Array
from sim.network import Network, NetworkError, complete, erdos_renyi, read, ring, watts_strogatz
from sim.parameters import ParameterError, parameter
from sim.perturbation import PerturbationError
from sim.random import Streams
from sim.scenario import Scenario, View

MOST_IN_COMPLETE = 2000


@dataclass(frozen=True)
class Networked(Scenario):
    """Agents on a network; `edges`, where there are any, say it all."""

    most_agents: ClassVar[int] = 100_000

    agents: int = parameter(100, minimum=1, maximum=100_000, text="Agents")
    network: str = parameter(
        "small_world", choices=("small_world", "ring", "random", "complete"), text="Who is linked"
    )
    neighbours: int = parameter(
        6, minimum=2, maximum=100, text="Neighbours of each, on average; not of `complete`"
    )
    rewiring: float = parameter(
        0.1, minimum=0.0, maximum=1.0, text="Part of the edges of small_world that end elsewhere"
    )
    edges: str = parameter("", text="An edge list instead: 0-1, 1>2:0.5, or JSON [[0, 1], …]")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.network == "complete" and self.agents > MOST_IN_COMPLETE and not self.edges:
            raise ParameterError(
                "agents", self.agents, f"{MOST_IN_COMPLETE} at most where network is complete"
            )
        if self.edges:
            self._read()

    def link(self, streams: Streams) -> Network:
        random = streams.environment
        if self.edges:
            return self._read()
        match self.network:
            case "ring":
                return ring(self.agents, self.neighbours)
            case "random":
                return erdos_renyi(self.agents, self.neighbours, random)
            case "complete":
                return complete(self.agents)
        return watts_strogatz(self.agents, self.neighbours, self.rewiring, random)

    def _read(self) -> Network:
        try:
            return read(self.agents, self.edges)
        except NetworkError as error:
            raise ParameterError("edges", self.edges, f"an edge list; {error}") from None


class Circle:
    """Places for agents on a circle, in the order of their numbers, two cells apart."""

    def __init__(self, agents: int) -> None:
        radius = max(1.0, agents / math.pi)
        angle = 2 * math.pi * np.arange(agents) / agents
        self.x: Array = radius * (1 + np.cos(angle))
        self.y: Array = radius * (1 + np.sin(angle))
        self.size = math.ceil(2 * radius) + 1

    def view(self, color: tuple[str, ...], sentence: str) -> View:
        return View("grid", self.size, self.size, color=color, sentence=sentence)

    def columns(self) -> dict[str, Array]:
        return {"x": self.x.copy(), "y": self.y.copy()}


def change_edges(
    network: Network,
    agent: int | None,
    change: Mapping[str, Any],
    cut: Callable[[int, int], object],
    add: Callable[[int, int], object],
) -> None:
    """`{"cut": other}` or `{"add": other}`: the edges between an agent and another, both ways.

    Raises PerturbationError; the network is then as it was.
    """
    if len(change) != 1 or next(iter(change)) not in ("cut", "add"):
        raise PerturbationError("", "one change at a time; known are cut, add")
    kind, other = next(iter(change.items()))
    if agent is None or not isinstance(other, int) or isinstance(other, bool) or agent == other:
        raise PerturbationError(kind, "needs one agent and the number of another")
    try:
        ways = [way for way in ((agent, other), (other, agent))
                if (network.find(*way) is None) == (kind == "add")]  # fmt: skip
    except NetworkError as error:
        raise PerturbationError(kind, str(error)) from None
    if not ways:
        there = "there is an edge already" if kind == "add" else "there is no edge"
        raise PerturbationError(kind, f"{there} between {agent} and {other}")
    for way in ways:
        (cut if kind == "cut" else add)(*way)
