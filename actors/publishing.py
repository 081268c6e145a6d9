"""What one tells and asks a Broadcaster, and what it tells its subscribers and watchers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pykka

from actors.event import Event, Frame, Position, Subscription
from actors.topics import Pattern


@dataclass(frozen=True, slots=True)
class Publish:
    """Pass these events on, each once.

    An event without an epoch is given the broadcaster's own and the topic's next offset. One with
    an epoch keeps both, and is dropped when its topic already stands at that offset or later.
    """

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Add to what the subscriber is told; answered with Subscribed.

    A pattern that the subscriber already has takes the new mode and rate. `encoding` names the
    frames that it is to get; None is for actors that read the events themselves, and such a
    subscriber is no viewer. `since` holds the last position seen per topic, and `older` what came
    after it, in order, as far as it is read from elsewhere; none at all: nothing came after it.
    """

    subscriber: pykka.ActorRef[Any]
    subscriptions: tuple[Subscription, ...]
    encoding: str | None
    since: Mapping[str, Position] = field(default_factory=dict)
    older: Mapping[str, Sequence[Event]] = field(default_factory=dict)


class Standing(NamedTuple):
    """Where a topic stood when the subscription began.

    `recovered` is None unless a position was given: True when every event since then follows,
    False when some are gone and none are sent.
    """

    topic: str
    position: Position
    recovered: bool | None


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The topics that match now: per subscription, in the order asked for; 1,000 in all at most."""

    topics: tuple[tuple[Standing, ...], ...]


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """End these patterns, or all where None; answered with the tuple of patterns removed."""

    subscriber: pykka.ActorRef[Any]
    patterns: tuple[Pattern, ...] | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """The subscriber ends and is told nothing more; what is held back for it is dropped."""

    subscriber: pykka.ActorRef[Any]


@dataclass(frozen=True, slots=True)
class ReadHistory:
    """Answered with the list of events kept of the topic, by rising offset.

    `first` and `last` are offsets, both included; of more than `limit` the newest are given.
    """

    topic: str
    first: int | None = None
    last: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Settle:
    """Topics stand at these positions elsewhere: what comes from now on follows them, and what
    came before is not here. Answered when it is noted."""

    positions: Mapping[str, Position]


@dataclass(frozen=True, slots=True)
class ForgetRun:
    """Drop what is kept of a run's topics."""

    run: str


@dataclass(frozen=True, slots=True)
class WatchDemand:
    """Tell the watcher what viewers want: a Demand now, and one whenever it changes."""

    watcher: pykka.ActorRef[Any]


@dataclass(frozen=True, slots=True)
class Demand:
    """The texts of all patterns that at least one viewer is subscribed to."""

    patterns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Deliver:
    """Events for a subscriber, oldest first; `frame` is the same, encoded, for one with an
    encoding. What the same cause brings to the same subscriber comes as one."""

    frame: Frame | None
    events: tuple[Event, ...]
