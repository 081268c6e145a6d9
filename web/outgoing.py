"""Events on their way to the server: what a tick brought stays together, memory is bounded."""

from collections import deque

from actors.event import Event
from actors.history import weigh

LIMIT = 8 * 2**20  # bytes
_EVENT = 200  # bytes that an event weighs besides its data


class Outgoing:
    """A queue that conflates. When it is full, only the newest value is kept of topics that come
    with every tick (their offset is the tick: the record has them all); then the oldest go."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.bytes = 0
        self.dropped = 0
        self._limit = limit
        self._batches: deque[tuple[tuple[Event, ...], int]] = deque()

    def __len__(self) -> int:
        return len(self._batches)

    def put(self, events: tuple[Event, ...]) -> None:
        """One more batch, behind the others."""
        self._add(events)
        if self.bytes > self._limit:
            self._conflate()
        while self.bytes > self._limit and len(self._batches) > 1:
            gone, size = self._batches.popleft()
            self.bytes -= size
            self.dropped += len(gone)

    def take(self) -> tuple[Event, ...] | None:
        """The oldest batch; None where there is none."""
        if not self._batches:
            return None
        events, size = self._batches.popleft()
        self.bytes -= size
        return events

    def clear(self) -> None:
        """Forget all."""
        self._batches.clear()
        self.bytes = 0

    def _add(self, events: tuple[Event, ...]) -> None:
        size = sum(weigh(event.data) + _EVENT for event in events)
        self._batches.append((events, size))
        self.bytes += size

    def _conflate(self) -> None:
        newest = {
            event.topic: event.offset
            for events, _ in self._batches
            for event in events
            if event.offset == event.tick
        }
        batches = [events for events, _ in self._batches]
        self.clear()
        for events in batches:
            kept = tuple(e for e in events if newest.get(e.topic, e.offset) == e.offset)
            self.dropped += len(events) - len(kept)
            if kept:
                self._add(kept)
