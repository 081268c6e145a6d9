"""The events that wait for one client, within bounds; no I/O."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from actors.event import Event

MOST_TOPICS = 1000  # whose position is told


@dataclass(slots=True)
class Waiting:
    """Bytes that wait for all clients together; every backlog keeps it."""

    bytes: int = 0


@dataclass(frozen=True, slots=True)
class QueueBounds:
    """Bytes of events that may wait for one client, and for all; 0 means no bound."""

    each: int
    all: int

    def now(self, waiting: Waiting) -> int | None:
        """What may wait for one client now: the less room there is for all, the less, so that who
        takes most goes first (the dynamic threshold of Choudhury and Hahne 1998). None: any."""
        found = [self.each] if self.each else []
        if self.all:
            found.append(max(0, self.all - waiting.bytes))
        return min(found, default=None)


@dataclass(slots=True)
class _Newest:
    """The newest event of a topic, how many were left out before it, and its bytes."""

    event: Event
    skipped: int
    size: int


class Backlog:
    """Events that every one counts of, in their frames; and of other topics the newest alone."""

    __slots__ = ("_all", "_all_bytes", "_latest", "_latest_bytes", "_waiting")

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting
        # Made when something waits: most clients never let anything wait.
        self._all: deque[tuple[bytes, Sequence[Event]]] | None = None
        self._all_bytes = 0
        self._latest: dict[str, _Newest] = {}
        self._latest_bytes = 0

    def __bool__(self) -> bool:
        return bool(self._all or self._latest)

    @property
    def size(self) -> int:
        """Bytes that wait here."""
        return self._all_bytes + self._latest_bytes

    @property
    def has_frames(self) -> bool:
        """Whether events wait of which every one counts."""
        return bool(self._all)

    def put(self, wire: bytes, events: Sequence[Event]) -> None:
        """The frame waits; `events` are those in it."""
        if self._all is None:
            self._all = deque()
        self._all.append((wire, events))
        self._all_bytes += len(wire)
        self._waiting.bytes += len(wire)

    def conflate(self, event: Event, size: int) -> bool:
        """The event waits in place of an older one of its topic; whether there was one."""
        held = self._latest.get(event.topic)
        if held is None:
            self._latest[event.topic] = _Newest(event, event.skipped, size)
            self._count_latest(size)
            return False
        held.event = event
        held.skipped += event.skipped + 1
        if size != held.size:
            self._count_latest(size - held.size)
            held.size = size
        return True

    def take_frame(self) -> bytes:
        """The frame that has waited longest."""
        assert self._all is not None
        wire, _ = self._all.popleft()
        self._all_bytes -= len(wire)
        self._waiting.bytes -= len(wire)
        return wire

    def take_newest(self) -> list[Event]:
        """The newest events of their topics."""
        events = [replace(held.event, skipped=held.skipped) for held in self._latest.values()]
        self._latest.clear()
        self._count_latest(-self._latest_bytes)
        return events

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.bytes -= self._all_bytes
        self._all = None
        self._all_bytes = 0
        self.take_newest()

    def stopped_at(self) -> dict[str, dict[str, object]]:
        """Per topic of which every event counts the last position before what waits; given as
        `since`, nothing is missed."""
        found: dict[str, dict[str, object]] = {}
        for _, events in self._all or ():
            for event in events:
                if event.topic not in found and len(found) < MOST_TOPICS:
                    found[event.topic] = {"epoch": event.epoch, "offset": event.offset - 1}
        return found

    def _count_latest(self, change: int) -> None:
        self._latest_bytes += change
        self._waiting.bytes += change
