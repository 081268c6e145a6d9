"""What travels from those who know something to those who asked to be told."""

from dataclasses import dataclass
from typing import Literal, Protocol

from actors.topics import Pattern

Mode = Literal["all", "latest"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, on one topic.

    `data` holds plain values and numpy arrays, which nobody changes any more, or a value that is
    already packed, into which no actor looks. Without an epoch it has not been numbered yet.
    `skipped` counts the older values of the topic that this one replaced for its receiver.
    """

    topic: str
    data: object
    tick: int | None = None
    time: float | None = None
    epoch: str = ""
    offset: int = -1
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a topic; offsets rise within an epoch and begin anew in another."""

    epoch: str
    offset: int


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a subscriber asks for: `latest` keeps the newest value per topic while `max_hz` holds
    back, `all` keeps every one. `max_hz` None: at once."""

    pattern: Pattern
    mode: Mode = "all"
    max_hz: float | None = None


class Frame(Protocol):
    """Events made ready for the wire, once for all who get the same ones."""

    @property
    def size(self) -> int:
        """Bytes that a receiver is sent."""
        ...
