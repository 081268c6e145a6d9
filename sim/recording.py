"""The record of a run: ticks, events and checkpoints in an SQLite file that outlives a crash."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sim.database import Mode, connect, explained
from sim.manifest import (
    Manifest,
    RecordingError,
    RecordingVersionError,
    read_manifest,
    write_manifest,
)
from sim.packing import pack, unpack
from sim.retention import superfluous

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
MAX_BYTES = 2**31
LARGEST = 2**63 - 1  # number that SQLite knows
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

    `Recording("runs/tmaze-1")` reads; `sim.recorded.RecordedRun` gives arrays and frames besides.
    One writes; any number may read meanwhile, in other processes too. Every failure is a
    RecordingError. Rows that are there already are left as they are, so that ticks made again
    after a crash change nothing.

    From `max_bytes` on columns are not stored any more; from twice as many nothing is. 0: no bound.
    Checkpoints are kept as sim.retention has it.
    """

    def __init__(
        self, folder: str | Path, mode: Mode = "read", *, max_bytes: int = MAX_BYTES
    ) -> None:
        """Raises RecordingVersionError for a record of another version."""
        self.folder = Path(folder)
        self.manifest = read_manifest(self.folder)
        path = self.folder / DATABASE
        if mode == "read" and not path.is_file():
            raise RecordingError(f"{self.folder} holds no record: it has no {DATABASE}")
        self._connection = connect(path, mode)
        self._max_bytes = max_bytes

    @classmethod
    def create(cls, folder: Path, manifest: Manifest, *, max_bytes: int = MAX_BYTES) -> Self:
        """Begin the record of a new run, and the folder where there is none."""
        write_manifest(folder, manifest)
        return cls.open(folder, "append", max_bytes=max_bytes)

    @classmethod
    def open(cls, folder: Path, mode: Mode = "read", *, max_bytes: int = MAX_BYTES) -> Self:
        """As the constructor does."""
        return cls(folder, mode, max_bytes=max_bytes)

    def close(self) -> None:
        """More than once does no harm."""
        with self._explained():
            self._connection.close()

    def __enter__(self) -> Self:
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

    def last_checkpoint(self, tick: int | None = None) -> tuple[int, dict[str, Any]] | None:
        """The last at or before a tick, or of all."""
        query = (
            "SELECT tick, data FROM checkpoints WHERE ? IS NULL OR tick <= ?"
            " ORDER BY tick DESC LIMIT 1"
        )
        with self._explained():
            row = self._connection.execute(query, (tick, tick)).fetchone()
            return None if row is None else (int(row[0]), unpack(row[1]))

    def checkpoints(self) -> list[tuple[int, int]]:
        """Tick and bytes of each that is kept, by rising tick."""
        with self._explained():
            return self._connection.execute(
                "SELECT tick, length(data) FROM checkpoints ORDER BY tick"
            ).fetchall()

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
        gone = superfluous(self.checkpoints(), self._max_bytes)
        self._connection.executemany(
            "DELETE FROM checkpoints WHERE tick = ?", ((old,) for old in gone)
        )

    def _one(self, query: str) -> Any:
        with self._explained():
            return self._connection.execute(query).fetchone()

    def _pages(
        self, names: str, table: str, key: str, first: int, last: int | None
    ) -> Iterator[Sequence[Any]]:
        query = (
            f"SELECT {names} FROM {table} WHERE {key} BETWEEN ? AND ? ORDER BY {key} LIMIT {PAGE}"
        )
        end = LARGEST if last is None else last
        while first <= end:
            seen = None
            with self._explained():
                for seen in self._connection.execute(query, (first, end)):
                    yield seen
            if seen is None:
                return
            first = seen[0] + 1

    def _explained(self) -> AbstractContextManager[None]:
        return explained(self.folder / DATABASE)
