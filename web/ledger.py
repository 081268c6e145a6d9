"""What limits count: in this process, or in memory that all processes of a server share."""

import contextlib
import fcntl
import mmap
import os
import secrets
import struct
from collections import Counter
from contextlib import AbstractContextManager
from hashlib import blake2b
from time import monotonic
from types import TracebackType
from typing import Protocol

import numpy as np

from web.buckets import FULL, Buckets, TokenBucket

ALL = "all"  # the scope of all connections, which has one key
_WAYS = 16  # rows among which a key has its place
_ANY_NUMBER = 16_384  # connections that the table is made for where there is no limit
_HEADER = struct.Struct("=16sII")  # the key of the hash, processes, sets
_ALIGNED = 64
_PATIENCE = 0.05  # seconds to wait for the lock


class Ledger(Protocol):
    """Connections, and buckets of messages, by scope (`all`, `user`, `ip`) and key."""

    def held(self) -> AbstractContextManager[object]:
        """While it lasts, no other process changes anything. Not to be nested."""
        ...

    def taken(self, scope: str, key: str) -> int:
        """Connections at all processes."""
        ...

    def add(self, scope: str, key: str, change: int) -> None:
        """So many connections more, or fewer, at this process."""
        ...

    def bucket(self, scope: str, key: str, capacity: int, window: float, now: float) -> TokenBucket:
        """The bucket of the key. `now` is the monotonic clock, which all processes have alike."""
        ...


class LocalLedger:
    """Of one process alone."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}
        self._buckets: dict[str, Buckets] = {}
        self._free = contextlib.nullcontext()

    def held(self) -> AbstractContextManager[object]:
        """Nobody else is there."""
        return self._free

    def taken(self, scope: str, key: str) -> int:
        """Connections of the key."""
        counts = self._counts.get(scope)
        return counts[key] if counts is not None else 0

    def add(self, scope: str, key: str, change: int) -> None:
        """So many more, or fewer."""
        counts = self._counts.setdefault(scope, Counter())
        counts[key] += change
        if counts[key] <= 0:
            del counts[key]

    def bucket(self, scope: str, key: str, capacity: int, window: float, now: float) -> TokenBucket:
        """The bucket of the key; the capacity and window of a scope are those of the first."""
        buckets = self._buckets.get(scope)
        if buckets is None:
            buckets = self._buckets[scope] = Buckets(capacity, window)
        return buckets.of(key, now)


class SharedLedger:
    """A table in anonymous memory, found by a descriptor that processes inherit.

    Each key belongs to a set of 16 rows, by a hash whose own key is secret, so that nobody can
    make keys that meet. A row that counts no connection is given to another key, the one used
    longest ago first. A key for which there is no row counts as full; there are eight rows for
    each that the connections can need.

    `patience`: seconds to wait for the lock, see `held`.
    `slot` is the number of this process; the connections of each are counted apart, so that those
    of one that died can be forgotten.
    """

    def __init__(self, descriptor: int, slot: int, patience: float = _PATIENCE) -> None:
        self.descriptor = descriptor
        self._slot = slot
        self._lock = _Lock(descriptor, patience)
        self._memory = mmap.mmap(descriptor, 0)
        view = memoryview(self._memory)
        header: tuple[bytes, int, int] = _HEADER.unpack_from(view)
        self._hash_key, self._processes, self._sets = header
        layout = _layout(self._processes, self._sets)
        # Connections in all by process; of each row the key's hash, its bucket, and its
        # connections by process.
        rows = self._sets * _WAYS
        self._totals = view[layout[0] :][: 4 * self._processes].cast("I")
        self._keys = view[layout[1] :][: 8 * rows].cast("Q")
        self._cells = view[layout[2] :][: 16 * rows].cast("d")
        self._counts = view[layout[3] :][: 4 * rows * self._processes].cast("I")

    @classmethod
    def create(cls, processes: int, connections: int) -> "SharedLedger":
        """For the first process, whose slot is 0; `connections` 0: any number."""
        sets = 1 << max(connections or _ANY_NUMBER, _WAYS).bit_length()
        descriptor = os.memfd_create("stagewatch-ledger")
        os.ftruncate(descriptor, _layout(processes, sets)[-1])
        os.pwrite(descriptor, _HEADER.pack(secrets.token_bytes(16), processes, sets), 0)
        return cls(descriptor, 0)

    def held(self) -> AbstractContextManager[object]:
        """Waits a twentieth of a second at most: a process that was halted while it
        held the lock must not halt the others. Counts may be off by one after that."""
        return self._lock

    def taken(self, scope: str, key: str) -> int:
        """Connections at all processes; where there is no row for the key, more than any limit."""
        if scope == ALL:
            return sum(self._totals)
        row = self._row(scope, key)
        if row is None:
            return 2**32
        return sum(self._counts[row * self._processes : (row + 1) * self._processes])

    def add(self, scope: str, key: str, change: int) -> None:
        """So many connections more, or fewer, at this process."""
        if scope == ALL:
            self._totals[self._slot] = max(0, self._totals[self._slot] + change)
            return
        row = self._row(scope, key)
        if row is not None:
            place = row * self._processes + self._slot
            self._counts[place] = max(0, self._counts[place] + change)

    def bucket(self, scope: str, key: str, capacity: int, window: float, now: float) -> TokenBucket:
        """The bucket of the key; an empty one where there is no row for it."""
        row = self._row(scope, key)
        if row is None:
            return TokenBucket(capacity, window, now, [0.0, now])
        return TokenBucket(capacity, window, now, self._cells, 2 * row)

    def clear(self, slot: int) -> None:
        """Forgets the connections of a process that is gone."""
        with self.held():
            self._totals[slot] = 0
            counts = np.frombuffer(self._counts, np.uint32).reshape(-1, self._processes)
            counts[:, slot] = 0

    def _row(self, scope: str, key: str) -> int | None:
        text = f"{scope}:{key}".encode(errors="surrogatepass")
        digest = blake2b(text, digest_size=8, key=self._hash_key).digest()
        # 0 is a row that nobody has.
        hashed = int.from_bytes(digest, "little") or 1
        first = hashed % self._sets * _WAYS
        there: list[int] = self._keys[first : first + _WAYS].tolist()
        if hashed in there:
            return first + there.index(hashed)
        way = there.index(0) if 0 in there else self._oldest(first)
        if way is None:
            return None
        row = first + way
        self._keys[row] = hashed
        self._cells[2 * row], self._cells[2 * row + 1] = FULL, 0.0
        return row

    def _oldest(self, first: int) -> int | None:
        """Of the rows that count no connection."""
        many = self._processes
        idle = [
            way
            for way in range(_WAYS)
            if not any(self._counts[(first + way) * many : (first + way + 1) * many])
        ]
        return min(idle, key=lambda way: self._cells[2 * (first + way) + 1], default=None)


class _Lock:
    """lockf: it belongs to a process, whoever made the descriptor, and ends with it.

    Patience halves each time that it runs out, and is whole again with the lock: one process that
    is halted costs each of the others no more than twice the patience in all.
    """

    def __init__(self, descriptor: int, patience: float) -> None:
        self._descriptor = descriptor
        self._most = self._patience = patience
        self._is_held = False

    def __enter__(self) -> None:
        if self._tried():
            return
        until = monotonic() + self._patience
        while monotonic() < until:
            os.sched_yield()
            if self._tried():
                return
        self._patience /= 2

    def _tried(self) -> bool:
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self._is_held = True
        self._patience = self._most
        return True

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if self._is_held:
            self._is_held = False
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN)


def _layout(processes: int, sets: int) -> tuple[int, ...]:
    """Where totals, keys, cells and counts begin, and where all ends."""
    rows = sets * _WAYS
    places = [_ALIGNED]
    for size in (4 * processes, 8 * rows, 16 * rows, 4 * rows * processes):
        places.append(places[-1] + -(-size // _ALIGNED) * _ALIGNED)
    return tuple(places)
