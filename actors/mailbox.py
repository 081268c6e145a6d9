"""A bounded queue of messages with a policy for when it is full, and a lane that never fills.

No thread and no loop: whoever owns a mailbox sees to it that one thread at a time uses it.
"""

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, ClassVar

from pykka._envelope import Envelope
from pykka.messages import _ActorStop


class _Nothing:
    """No message at all; `None` is a message like any other."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = _Nothing()


@dataclass(frozen=True, slots=True)
class Policy:
    """What gives way when a mailbox is full.

    `DROP_NEW` refuses the message, `DROP_OLDEST` drops the one that waits longest. `LATEST` keeps
    one message per key, in the place of the first: a newer one replaces it; messages without a
    key (None) and new keys in a full mailbox are treated as by `DROP_NEW`. Asks are never
    conflated, and a stop always has room.
    """

    name: str
    key: Callable[[Any], Hashable | None] | None = None

    DROP_NEW: ClassVar["Policy"]
    DROP_OLDEST: ClassVar["Policy"]
    LATEST: ClassVar["Policy"]

    @staticmethod
    def latest(key: Callable[[Any], Hashable | None]) -> "Policy":
        """One message per key, which is a function of the message."""
        return Policy("latest", key)


def key_of(message: Any) -> Hashable | None:
    """The message's own `key`, if it has one."""
    key: Hashable | None = getattr(message, "key", None)
    return key


Policy.DROP_NEW = Policy("drop_new")
Policy.DROP_OLDEST = Policy("drop_oldest")
Policy.LATEST = Policy("latest", key_of)


class MailboxFull(Exception):  # noqa: N818 - as queue.Full
    """The actor was asked something while its mailbox was full."""

    def __init__(self, path: str, size: int) -> None:
        super().__init__(f"the mailbox of {path} is full ({size} messages)")
        self.path = path
        self.size = size


class Kept:
    """Marks what never gives way to a newer message."""

    __slots__ = ()


class Cell:
    """The place in the queue of the latest message of a key."""

    __slots__ = ("key", "message")

    def __init__(self, key: Hashable, message: Any) -> None:
        self.key = key
        self.message = message


def asks_to_stop(message: object) -> bool:
    """Whether this is pykka's request to stop, bare or with an answer wanted."""
    return type(message) is _ActorStop or (
        type(message) is Envelope and type(message.message) is _ActorStop
    )


class Mailbox:
    """`offer` puts a message in, `take` takes the next one out.

    `room` is how long `queue` may be for a plain append to be right: an owner may then append by
    itself (`high_water` is brought up to date by `note_depth`).
    """

    __slots__ = (
        "arrivals", "cells", "dropped", "high_water", "lane", "policy", "queue", "room", "size",
    )  # fmt: skip

    def __init__(self, size: int, policy: Policy = Policy.DROP_NEW) -> None:
        self.size = size
        self.policy = policy
        self.queue: deque[Any] = deque()
        self.lane: deque[Any] | None = None
        self.cells: dict[Hashable, Cell] | None = {} if policy.key else None
        self.room = 0 if policy.key else size
        self.high_water = 0
        self.dropped = 0
        # For the owner: what other threads brought.
        self.arrivals: Mailbox | None = None

    def __len__(self) -> int:
        return len(self.queue) + (len(self.lane) if self.lane else 0)

    @property
    def is_open(self) -> bool:
        return self.room >= 0

    def note_depth(self) -> None:
        """Right after appends and before takes, the depth is the highest since the last call."""
        if len(self.queue) > self.high_water:
            self.high_water = len(self.queue)

    def offer(self, message: Any) -> Any:
        """Take the message in; returns what had to go for it (maybe itself), or `NOTHING`."""
        if self.room < 0:
            return message
        if self.cells is not None and self._replaces(message):
            return NOTHING
        lost: Any = NOTHING
        if len(self.queue) >= self.size and not asks_to_stop(message):
            lost = self._make_room(message)
            self.dropped += 1
        if lost is not message:
            self.queue.append(message)
            self.note_depth()
        return lost

    def force(self, message: Any) -> None:
        """Queue the message whatever the depth: for what its sender bounds itself."""
        self.queue.append(message)
        self.note_depth()

    def offer_first(self, message: Any) -> None:
        """Put the message into the lane, which goes before the queue and has no bound."""
        if self.lane is None:
            self.lane = deque()
        self.lane.append(message)

    def take(self) -> Any:
        """The next message, those of the lane first; `NOTHING` when there is none."""
        if self.lane:
            return self.lane.popleft()
        if not self.queue:
            return NOTHING
        return self.unwrap(self.queue.popleft())

    def unwrap(self, message: Any) -> Any:
        """The message in a cell, whose key is free from now on; any other as it is."""
        if type(message) is Cell and self.cells is not None:
            self.cells.pop(message.key, None)
            return message.message
        return message

    def close(self) -> list[Any]:
        """Refuse from now on; returns what was waiting, in order."""
        self.room = -1
        waiting = list(iter(self.take, NOTHING))
        self.lane = None
        return waiting

    def _replaces(self, message: Any) -> bool:
        """Conflate by key; True when the message needs no place of its own."""
        assert self.cells is not None
        assert self.policy.key is not None
        if type(message) in (Envelope, _ActorStop):
            return False
        key = self.policy.key(message)
        if key is None:
            return False
        cell = self.cells.get(key)
        if cell is not None:
            cell.message = message
            return True
        if len(self.queue) >= self.size:
            return False
        self.cells[key] = cell = Cell(key, message)
        self.force(cell)
        return True

    def _make_room(self, message: Any) -> Any:
        """What goes: the new message, or the oldest one that may."""
        if self.policy is Policy.DROP_OLDEST:
            for index, old in enumerate(self.queue):
                if not isinstance(old, Kept) and not asks_to_stop(old):
                    del self.queue[index]
                    return old
        return message
