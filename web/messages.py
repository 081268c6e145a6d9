"""What travels on the wire, in both directions. Field names are the same in JSON and MessagePack.

Times in `timestamp` and `expires_at` are UTC, ISO 8601 with milliseconds and `Z`.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

PROTOCOL_VERSION = 1
JSON_PROTOCOL = "stagewatch.v1.json"
MESSAGEPACK_PROTOCOL = "stagewatch.v1.msgpack"
LATEST_TIME = 253402300799.0  # the last second that ISO 8601 with four digits of year can tell

Id = Annotated[str, Meta(max_length=64, description="comes back in the answer")]
Timestamp = Annotated[str, Meta(max_length=256, description="ISO 8601; checked, and not used")]
Moment = Annotated[str, Meta(description="UTC, ISO 8601 with milliseconds and `Z`")]
Patterns = Annotated[list[str], Meta(description="topics, or patterns with `*` and a last `>`")]
Hertz = Annotated[float, Meta(gt=0, description="how often a topic's events come at most")]
Mode = Annotated[
    Literal["all", "latest"],
    Meta(description="every event, or the newest of each topic when the client can take it"),
]


class Seen(Struct, frozen=True, forbid_unknown_fields=True):
    """The last position that a client has seen of a topic."""

    epoch: Annotated[str, Meta(max_length=64)]
    offset: int


class Ping(Struct, frozen=True, forbid_unknown_fields=True, tag="ping"):
    """Asks for a pong that repeats `data`."""

    id: Id | None = None
    timestamp: Timestamp | None = None
    data: Any | UnsetType = UNSET


class Subscribe(Struct, frozen=True, forbid_unknown_fields=True, tag="subscribe"):
    """Asks for the events of the topics that these patterns choose."""

    events: Annotated[Patterns, Meta(min_length=1)]
    id: Id | None = None
    timestamp: Timestamp | None = None
    max_hz: Hertz | None = None
    mode: Mode = "all"
    since: Annotated[
        dict[str, Seen],
        Meta(max_length=1000, description="by topic, the last position seen: what followed comes"),
    ] = {}


class Unsubscribe(Struct, frozen=True, forbid_unknown_fields=True, tag="unsubscribe"):
    """Gives up these patterns; without them, all."""

    id: Id | None = None
    timestamp: Timestamp | None = None
    events: Patterns | None = None


class Query(Struct, frozen=True, forbid_unknown_fields=True, tag="query"):
    """Asks what is so; `params` stays packed until the name says how to read it."""

    query: str
    id: Id | None = None
    timestamp: Timestamp | None = None
    params: Raw = field(default_factory=Raw)  # a schema cannot tell a packed default


class Command(Struct, frozen=True, forbid_unknown_fields=True, tag="command"):
    """Asks for something to be done; answered after it took effect."""

    command: str
    id: Id | None = None
    timestamp: Timestamp | None = None
    params: Raw = field(default_factory=Raw)  # a schema cannot tell a packed default


Inbound = Ping | Subscribe | Unsubscribe | Query | Command
INBOUND_TYPES = ("ping", "subscribe", "unsubscribe", "query", "command")


class Established(Struct, frozen=True, tag="connection_established"):
    """The first message: who the client is here, and what holds for it."""

    timestamp: Moment
    client_id: str
    protocol: int
    server: dict[str, str]
    user: str
    scopes: list[str]
    expires_at: Moment | None
    heartbeat: dict[str, float]
    limits: dict[str, float]
    topics: list[str]


class Pong(Struct, frozen=True, omit_defaults=True, tag="pong"):
    """Answers a ping."""

    timestamp: Moment
    id: str | None = None
    data: Any | UnsetType = UNSET


class EventItem(Struct, frozen=True, omit_defaults=True):
    """One event. `data` is a plain value, arrays among them, or a packed one (Raw)."""

    topic: str
    epoch: Annotated[str, Meta(description="another one where the numbering began again")]
    offset: Annotated[int, Meta(description="rises by one; of events of a tick it is the tick")]
    data: Any
    tick: int | None = None
    time: Annotated[float | None, Meta(description="simulated")] = None
    skipped: Annotated[int, Meta(description="left out since the one before")] = 0


class Events(Struct, frozen=True, tag="event"):
    """What one tick brings to one client is one message."""

    timestamp: Moment
    events: Sequence[EventItem]


class Response(Struct, frozen=True, omit_defaults=True, tag="response"):
    """Answers a request that succeeded."""

    timestamp: Moment
    result: Any
    id: str | None = None


class ErrorMessage(Struct, frozen=True, omit_defaults=True, tag="error"):
    """Answers a request that was refused, or announces why the connection closes."""

    timestamp: Moment
    code: str
    message: str
    details: dict[str, Any]
    temporary: bool
    id: str | None = None


class BroadcastMessage(Struct, frozen=True, tag="broadcast"):
    """Told to every connection, whatever it subscribed to."""

    timestamp: Moment
    topic: str
    data: Any


Outbound = Established | Pong | Events | Response | ErrorMessage | BroadcastMessage


def instant(seconds: float) -> str:
    """The time, given in seconds since 1970, as the wire tells it."""
    moment = datetime.fromtimestamp(min(max(seconds, 0.0), LATEST_TIME), UTC)
    return f"{moment.isoformat(timespec='milliseconds')[:23]}Z"


def now() -> str:
    """The present as the wire tells it."""
    return instant(time.time())
