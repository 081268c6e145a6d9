"""Reads single topics out of a run's record. Blocks: to be called on a thread."""

from pathlib import Path
from typing import Any

from actors.event import Event
from sim.packing import unpack, unwire
from sim.recording import Recording, TickRow

MOST_BYTES = 4 * 2**20  # of data in one answer


def read_events(
    folder: Path, topic: str, first: int | None, last: int | None, limit: int
) -> list[Event]:
    """The newest `limit` recorded events of a topic with offsets from `first` to `last`, by rising
    offset; fewer where they are large. Raises RecordingError."""
    with Recording.open(folder) as record:
        run, name = record.manifest.run, topic.removeprefix(f"run.{record.manifest.run}.")
        if name in ("tick", "agents") and topic != name:
            return _of_ticks(record, f"run.{run}.{name}", first, last, limit)
        return _of_log(record, topic, first, last, limit)


def _of_ticks(
    record: Recording, topic: str, first: int | None, last: int | None, limit: int
) -> list[Event]:
    newest = record.last_tick()
    high = newest if last is None else min(last, newest)
    low = max(1 if first is None else first, high - limit + 1)
    with_columns = topic.endswith(".agents")
    if with_columns:
        size = max((len(r.columns or b"") for r in record.ticks(high, high)), default=0)
        low = max(low, high - MOST_BYTES // max(1, size))
    rows = record.ticks(low, high, columns=with_columns)
    epoch = record.manifest.epoch
    return [
        Event(topic, data, row.tick, row.time, epoch, row.tick)
        for row in rows
        if (data := _data(row, with_columns)) is not None
    ]


def _data(row: TickRow, with_columns: bool) -> dict[str, Any] | None:
    if not with_columns:
        return {**row.aggregates, "hash": row.hash}
    if row.columns is None:
        return None
    columns: dict[str, Any] = unwire(unpack(row.columns))
    return columns


def _of_log(
    record: Recording, topic: str, first: int | None, last: int | None, limit: int
) -> list[Event]:
    position = record.positions().get(topic)
    if position is None:
        return []
    high = position[1] if last is None else min(last, position[1])
    low = max(0 if first is None else first, high - limit + 1)
    found: list[Event] = []
    size = 0
    for row in reversed(record.events(topic, low, high, limit)):
        size += len(row.data)
        if size > MOST_BYTES and found:
            break
        data = unwire(unpack(row.data))
        found.append(Event(topic, data, row.tick, row.time, row.epoch, row.offset))
    return found[::-1]
