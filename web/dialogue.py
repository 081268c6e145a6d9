"""What a client may say: a message becomes a checked request, or a Refusal. No I/O."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec
from msgspec import Struct

from actors.event import Event, Position, Subscription
from actors.topics import InvalidTopic, Pattern, covers, is_topic
from web.auth import Identity
from web.codec import decode, decode_params, unpack
from web.errors import (
    INVALID_TOPIC,
    PERMISSION_DENIED,
    SUBSCRIPTION_LIMIT_EXCEEDED,
    UNKNOWN_COMMAND,
    UNKNOWN_QUERY,
    VALIDATION_ERROR,
    Refusal,
)
from web.limits import Allowance
from web.messages import Command, Inbound, Ping, Query, Seen, Subscribe, Unsubscribe
from web.requests import COMMANDS, OBSERVE, QUERIES, Publish, PublishedEvent, ReadHistory, Request

_MOST_REMEMBERED = 2000  # topics, of a client that reads slowly


@dataclass(frozen=True, slots=True)
class AskPing:
    """Answer with the same data."""

    id: str | None
    data: object


@dataclass(frozen=True, slots=True)
class AskSubscribe:
    """Add or change these subscriptions."""

    id: str | None
    subscriptions: tuple[Subscription, ...]
    since: Mapping[str, Position]


@dataclass(frozen=True, slots=True)
class AskUnsubscribe:
    """End these subscriptions; None: all."""

    id: str | None
    patterns: tuple[Pattern, ...] | None


@dataclass(frozen=True, slots=True)
class AskQuery:
    """A query with its params."""

    id: str | None
    name: str
    params: Struct


@dataclass(frozen=True, slots=True)
class AskCommand:
    """A command with its params."""

    id: str | None
    name: str
    params: Struct


@dataclass(frozen=True, slots=True)
class AskPublish:
    """A worker's events; answered only with an id."""

    id: str | None
    run: str
    events: tuple[Event, ...]


Asked = AskPing | AskSubscribe | AskUnsubscribe | AskQuery | AskCommand | AskPublish


@dataclass(slots=True)
class Dialogue:
    """What one client may and does have. `allowance` None: any number of messages;
    `most_patterns` 0: any number of patterns."""

    identity: Identity
    allowance: Allowance | None
    most_patterns: int
    subscriptions: dict[Pattern, Subscription] = field(default_factory=dict)
    _conflated: dict[str, bool] = field(default_factory=dict)

    @property
    def is_abused(self) -> bool:
        """Whether the client goes on although it is refused."""
        return self.allowance is not None and self.allowance.abused

    def conflates(self, topic: str) -> bool:
        """Whether the newest event of the topic is enough for this client."""
        found = self._conflated.get(topic)
        if found is None:
            modes = {s.mode for p, s in self.subscriptions.items() if p.matches(topic)}
            if len(self._conflated) >= _MOST_REMEMBERED:
                self._conflated.clear()
            found = self._conflated[topic] = modes == {"latest"}
        return found

    def put(self, wishes: tuple[Subscription, ...]) -> dict[Pattern, Subscription]:
        """Adds or changes subscriptions; returns what was before, for `restore`."""
        self._conflated.clear()
        before = dict(self.subscriptions)
        self.subscriptions.update((wish.pattern, wish) for wish in wishes)
        return before

    def restore(self, before: dict[Pattern, Subscription]) -> None:
        """As it was, since it could not be done."""
        self._conflated.clear()
        self.subscriptions.clear()
        self.subscriptions.update(before)

    def remove(self, patterns: tuple[Pattern, ...] | None) -> tuple[Pattern, ...]:
        """Ends these subscriptions, or all; returns those that there were."""
        self._conflated.clear()
        wanted = tuple(self.subscriptions) if patterns is None else dict.fromkeys(patterns)
        gone = tuple(pattern for pattern in wanted if pattern in self.subscriptions)
        for pattern in gone:
            del self.subscriptions[pattern]
        return gone

    def hear(self, data: str | bytes, now: float) -> Asked:
        """What the message asks for; raises Refusal, with the message's id if it can be read."""
        message: Inbound | None = None
        broken: Refusal | None = None
        try:
            message = decode(data)
            message_id = message.id
        except Refusal as refusal:
            broken, message_id = refusal, refusal.id
        try:
            if self.allowance is not None:
                self.allowance.take(now)
            if message is None:
                assert broken is not None
                raise broken
            return self._check(message, packed=isinstance(data, bytes))
        except Refusal as refusal:
            raise refusal.about(message_id) from None

    def _check(self, message: Inbound, *, packed: bool) -> Asked:
        match message:
            case Ping(id=id, data=data):
                return AskPing(id, data)
            case Subscribe():
                return self._subscribe(message)
            case Unsubscribe(id=id, events=texts):
                return AskUnsubscribe(id, None if texts is None else tuple(map(_pattern, texts)))
            case Query(id=id, query=name, params=raw):
                row = QUERIES.get(name)
                if row is None:
                    raise Refusal(UNKNOWN_QUERY, query=name, known=sorted(QUERIES))
                self._need(row.scope, f"the query {name}")
                params = decode_params(raw, row.params, packed=packed)
                self._permit(row, params, f"the query {name}")
                return AskQuery(id, name, params)
            case Command(id=id, command=name, params=raw):
                row = COMMANDS.get(name)
                if row is None:
                    raise Refusal(UNKNOWN_COMMAND, command=name, known=sorted(COMMANDS))
                self._need(row.scope, f"the command {name}")
                params = decode_params(raw, row.params, packed=packed)
                self._permit(row, params, f"the command {name}")
                if isinstance(params, Publish):
                    return AskPublish(id, params.run, self._published(params, packed=packed))
                return AskCommand(id, name, params)

    def _subscribe(self, message: Subscribe) -> AskSubscribe:
        self._need(OBSERVE, "subscribing")
        if message.max_hz is not None and not math.isfinite(message.max_hz):
            raise _wrong("$.max_hz", "it is not a finite number")
        patterns = dict.fromkeys(map(_pattern, message.events))
        for pattern in patterns:
            self._need_topic(pattern, f"subscribing to {pattern}")
        after = len(self.subscriptions.keys() | patterns.keys())
        if self.most_patterns and after > self.most_patterns:
            raise Refusal(SUBSCRIPTION_LIMIT_EXCEEDED, limit=self.most_patterns, wanted=after)
        wishes = (Subscription(pattern, message.mode, message.max_hz) for pattern in patterns)
        return AskSubscribe(message.id, tuple(wishes), _positions(message.since))

    def _need(self, scope: str | None, what: str) -> None:
        if scope is not None and scope not in self.identity.scopes:
            raise Refusal(PERMISSION_DENIED, what=what, missing=f"the scope {scope}", scope=scope)

    def _need_topic(self, pattern: Pattern, what: str) -> None:
        if not covers(self.identity.topics, pattern):
            missing = f"the topic {pattern}"
            raise Refusal(PERMISSION_DENIED, what=what, missing=missing, topic=str(pattern))

    def _permit(self, row: Request, params: Struct, what: str) -> None:
        values = msgspec.structs.asdict(params)
        for name, value in values.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise _wrong(f"$.params.{name}", "it is not a finite number")
        if isinstance(params, ReadHistory) and not is_topic(params.topic):
            raise Refusal(INVALID_TOPIC, topic=params.topic, reason="it does not name one topic")
        if row.topic is not None:
            self._need_topic(_pattern(row.topic.format_map(values)), what)

    def _published(self, params: Publish, *, packed: bool) -> tuple[Event, ...]:
        prefix = f"run.{params.run}."
        covered = covers(self.identity.topics, Pattern.parse(f"{prefix}>"))
        for place, event in enumerate(params.events):
            if not is_topic(event.topic):
                raise Refusal(
                    INVALID_TOPIC,
                    topic=event.topic,
                    reason="it does not name one topic",
                    path=f"$.params.events[{place}].topic",
                )
            allowed = covered or covers(self.identity.topics, Pattern.parse(event.topic))
            if not event.topic.startswith(prefix) or not allowed:
                missing = f"the topic {event.topic}"
                raise Refusal(
                    PERMISSION_DENIED, what="publishing", missing=missing, topic=event.topic
                )
        return tuple(_event(event, packed=packed) for event in params.events)


def _event(told: PublishedEvent, *, packed: bool) -> Event:
    """The event on its own: what stays packed no longer holds on to the message it came in."""
    event = Event(
        told.topic,
        told.data.copy() if packed else unpack(told.data, packed=False),
        told.tick,
        told.time,
        told.epoch,
        told.offset,
        told.skipped,
    )
    if event.time is not None and not math.isfinite(event.time):
        return replace(event, time=None)
    return event


def _pattern(text: str) -> Pattern:
    try:
        return Pattern.parse(text)
    except InvalidTopic as error:
        raise Refusal(INVALID_TOPIC, topic=error.text, reason=error.reason) from None


def _positions(since: Mapping[str, Seen]) -> dict[str, Position]:
    for topic in since:
        if not is_topic(topic):
            raise Refusal(INVALID_TOPIC, topic=topic, reason="it does not name one topic")
    return {topic: Position(seen.epoch, seen.offset) for topic, seen in since.items()}


def _wrong(path: str, reason: str) -> Refusal:
    return Refusal(VALIDATION_ERROR, path=path, reason=reason)
