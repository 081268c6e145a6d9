"""What queries and commands result in, as schemas; a result may hold more than its schema says.

Numbers that are not finite travel as null.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from web.asyncapi_experiments import DifferenceResult, SweepEntry, SweepsResult, SweepStarted
from web.asyncapi_words import Number, Time
from web.messages import EventItem
from web.requests import RunName

Offset = Annotated[int, Meta(ge=-1, description="-1: nothing is known of the topic")]


class TopicPlace(Struct):
    """Where a topic stands. `recovered`: null unless `since` named the topic; true when every event
    since then follows, false when some are gone and the state must be read anew."""

    topic: str
    epoch: str
    offset: Offset
    recovered: bool | None


class Subscribed(Struct):
    """A pattern as it is now held, and the topics that match it so far."""

    pattern: str
    mode: Literal["all", "latest"]
    max_hz: float | None
    topics: list[TopicPlace]


class SubscribeResult(Struct):
    """One entry per pattern, in the order asked for; at most 1,000 topics are listed in all."""

    subscriptions: list[Subscribed]


class UnsubscribeResult(Struct):
    """The patterns that were given up."""

    unsubscribed: list[str]


class ServerInfo(Struct):
    """The server. `uptime` is in seconds."""

    name: str
    version: str
    mode: Literal["demo", "dev", "prod"]
    started_at: Time
    uptime: float
    pid: int
    python: str
    viewers: int


class Origin(Struct):
    """What a fork goes on from: after this tick of that run."""

    run: RunName
    tick: int


class Replayed(Struct):
    """The recorded run that a replay shows, and the ticks that it has."""

    run: RunName
    first: int
    last: int


class RunSummary(Struct, kw_only=True):
    """A run in few words; `parent` where it is a fork, `replay` where it is a replay."""

    run: RunName
    scenario: str
    state: str
    tick: int
    seed: int
    agents: int
    started_at: Time
    parent: Origin | UnsetType = UNSET
    replay: Replayed | UnsetType = UNSET


class RunsResult(Struct):
    """The runs that the token covers."""

    runs: list[RunSummary]


class RunDescription(RunSummary, kw_only=True):
    """All that is known of a run. `speed`: ticks per second, 0 is as fast as it can."""

    title: str
    sentence: str
    params: dict[str, Any]
    speed: float | None
    view: Any
    columns: Any
    model: Any
    epoch: str
    restarts: int
    reason: str | UnsetType = UNSET


class AgentsResult(Struct):
    """A page of agents: the name `agent`, and a value per column. `total` passed the filter."""

    agents: list[dict[str, Any]]
    total: int
    tick: int


class Policy(Struct):
    """What an agent might do. `G` is the expected free energy: less is better."""

    actions: list[str]
    probability: Number
    G: Number
    epistemic: Number
    pragmatic: Number


class AgentResult(Struct):
    """One agent. `history`: what it did last, the newest at the end."""

    run: RunName
    agent: str
    tick: int
    state: dict[str, Any]
    belief: dict[str, Any]
    policies: list[Policy]
    history: list[dict[str, Any]]


class BeliefResult(Struct):
    """One agent's mind after its last tick; per factor the probabilities of its states."""

    tick: int
    belief: dict[str, Any]
    entropy: Number
    surprise: Number
    policies: list[Policy]


class HistoryResult(Struct):
    """The events of a topic by rising offset; of too many the newest."""

    topic: str
    events: list[EventItem]


class Mailbox(Struct):
    """Messages that wait for an actor, the most that ever did, and those that were dropped."""

    depth: int
    high_water: int
    dropped: int


class ActorNode(Struct, rename={"class_": "class"}):
    """An actor, and those below it."""

    path: str
    class_: str
    state: str
    mailbox: Mailbox
    handled: int
    restarts: int
    last_error: str | None
    children: list["ActorNode"]


class ScenarioEntry(Struct):
    """A scenario; `parameters` is a JSON schema."""

    name: str
    title: str
    parameters: dict[str, Any]
    references: list[str]


class ScenariosResult(Struct):
    """All scenarios."""

    scenarios: list[ScenarioEntry]


class ConnectionEntry(Struct):
    """A connection. `queued`: bytes that wait for it."""

    client_id: str
    user: str
    scopes: list[str]
    address: str
    opened_at: Time
    queued: int


class ConnectionsResult(Struct):
    """All connections."""

    connections: list[ConnectionEntry]


class RunStarted(Struct):
    """The name of the new run."""

    run: RunName


class RunStatus(Struct):
    """How the run is after the command took effect. `hz` 0: as fast as it can; `until` is the
    condition that it is to pause at."""

    state: str
    tick: int
    hz: float
    until: str | None = None


class Rights(Struct):
    """What the new token allows; `unsubscribed`: patterns that it covers no more."""

    user: str
    scopes: list[str]
    expires_at: Time | None
    topics: list[str]
    unsubscribed: list[str]


RESULTS: Mapping[str, type[Struct]] = {
    "subscribe": SubscribeResult,
    "unsubscribe": UnsubscribeResult,
    "server.info": ServerInfo,
    "runs.list": RunsResult,
    "run.get": RunDescription,
    "run.agents": AgentsResult,
    "agent.get": AgentResult,
    "belief.get": BeliefResult,
    "actors.tree": ActorNode,
    "history": HistoryResult,
    "run.diff": DifferenceResult,
    "scenarios.list": ScenariosResult,
    "sweeps.list": SweepsResult,
    "connections.list": ConnectionsResult,
    "run.start": RunStarted,
    "run.pause": RunStatus,
    "run.resume": RunStatus,
    "run.step": RunStatus,
    "run.speed": RunStatus,
    "run.stop": RunStatus,
    "run.checkpoint": RunStatus,
    "run.until": RunStatus,
    "run.fork": RunStarted,
    "run.replay": RunStarted,
    "run.seek": RunStatus,
    "agent.perturb": RunStatus,
    "agent.stop": RunStatus,
    "agent.restart": RunStatus,
    "sweep.start": SweepStarted,
    "sweep.stop": SweepEntry,
    "sweep.resume": SweepEntry,
    "auth.refresh": Rights,
}
