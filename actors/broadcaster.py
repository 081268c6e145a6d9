"""Tells everybody what they subscribed to: numbers events, keeps them, encodes each once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from actors.audience import Audience, Ref, Subscriptions
from actors.event import Event, Frame, Position, Subscription
from actors.gate import Gate
from actors.history import History, weigh
from actors.loop import LoopActor, tell_all
from actors.publishing import (
    Deliver,
    Demand,
    ForgetRun,
    Leave,
    Publish,
    ReadHistory,
    Settle,
    Standing,
    Subscribe,
    Subscribed,
    Unsubscribe,
    WatchDemand,
)
from actors.round import Round
from actors.topics import Pattern

MOST_LISTED = 1000  # topics in a Subscribed
RECOVERY_BYTES = 2**19  # of events that one Subscribe brings back; a topic beyond is not recovered
SWEEP_SECONDS = 30.0
EARLY = 1e-6  # seconds that a timer may come early by rounding
MOST_PENDING = 1000  # events
NOWHERE = Position("", -1)

Encode = Callable[[str, Sequence[Event]], Frame]


@dataclass(frozen=True, slots=True)
class _Sweep:
    """Time to forget subscribers that ended without a word."""


@dataclass(frozen=True, slots=True)
class _TellDemand:
    """Told to itself, so that many changes at once are one Demand."""


@dataclass(frozen=True, slots=True)
class _Landed:
    """Everybody has what was told last."""


@dataclass(frozen=True, slots=True)
class _Open:
    """The gate's interval has passed."""

    audience: Audience
    gate: Gate[Ref]


class Broadcaster(LoopActor):
    """The one way from what happens to those who want to know.

    `history` and `subscriptions` belong to whoever starts it and outlive a crash: the next
    incarnation goes on with the same subscribers, numbers and events held back.
    """

    mailbox_size = 50_000

    def __init__(self, encode: Encode, history: History, subscriptions: Subscriptions) -> None:
        super().__init__()
        self._encode = encode
        self._history = history
        self._subscriptions = subscriptions
        self._demand_due = False
        self._armed: set[Gate[Ref]] = set()
        self._flight: Round | None = None

    def on_start(self) -> None:
        self.every(SWEEP_SECONDS, _Sweep())
        self._note_demand()
        self._pass_on()
        for audience in self._subscriptions.audiences():
            for gate in audience.gates.values():
                self._arm(audience, gate)

    def on_receive(self, message: Any) -> Any:
        match message:
            case Publish(events):
                self._publish(events)
            case _Landed():
                self._pass_on()
            case _Open(audience, gate):
                self._armed.discard(gate)
                self._open(audience, gate)
            case Subscribe():
                return self._subscribe(message)
            case Unsubscribe(subscriber, patterns):
                return self._unsubscribe(subscriber, patterns)
            case Leave(subscriber):
                self._put(subscriber, frozenset(), None)
            case ReadHistory(topic, first, last, limit):
                return self._history.read(topic, first, last, limit)
            case WatchDemand(watcher):
                self._subscriptions.watchers[watcher] = None
                watcher.tell(Demand(self._subscriptions.wanted()))
            case _TellDemand():
                self._tell_demand()
            case Settle(positions):
                self._history.settle(positions)
            case ForgetRun(run):
                self._history.forget_run(run)
            case _Sweep():
                self._sweep()
            case _:
                return super().on_receive(message)
        return None

    def _publish(self, events: Iterable[Event]) -> None:
        """Pass events on now, or, while many are still being told of earlier ones, together with
        those that come meanwhile."""
        pending = self._subscriptions.pending
        for event in events:
            numbered = self._history.add(event)
            if numbered is not None:
                pending.append(numbered)
        flight = self._flight
        if flight is None or flight.is_done or len(pending) >= MOST_PENDING:
            self._pass_on()
        else:
            flight.then = partial(self.actor_ref.tell_first, _Landed())

    def _pass_on(self) -> None:
        events, self._subscriptions.pending = self._subscriptions.pending, []
        if not events:
            return
        shares: dict[Audience, list[Event]] = {}
        held: dict[Gate[Ref], Audience] = {}
        for numbered in events:
            for audience, gate in self._subscriptions.for_topic(numbered.topic):
                if gate is None:
                    shares.setdefault(audience, []).append(numbered)
                else:
                    gate.hold(numbered)
                    held[gate] = audience
        ready: list[tuple[Iterable[Ref], str | None, list[Event]]] = []
        now = self.runtime.clock.now()
        for gate, audience in held.items():
            for members, owed in self._take(audience, gate, now):
                if len(members) == len(audience.members):
                    shares.setdefault(audience, []).extend(owed)
                else:
                    ready.append((members, audience.encoding, owed))
        ready += [(audience.members, audience.encoding, own) for audience, own in shares.items()]
        self._tell(ready)

    def _take(
        self, audience: Audience, gate: Gate[Ref], now: float
    ) -> list[tuple[list[Ref], list[Event]]]:
        """What the gate lets through now; it is looked at again when its interval has passed."""
        if not gate.is_due(now + EARLY):
            self._arm(audience, gate)
            return []
        taken = list(gate.take(audience.members, now))
        for members, events in taken:
            self._subscriptions.conflated += len(members) * sum(e.skipped for e in events)
        return taken

    def _open(self, audience: Audience, gate: Gate[Ref]) -> None:
        taken = self._take(audience, gate, self.runtime.clock.now())
        self._tell([(members, audience.encoding, events) for members, events in taken])

    def _arm(self, audience: Audience, gate: Gate[Ref]) -> None:
        if gate.holds and gate not in self._armed:
            self._armed.add(gate)
            wait = gate.opens_at - self.runtime.clock.now()
            self.after(max(0.0, wait), _Open(audience, gate))

    def _tell(self, shares: Iterable[tuple[Iterable[Ref], str | None, list[Event]]]) -> None:
        """Deliver, encoding each selection of events once per encoding."""
        made: dict[tuple[str | None, tuple[int, ...]], Deliver] = {}
        for members, encoding, events in shares:
            key = (encoding, tuple(map(id, events)))
            deliver = made.get(key)
            if deliver is None:
                frame = None if encoding is None else self._encode(encoding, events)
                deliver = made[key] = Deliver(frame, tuple(events))
            self._flight = tell_all(members, deliver) or self._flight

    def _subscribe(self, message: Subscribe) -> Subscribed:
        self._pass_on()
        subscriber = message.subscriber
        wishes = {s.pattern: s for s in self._subscriptions.of(subscriber)}
        wishes.update((s.pattern, s) for s in message.subscriptions)
        recovered = self._recover(message, wishes.values())
        room = MOST_LISTED
        listed = []
        for subscription in message.subscriptions:
            standings = self._standings(subscription.pattern, recovered, message.since, room)
            room -= len(standings)
            listed.append(standings)
        owed = self._put(subscriber, frozenset(wishes.values()), message.encoding)
        events = [event for event in owed if not recovered.get(event.topic)]
        for back in recovered.values():
            events += back or ()
        if events:
            self._tell([([subscriber], message.encoding, events)])
        return Subscribed(tuple(listed))

    def _recover(
        self, message: Subscribe, wishes: Iterable[Subscription]
    ) -> dict[str, list[Event] | None]:
        """What followed the positions, by topic; None where something is missing or too much."""
        room = RECOVERY_BYTES
        found: dict[str, list[Event] | None] = {}
        for topic, position in message.since.items():
            modes = {s.mode for s in wishes if s.pattern.matches(topic)}
            if not modes:
                continue
            events = self._since(topic, position, message.older.get(topic))
            if events and "all" not in modes:
                events = [replace(events[-1], skipped=len(events) - 1)]
            size = sum(weigh(event.data) for event in events or ())
            found[topic] = events if size <= room else None
            room -= size if size <= room else 0
        return found

    def _since(
        self, topic: str, position: Position, older: Sequence[Event] | None
    ) -> list[Event] | None:
        if older:
            position = Position(older[-1].epoch, older[-1].offset)
        events = self._history.since(topic, position)
        if events is None and older is not None and self._history.position(topic) is None:
            events = []
        return events if events is None else [*(older or ()), *events]

    def _standings(
        self,
        pattern: Pattern,
        recovered: Mapping[str, list[Event] | None],
        since: Mapping[str, Position],
        room: int,
    ) -> tuple[Standing, ...]:
        """The topics in the pattern, those first whose position was given."""
        standings = [
            Standing(topic, self._position(topic, events, since[topic]), events is not None)
            for topic, events in recovered.items()
            if pattern.matches(topic)
        ]
        standings += [
            Standing(topic, position, None)
            for topic, position in islice(self._history.positions(pattern), room)
            if topic not in recovered
        ]
        return tuple(standings[:room])

    def _position(self, topic: str, recovered: list[Event] | None, seen: Position) -> Position:
        known = self._history.position(topic)
        if known is None and recovered:
            return Position(recovered[-1].epoch, recovered[-1].offset)
        return known or (NOWHERE if recovered is None else seen)

    def _unsubscribe(
        self, subscriber: Ref, patterns: tuple[Pattern, ...] | None
    ) -> tuple[Pattern, ...]:
        self._pass_on()
        now = self._subscriptions.of(subscriber)
        gone = {s for s in now if patterns is None or s.pattern in patterns}
        encoding = self._subscriptions.encoding_of(subscriber)
        owed = self._put(subscriber, now - gone, encoding)
        if owed:
            self._tell([([subscriber], encoding, owed)])
        return tuple(sorted((s.pattern for s in gone), key=str))

    def _put(
        self, subscriber: Ref, wish: frozenset[Subscription], encoding: str | None
    ) -> list[Event]:
        owed = self._subscriptions.put(subscriber, wish, encoding)
        self._note_demand()
        return owed

    def _note_demand(self) -> None:
        if self._subscriptions.wanted_changed and not self._demand_due:
            self._demand_due = True
            self.actor_ref.tell(_TellDemand())

    def _tell_demand(self) -> None:
        self._demand_due = False
        self._subscriptions.wanted_changed = False
        tell_all(self._subscriptions.watchers, Demand(self._subscriptions.wanted()))

    def _sweep(self) -> None:
        for subscriber in self._subscriptions.subscribers():
            if not subscriber.is_alive():
                self._put(subscriber, frozenset(), None)
        self._subscriptions.forget_dead_watchers()
