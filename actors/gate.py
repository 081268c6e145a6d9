"""Holds events back for one audience, so that it is not told more often than it asked to be."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from actors.event import Event, Mode
from actors.history import weigh

MOST_EVENTS = 1000  # held for `all`; then the batch goes early, since nothing may be lost
MOST_BYTES = 2**19
SLOWEST = 3600.0  # seconds

Member = TypeVar("Member", bound=Hashable)


@dataclass(slots=True)
class _Newest:
    """The newest event of a topic, and how many came since the last that was let through."""

    event: Event
    count: int


class Gate(Generic[Member]):
    """What one audience is owed of its topics with the same mode and rate.

    `all` keeps every event and lets them through in batches; `latest` keeps the newest per topic
    and counts the others as skipped. Who joins while something is held is told nothing from before
    it joined.
    """

    def __init__(self, mode: Mode, max_hz: float) -> None:
        self.mode: Mode = mode
        self.interval = min(1.0 / max_hz, SLOWEST)
        self.opens_at = float("-inf")
        self._all: list[Event] = []
        self._bytes = 0
        self._newest: dict[str, _Newest] = {}
        self._joined: dict[Member, int | dict[str, int]] = {}

    @property
    def holds(self) -> bool:
        """Whether anything waits here."""
        return bool(self._all or self._newest)

    def hold(self, event: Event) -> None:
        """Take an event in; `take` lets it out."""
        if self.mode == "all":
            self._all.append(event)
            self._bytes += weigh(event.data)
            return
        older = self._newest.pop(event.topic, None)
        self._newest[event.topic] = _Newest(event, 1 + (older.count if older else 0))

    def is_due(self, now: float) -> bool:
        """Whether what is held may go: the interval has passed, or too much is held."""
        full = len(self._all) >= MOST_EVENTS or self._bytes >= MOST_BYTES
        return self.holds and (full or now >= self.opens_at)

    def join(self, member: Member) -> None:
        """A member came: of what is held now it is owed nothing."""
        if self.mode == "all" and self._all:
            self._joined[member] = len(self._all)
        elif self._newest:
            self._joined[member] = {topic: held.count for topic, held in self._newest.items()}

    def leave(self, member: Member) -> None:
        """A member went."""
        self._joined.pop(member, None)

    def owed(self, member: Member) -> list[Event]:
        """What the member would be told if the gate opened now."""
        before = self._joined.get(member)
        if self.mode == "all":
            return self._all[before:] if isinstance(before, int) else list(self._all)
        counts = before if isinstance(before, dict) else {}
        found = []
        for topic, held in self._newest.items():
            skipped = held.count - counts.get(topic, 0) - 1
            if skipped >= 0:
                found.append(replace(held.event, skipped=skipped) if skipped else held.event)
        return found

    def take(
        self, members: Iterable[Member], now: float
    ) -> Iterator[tuple[list[Member], list[Event]]]:
        """Let everything out: who is told the same, and what. The gate is empty afterwards."""
        old = [member for member in members if member not in self._joined]
        shares: dict[tuple[tuple[int, int], ...], tuple[list[Member], list[Event]]] = {}
        if old:
            yield old, self.owed(old[0])
        for member in self._joined:
            events = self.owed(member)
            key = tuple((id(event.data), event.skipped) for event in events)
            shares.setdefault(key, ([], events))[0].append(member)
        self._all, self._bytes = [], 0
        self._newest.clear()
        self._joined.clear()
        self.opens_at = now + self.interval
        yield from (share for share in shares.values() if share[1])
