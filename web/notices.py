"""What a connection is told by the server around it."""

from dataclasses import dataclass

from actors.event import Event


@dataclass(frozen=True, slots=True)
class Received:
    """The client sent a message."""

    data: str | bytes


@dataclass(frozen=True, slots=True)
class Direct:
    """Events for this client alone, which it gets whatever it subscribed to, before all others."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Drain:
    """The server ends; the client may come back after so many seconds."""

    retry_after: float


@dataclass(frozen=True, slots=True)
class TokenEnds:
    """The token is valid for so many seconds more; 0: it has ended."""

    seconds: float


@dataclass(frozen=True, slots=True)
class FellBehind:
    """The connection's own mailbox was full, so that events are lost."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The socket is closed."""
