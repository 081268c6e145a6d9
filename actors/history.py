"""What was published lately: one ring of events per topic, everything bounded."""

from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

import msgspec
import numpy as np

from actors.event import Event, Position
from actors.topic_tree import TopicTree
from actors.topics import Pattern

_PLAIN = 16  # bytes that a number or a reference is taken to weigh
_EVENT = 200  # bytes that an event weighs besides its data


def weigh(data: object) -> int:
    """About how many bytes the data of an event keeps alive."""
    # First what ticks are made of: maps of columns, and of numbers.
    if isinstance(data, str):
        return len(data) + _PLAIN
    if isinstance(data, float):
        return _PLAIN
    if isinstance(data, np.ndarray):
        return int(data.nbytes) + _PLAIN
    if isinstance(data, dict):
        return sum(map(weigh, data)) + sum(map(weigh, data.values()))
    match data:
        case msgspec.Raw() | bytes():
            return len(data) + _PLAIN
        case Mapping():
            return sum(weigh(key) + weigh(value) for key, value in data.items())
        case list() | tuple():
            return _PLAIN + sum(weigh(value) for value in data)
        case _:
            return _PLAIN


@dataclass(frozen=True, slots=True)
class HistoryLimits:
    """Bounds: events and bytes per topic, bytes in all, number of topics."""

    events: int = 600
    topic_bytes: int = 8 * 2**20
    bytes: int = 256 * 2**20
    topics: int = 20_000


class _Ring:
    """The newest events of one topic. `whole_from`: from this offset on, none is missing."""

    __slots__ = ("bytes", "epoch", "events", "last", "topic", "weights", "whole_from")

    def __init__(self, topic: str, epoch: str, next_offset: int) -> None:
        self.topic = topic
        self.epoch = epoch
        self.last = next_offset - 1
        self.whole_from = next_offset
        self.events: deque[Event] = deque()
        self.weights: deque[int] = deque()
        self.bytes = 0

    def append(self, event: Event, weight: int) -> None:
        if event.offset != self.last + 1:
            self.whole_from = event.offset
        self.last = event.offset
        self.events.append(event)
        self.weights.append(weight)
        self.bytes += weight

    def drop_oldest(self) -> int:
        gone = self.events.popleft()
        weight = self.weights.popleft()
        self.bytes -= weight
        self.whole_from = max(self.whole_from, gone.offset + 1)
        return weight

    def after(self, offset: int) -> list[Event]:
        newer = 0
        for event in reversed(self.events):
            if event.offset <= offset:
                break
            newer += 1
        return list(islice(self.events, len(self.events) - newer, None))


class History:
    """Numbers events and keeps the newest of each topic; no actor, so that it outlives one.

    `epoch` is for topics whose events come without a number. A topic that is dropped for another
    begins a further epoch when it comes back, since its count is forgotten.
    """

    def __init__(self, epoch: str, limits: HistoryLimits | None = None) -> None:
        self.limits = limits if limits is not None else HistoryLimits()
        self.bytes = 0
        self._epoch = epoch
        self._forgotten = 0
        self._rings: OrderedDict[str, _Ring] = OrderedDict()
        self._topics: TopicTree[_Ring] = TopicTree()

    def __len__(self) -> int:
        return len(self._rings)

    def add(self, event: Event) -> Event | None:
        """The event with its number, now kept; None where it was passed on before."""
        ring = self._rings.get(event.topic)
        if not event.epoch:
            if ring is None:
                ring = self._begin(event.topic, self._own_epoch(), 0)
            event = replace(event, epoch=ring.epoch, offset=ring.last + 1)
        elif ring is None:
            ring = self._begin(event.topic, event.epoch, event.offset)
        elif ring.epoch != event.epoch:
            self._forget(ring)
            ring = self._begin(event.topic, event.epoch, event.offset)
        elif event.offset <= ring.last:
            return None
        self._rings.move_to_end(event.topic)
        weight = weigh(event.data) + _EVENT
        ring.append(event, weight)
        self.bytes += weight
        self._keep_within_limits(ring)
        return event

    def settle(self, positions: Mapping[str, Position]) -> None:
        """The topics stand there, as is known from elsewhere; of what came before, what is not here
        is missing."""
        for topic, position in positions.items():
            self._settle(topic, position)

    def _settle(self, topic: str, position: Position) -> None:
        ring = self._rings.get(topic)
        if ring is not None and ring.epoch != position.epoch:
            self._forget(ring)
            ring = None
        if ring is None:
            self._begin(topic, position.epoch, position.offset + 1)
            self._keep_within_limits(self._rings[topic])
        elif ring.last < position.offset:
            ring.last = position.offset
            ring.whole_from = position.offset + 1

    def position(self, topic: str) -> Position | None:
        """Where the topic stands, or None if nothing is known of it."""
        ring = self._rings.get(topic)
        return Position(ring.epoch, ring.last) if ring is not None else None

    def positions(self, pattern: Pattern) -> Iterator[tuple[str, Position]]:
        """Topics in the pattern and where they stand. Do not add events while it runs."""
        for ring in self._topics.within(pattern.tokens):
            yield ring.topic, Position(ring.epoch, ring.last)

    def whole_from(self, topic: str) -> int | None:
        """From this offset on no event of the topic is missing; None if nothing is known of it."""
        ring = self._rings.get(topic)
        return ring.whole_from if ring is not None else None

    def since(self, topic: str, position: Position) -> list[Event] | None:
        """The events after the position, or None if any of them is missing."""
        ring = self._rings.get(topic)
        if ring is None or ring.epoch != position.epoch:
            return None
        if not ring.whole_from - 1 <= position.offset <= ring.last:
            return None
        return ring.after(position.offset)

    def read(self, topic: str, first: int | None, last: int | None, limit: int) -> list[Event]:
        """The newest `limit` events with offsets from `first` to `last`, by rising offset."""
        ring = self._rings.get(topic)
        if ring is None:
            return []
        low = first if first is not None else -1
        high = last if last is not None else ring.last
        found = [event for event in ring.after(low - 1) if event.offset <= high]
        return found[max(0, len(found) - limit) :] if limit > 0 else []

    def forget_run(self, run: str) -> None:
        """Drop everything about the topics of a run."""
        for ring in list(self._topics.within(("run", run, ">"))):
            self._forget(ring)

    def _own_epoch(self) -> str:
        return f"{self._epoch}-{self._forgotten}" if self._forgotten else self._epoch

    def _begin(self, topic: str, epoch: str, next_offset: int) -> _Ring:
        ring = self._rings[topic] = _Ring(topic, epoch, next_offset)
        self._topics.put(topic.split("."), ring)
        return ring

    def _forget(self, ring: _Ring) -> None:
        del self._rings[ring.topic]
        self._topics.remove(ring.topic.split("."))
        self.bytes -= ring.bytes
        self._forgotten += 1

    def _keep_within_limits(self, ring: _Ring) -> None:
        limits = self.limits
        while len(ring.events) > limits.events or ring.bytes > limits.topic_bytes:
            self.bytes -= ring.drop_oldest()
        while len(self._rings) > limits.topics or self.bytes > limits.bytes:
            self._forget(next(iter(self._rings.values())))
