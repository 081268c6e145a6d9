"""What the client hands out: events, and the answers whose shape the protocol fixes.

Fields that a later server adds are passed over.
"""

from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from web.client_errors import StageError
from web.messages import BroadcastMessage, ErrorMessage, Established, Pong, Response

T = TypeVar("T")


class Event(Struct, frozen=True):
    """Something that happened. `skipped`: how many events of the topic a `latest` subscription left
    out before it. Arrays of floats are numpy arrays where MessagePack is spoken, else lists."""

    topic: str
    epoch: str
    offset: int
    data: Any = None
    tick: int | None = None
    time: float | None = None
    skipped: int = 0


class Gap(Struct, frozen=True):
    """Events of this topic were missed and cannot be had back: read its state anew."""

    topic: str


class Position(Struct, frozen=True):
    """Where a topic stands."""

    epoch: str
    offset: int


class Origin(Struct, frozen=True):
    """What a fork goes on from: after this tick of that run."""

    run: str
    tick: int


class Replayed(Struct, frozen=True):
    """The recorded run that a replay shows, and the ticks that it has."""

    run: str
    first: int
    last: int


class Run(Struct, frozen=True, kw_only=True):
    """A run in a list of runs. `agents` is their number; `parent`: where it is a fork, `replay`:
    where it shows another one again."""

    run: str
    scenario: str
    state: str
    tick: int
    seed: int
    agents: int
    started_at: str
    parent: Origin | None = None
    replay: Replayed | None = None


class RunDetails(Run, frozen=True, kw_only=True):
    """All that is known of a run. `speed` is in ticks per second, 0: as fast as it can."""

    epoch: str
    params: dict[str, Any]
    title: str = ""
    sentence: str = ""
    speed: float | None = None
    restarts: int = 0
    view: Any = None
    columns: Any = None
    model: Any = None
    reason: str | None = None


class RunState(Struct, frozen=True):
    """How a run stands after a command. `hz`: ticks per second, 0: as fast as it can; `until`: the
    condition that it is to pause at."""

    state: str
    tick: int
    hz: float
    until: str | None = None


class AgentsPage(Struct, frozen=True):
    """A page of a run's agents, each with its columns; `total` of them fit the filter."""

    agents: list[dict[str, Any]]
    total: int
    tick: int | None = None


class Belief(Struct, frozen=True):
    """What an agent believes: per factor the probabilities of its states."""

    tick: int
    belief: dict[str, Any]
    entropy: float | None = None
    surprise: float | None = None
    policies: list[dict[str, Any]] = []


class Parting(Struct, frozen=True):
    """The first recorded value that differs: of an agent, or of all (`agent` None)."""

    tick: int
    agent: int | None
    variable: str
    one: Any
    two: Any


class Distance(Struct, frozen=True):
    """How far two runs are from one another at a tick, by column: the mean absolute difference over
    the agents; of flags and texts the part of the agents that differ."""

    tick: int
    columns: dict[str, float | None]


class Difference(Struct, frozen=True):
    """Two runs over the ticks that both have. `tick`: the first whose hashes of the state differ,
    None where none does; `distances`: from there on."""

    runs: tuple[str, str]
    first: int
    last: int
    lengths: tuple[int, int]
    tick: int | None
    parting: Parting | None
    distances: list[Distance]


class Sweep(Struct, frozen=True):
    """How far a sweep is: `done` of its `runs`, failed ones among them. `tables`: files that can be
    had under /api/v1/sweeps/<sweep>/ once it is finished."""

    sweep: str
    scenario: str
    state: str
    runs: int
    done: int
    failed: int
    failures: dict[str, str]
    tables: list[str]
    started_at: str
    reason: str | None = None


class Scenario(Struct, frozen=True):
    """A scenario that can be started; `parameters` is a JSON schema."""

    name: str
    title: str
    parameters: dict[str, Any]
    references: list[str]


class Mailbox(Struct, frozen=True):
    """How full an actor's mailbox is and was."""

    depth: int
    high_water: int
    dropped: int


class Actor(Struct, frozen=True, rename={"class_": "class"}):
    """An actor and those that it supervises."""

    path: str
    class_: str
    state: str
    mailbox: Mailbox | None = None
    handled: int = 0
    restarts: int = 0
    last_error: str | None = None
    children: list["Actor"] = []


class Events(Struct, frozen=True, tag="event"):
    """What one tick brings."""

    timestamp: str
    events: list[Event]


Message = Established | Pong | Events | Response | ErrorMessage | BroadcastMessage
Item = Event | Gap


def as_kind(kind: type[T], value: Any) -> T:
    """The value as what the protocol says that it is. Raises StageError where it is not."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise StageError("INVALID_MESSAGE", f"The answer is not {kind}: {error}") from None
