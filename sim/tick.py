"""What one step of a simulation brings to the outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from numpy.typing import NDArray

from sim.packing import wire_columns

Column = NDArray[Any]
"""One value per agent, shape (agents,): float64, float32, int32 or bool."""


class Columns(dict[str, Column]):
    """A tick's columns by name. Record and viewers share their bytes, which are made once."""

    @cached_property
    def packed(self) -> bytes:
        """As the protocol's MessagePack has them."""
        return wire_columns(self)


@dataclass(frozen=True, slots=True)
class Log:
    """A discrete event of the world; becomes the topic `run.<run>.log.<kind>`."""

    kind: str
    data: dict[str, Any]


class Detail(Protocol):
    """What is known of single agents after a tick, worked out only when it is asked for.

    It holds on to this tick's arrays, so it stays true while the world goes on.
    """

    def belief(self, agent: int) -> dict[str, Any]:
        """Belief, prior, likelihood, policies and what follows; empty where agents have no mind."""
        ...

    def agent(self, agent: int) -> dict[str, Any]:
        """What the scenario knows of the agent beyond its columns."""
        ...


@dataclass(frozen=True, slots=True)
class Tick:
    """The world after its `number`-th step; the first is 1.

    `time` is simulated and equals the number. `hash` (hexadecimal) is that of the whole state,
    random numbers included: equal hashes mean equal futures. Nobody writes into the columns.
    """

    number: int
    time: float
    agents: int
    columns: Columns
    aggregates: Mapping[str, float]
    log: tuple[Log, ...]
    hash: str
    detail: Detail
