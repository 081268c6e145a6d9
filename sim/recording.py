"""The record of a run: ticks, events and checkpoints in an SQLite file that outlives a crash."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.database import Mode, connect, explained
from sim.manifest import (
    Manifest,
    RecordingError,
    RecordingVersionError,
    read_manifest,
    write_manifest,
)
from sim.packing import pack, unpack

__all__ = [
    "DATABASE",
    "EventRow",
    "Manifest",
    "RecordFullError",
    "Recording",
    "RecordingError",
    "RecordingVersionError",
    "TickRow",
]

DATABASE = "run.sqlite"
CHECKPOINTS_KEPT = 3
MAX_BYTES = 2**31
PAGE = 100  # rows read before the file is let go, so that a long reading does not hold up a writer


class RecordFullError(RecordingError):
    """The record has twice the bytes it may have; it stays readable."""

    def __init__(self, path: Path, size: int, most: int) -> None:
        self.path = path
        self.size = size
        self.most = most
        super().__init__(f"{path} is full: {size} bytes, where {most} are allowed")


@dataclass(frozen=True, slots=True)
class TickRow:
    """`columns` is a MessagePack map in the wire's form, None where it was not stored."""

    tick: int
    time: float
    hash: str
    aggregates: Mapping[str, float]
    columns: bytes | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """`data` is MessagePack in the wire's form."""

    topic: str
    epoch: str
    offset: int
    tick: int | None
    time: float | None
    data: bytes


class Recording:
    """A run's folder, opened: used by the thread that opened it, and closed by it.

    One writes; any number may read meanwhile, in other processes too. Every failure is a
    RecordingError. Rows that are there already are left as they are, so that ticks made again
    after a crash change nothing.

    From `max_bytes` on columns are not stored any more; from twice as many nothing is. 0: no bound.
    """

    def __init__(
        self, folder: Path, manifest: Manifest, connection: sqlite3.Connection, max_bytes: int
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self._connection = connection
        self._max_bytes = max_bytes

    @classmethod
    def create(cls, folder: Path, manifest: Manifest, *, max_bytes: int = MAX_BYTES) -> "Recording":
        """Begin the record of a new run, and the folder where there is none."""
        write_manifest(folder, manifest)
        return cls.open(folder, "append", max_bytes=max_bytes)

    @classmethod
    def open(cls, folder: Path, mode: Mode = "read", *, max_bytes: int = MAX_BYTES) -> "Recording":
        """Raises RecordingVersionError for a record of another version."""
        manifest = read_manifest(folder)
        path = folder / DATABASE
        if mode == "read" and not path.is_file():
            raise RecordingError(f"{folder} holds no record: it has no {DATABASE}")
        return cls(folder, manifest, connect(path, mode), max_bytes)

    def close(self) -> None:
        """More than once does no harm."""
        with self._explained():
            self._connection.close()

    def __enter__(self) -> "Recording":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Bytes of the record."""
        (pages,) = self._one("PRAGMA page_count")
        (page,) = self._one("PRAGMA page_size")
        return int(pages) * int(page)

    def append(
        self,
        ticks: Sequence[TickRow],
        events: Sequence[EventRow],
        checkpoint: tuple[int, Mapping[str, Any]] | None = None,
    ) -> bool:
        """Write all of it or, on an error, nothing. False: the columns were left out, for the
        record has reached its size. Raises RecordFullError at twice that."""
        size, most = self.size, self._max_bytes
        if most and size >= 2 * most:
            raise RecordFullError(self.folder / DATABASE, size, 2 * most)
        with_columns = not most or size < most
        with self._explained(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                "INSERT INTO ticks VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    (
                        t.tick,
                        t.time,
                        t.hash,
                        pack(t.aggregates),
                        t.columns if with_columns else None,
                    )
                    for t in ticks
                ),
            )
            self._append_events(events)
            if checkpoint is not None:
                self._append_checkpoint(*checkpoint)
        return with_columns

    def last_tick(self) -> int:
        """0 where there is none yet."""
        (last,) = self._one("SELECT max(tick) FROM ticks")
        return int(last or 0)

    def last_checkpoint(self) -> tuple[int, dict[str, Any]] | None:
        row = self._one("SELECT tick, data FROM checkpoints ORDER BY tick DESC LIMIT 1")
        if row is None:
            return None
        with self._explained():
            return int(row[0]), unpack(row[1])

    def positions(self) -> dict[str, tuple[str, int]]:
        """Where each topic stands: epoch and offset of its last event."""
        with self._explained():
            rows = self._connection.execute("SELECT topic, epoch, offset FROM positions")
            return {topic: (epoch, offset) for topic, epoch, offset in rows}

    def events(
        self, topic: str, from_: int = 0, to: int | None = None, limit: int = 1000
    ) -> list[EventRow]:
        """Events of a topic's present epoch by rising offset, `from_` and `to` included."""
        query = """
            SELECT topic, epoch, offset, tick, time, data FROM events
            WHERE topic = :topic AND epoch = (SELECT epoch FROM positions WHERE topic = :topic)
              AND offset >= :first AND (:last IS NULL OR offset <= :last)
            ORDER BY offset LIMIT :limit"""
        given = {"topic": topic, "first": from_, "last": to, "limit": limit}
        with self._explained():
            return [EventRow(*row) for row in self._connection.execute(query, given)]

    def all_events(self) -> Iterator[EventRow]:
        """Every event, in the order of recording; as they are asked for, so of any number."""
        for _, *row in self._pages(
            "number, topic, epoch, offset, tick, time, data", "events", "number", 1, None
        ):
            yield EventRow(*row)

    def ticks(
        self, from_: int = 1, to: int | None = None, *, columns: bool = True
    ) -> Iterator[TickRow]:
        """Ticks by number, `from_` and `to` included; as they are asked for, so of any number."""
        names = "tick, time, hash, aggregates, " + ("columns" if columns else "NULL")
        for tick, time, hash_, aggregates, held in self._pages(names, "ticks", "tick", from_, to):
            with self._explained():
                yield TickRow(tick, time, hash_, unpack(aggregates), held)

    def _append_events(self, events: Sequence[EventRow]) -> None:
        self._connection.executemany(
            "INSERT INTO events (topic, epoch, offset, tick, time, data) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            ((e.topic, e.epoch, e.offset, e.tick, e.time, e.data) for e in events),
        )
        last = {event.topic: (event.epoch, event.offset) for event in events}
        self._connection.executemany(
            "INSERT INTO positions VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
            " SET epoch = excluded.epoch, offset = excluded.offset"
            " WHERE epoch <> excluded.epoch OR offset < excluded.offset",
            ((topic, *position) for topic, position in last.items()),
        )

    def _append_checkpoint(self, tick: int, data: Mapping[str, Any]) -> None:
        self._connection.execute("REPLACE INTO checkpoints VALUES (?, ?)", (tick, pack(data)))
        self._connection.execute(
            "DELETE FROM checkpoints WHERE tick NOT IN"
            f" (SELECT tick FROM checkpoints ORDER BY tick DESC LIMIT {CHECKPOINTS_KEPT})"
        )

    def _one(self, query: str) -> Any:
        with self._explained():
            return self._connection.execute(query).fetchone()

    def _pages(
        self, names: str, table: str, key: str, first: int, last: int | None
    ) -> Iterator[Sequence[Any]]:
        query = (
            f"SELECT {names} FROM {table} WHERE {key} >= ? AND (? IS NULL OR {key} <= ?)"
            f" ORDER BY {key} LIMIT {PAGE}"
        )
        while True:
            seen = None
            with self._explained():
                for seen in self._connection.execute(query, (first, last, last)):
                    yield seen
            if seen is None:
                return
            first = seen[0] + 1

    def _explained(self) -> AbstractContextManager[None]:
        return explained(self.folder / DATABASE)
