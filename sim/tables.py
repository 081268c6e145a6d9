"""A record as flat tables, read as they are written, so that a run of any length fits in memory."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.manifest import RecordingError
from sim.packing import PackingError, unpack, unwire
from sim.recording import EventRow, Recording, TickRow

Kind = Literal["int64", "float64", "float32", "bool", "string"]
Values = list[Any] | NDArray[Any]

BATCH = 256  # rows of ticks or events; an event may have some 100 KB

_TICK: Mapping[str, Kind] = {"tick": "int64", "time": "float64"}
_EVENT: Mapping[str, Kind] = {
    "topic": "string", "epoch": "string", "offset": "int64", **_TICK, "data": "string",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """`batches` can be gone through once; each has all columns, of equal length."""

    columns: Mapping[str, Kind]
    batches: Iterator[Mapping[str, Values]]


def tick_table(recording: Recording) -> Table:
    """One row a tick: tick, time, hash, and the aggregates by name."""
    last = recording.last_tick()
    names: set[str] = set()
    for row in recording.ticks(to=last, columns=False):
        names.update(row.aggregates)
    aggregates: dict[str, Kind] = dict.fromkeys(sorted(names), "float64")
    return Table({**_TICK, "hash": "string", **aggregates}, _tick_batches(recording, names, last))


def agent_table(recording: Recording) -> Table:
    """One row an agent and tick: tick, time, agent, and its value of each column.

    Ticks that were recorded without columns are left out.
    """
    columns: dict[str, Kind] = {**_TICK, "agent": "int64"}
    for row in recording.ticks():
        if row.columns is not None:
            first = _columns(recording, row)
            columns |= {name: _kind(values) for name, values in first.items()}
            break
    return Table(columns, _agent_batches(recording, columns))


def event_table(recording: Recording) -> Table:
    """One row an event, in the order of recording; `data` is JSON."""
    return Table(_EVENT, _event_batches(recording))


TABLES: Mapping[str, Callable[[Recording], Table]] = {
    "ticks": tick_table,
    "agents": agent_table,
    "events": event_table,
}


def _tick_batches(
    recording: Recording, names: set[str], last: int
) -> Iterator[Mapping[str, Values]]:
    for rows in _batched(recording.ticks(to=last, columns=False)):
        yield {
            "tick": [row.tick for row in rows],
            "time": [row.time for row in rows],
            "hash": [row.hash for row in rows],
            **{name: [row.aggregates.get(name) for row in rows] for name in names},
        }


def _agent_batches(
    recording: Recording, columns: Mapping[str, Kind]
) -> Iterator[Mapping[str, Values]]:
    for row in recording.ticks():
        if row.columns is None:
            continue
        held = _columns(recording, row)
        agents = len(next(iter(held.values()), ()))
        batch: dict[str, Values] = {
            "tick": np.full(agents, row.tick),
            "time": np.full(agents, row.time),
            "agent": np.arange(agents),
            **held,
        }
        if batch.keys() != columns.keys() or {len(values) for values in held.values()} - {agents}:
            raise RecordingError(
                f"{recording.folder} is damaged: tick {row.tick} has other columns than the first"
            )
        yield batch


def _event_batches(recording: Recording) -> Iterator[Mapping[str, Values]]:
    for rows in _batched(recording.all_events()):
        yield {
            "topic": [row.topic for row in rows],
            "epoch": [row.epoch for row in rows],
            "offset": [row.offset for row in rows],
            "tick": [row.tick for row in rows],
            "time": [row.time for row in rows],
            "data": [_json(recording, row) for row in rows],
        }


def _columns(recording: Recording, row: TickRow) -> dict[str, NDArray[Any]]:
    try:
        held = unwire(unpack(row.columns or b"\x80"))
        return {name: np.asarray(values) for name, values in held.items()}
    except (PackingError, ValueError, AttributeError) as error:
        raise RecordingError(
            f"{recording.folder} is damaged: the columns of tick {row.tick}: {error}"
        ) from error


def _kind(values: NDArray[Any]) -> Kind:
    match values.dtype.kind:
        case "b":
            return "bool"
        case "i" | "u":
            return "int64"
        case "f":
            return "float32" if values.dtype.itemsize == 4 else "float64"
        case _:
            return "string"


def _json(recording: Recording, row: EventRow) -> str:
    try:
        return json.dumps(_listed(unwire(unpack(row.data))), ensure_ascii=False)
    except (PackingError, TypeError, ValueError) as error:
        raise RecordingError(
            f"{recording.folder} is damaged: {row.topic} at {row.offset}: {error}"
        ) from error


def _listed(value: Any) -> Any:
    """The value with arrays as lists, and null for numbers that JSON does not know."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: _listed(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_listed(held) for held in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _batched(rows: Iterator[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
