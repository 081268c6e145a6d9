"""A record as flat tables, read as they are written, so that a run of any length fits in memory."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.manifest import RecordingError
from sim.packing import PackingError, unpack, unwire
from sim.recording import EventRow, Recording, TickRow
from sim.span import Span

Kind = Literal["int64", "float64", "float32", "bool", "string"]
Values = list[Any] | NDArray[Any]

BATCH = 256  # rows of ticks or events; an event may have some 100 KB

ALL_TICKS = Span()
_TICK: Mapping[str, Kind] = {"tick": "int64", "time": "float64"}
_AGENT = (*_TICK, "agent")
_VALUE: Mapping[str, Kind] = {
    "run": "string", "tick": "int64", "agent": "int64", "variable": "string", "value": "float64",
}  # fmt: skip
_EVENT: Mapping[str, Kind] = {
    "topic": "string", "epoch": "string", "offset": "int64", **_TICK, "data": "string",
}  # fmt: skip


class SelectionError(RecordingError):
    """The record has no column of that name."""

    def __init__(self, recording: Recording, name: str, known: Sequence[str]) -> None:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean `{near[0]}`? " if near else ""
        super().__init__(
            f"{recording.folder} has no column `{name[:60]}`; {hint}It has: {', '.join(known)}"
        )


@dataclass(frozen=True, slots=True)
class Table:
    """`batches` can be gone through once; each has all columns, of equal length."""

    columns: Mapping[str, Kind]
    batches: Iterator[Mapping[str, Values]]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which columns (None: all) of which ticks. What names a row is there in any case: the tick,
    the agent, an event's topic and offset."""

    columns: Sequence[str] | None = None
    ticks: Span = ALL_TICKS

    def of(
        self, recording: Recording, known: Mapping[str, Kind], keys: Sequence[str]
    ) -> dict[str, Kind]:
        """The chosen ones, the keys first; raises SelectionError for one that is not there."""
        if self.columns is None:
            return dict(known)
        for name in self.columns:
            if name not in known:
                raise SelectionError(recording, name, tuple(known))
        return {name: known[name] for name in (*keys, *self.columns)}


EVERYTHING = Selection()


def tick_table(recording: Recording, selection: Selection = EVERYTHING) -> Table:
    """One row a tick: tick, time, hash, and the aggregates by name."""
    last = recording.last_tick()
    ticks = selection.ticks
    ticks = Span(ticks.first, last if ticks.last is None else min(last, ticks.last), ticks.step)
    names: set[str] = set()
    for row in ticks.rows(recording, columns=False):
        names.update(row.aggregates)
    aggregates: dict[str, Kind] = dict.fromkeys(sorted(names), "float64")
    known = {**_TICK, "hash": "string", **aggregates}
    columns = selection.of(recording, known, ("tick",))
    return Table(columns, _tick_batches(recording, names & columns.keys(), ticks))


def agent_table(recording: Recording, selection: Selection = EVERYTHING) -> Table:
    """One row an agent and tick: tick, time, agent, and its value of each column.

    Ticks that were recorded without columns are left out.
    """
    known: dict[str, Kind] = {**_TICK, "agent": "int64"}
    for row in recording.ticks():
        if row.columns is not None:
            first = agent_columns(recording, row)
            known |= {name: _kind(values) for name, values in first.items()}
            break
    columns = selection.of(recording, known, ("tick", "agent"))
    return Table(columns, _agent_batches(recording, selection, known))


def value_table(recording: Recording, selection: Selection = EVERYTHING) -> Table:
    """One row a run, tick, agent and variable, with its value: the tidy form of `agent_table`.

    Flags are 0 and 1, categories their number.
    """
    wide = agent_table(recording, selection)
    variables = [name for name in wide.columns if name not in _AGENT]
    return Table(_VALUE, _value_batches(recording.manifest.run, wide, variables))


def event_table(recording: Recording, selection: Selection = EVERYTHING) -> Table:
    """One row an event, in the order of recording; `data` is JSON."""
    columns = selection.of(recording, _EVENT, ("topic", "offset"))
    return Table(columns, _event_batches(recording, selection.ticks, "data" in columns))


TABLES: Mapping[str, Callable[[Recording, Selection], Table]] = {
    "ticks": tick_table,
    "agents": agent_table,
    "values": value_table,
    "events": event_table,
}


def _tick_batches(
    recording: Recording, names: set[str], ticks: Span
) -> Iterator[Mapping[str, Values]]:
    for rows in _batched(ticks.rows(recording, columns=False)):
        yield {
            "tick": [row.tick for row in rows],
            "time": [row.time for row in rows],
            "hash": [row.hash for row in rows],
            **{name: [row.aggregates.get(name) for row in rows] for name in names},
        }


def _agent_batches(
    recording: Recording, selection: Selection, known: Mapping[str, Kind]
) -> Iterator[Mapping[str, Values]]:
    wanted = [name for name in selection.columns or () if name not in _AGENT]
    expected = {*_AGENT, *wanted} if wanted else known.keys()
    for row in selection.ticks.rows(recording):
        if row.columns is None:
            continue
        held = agent_columns(recording, row, wanted or None)
        agents = len(next(iter(held.values()), ()))
        batch: dict[str, Values] = {
            "tick": np.full(agents, row.tick),
            "time": np.full(agents, row.time),
            "agent": np.arange(agents),
            **held,
        }
        if batch.keys() != expected or {len(values) for values in held.values()} - {agents}:
            raise RecordingError(
                f"{recording.folder} is damaged: tick {row.tick} has other columns than the first"
            )
        yield batch


def _value_batches(
    run: str, wide: Table, variables: Sequence[str]
) -> Iterator[Mapping[str, Values]]:
    for batch in wide.batches:
        agents = len(batch["agent"])
        for name in variables:
            values = np.asarray(batch[name])
            yield {
                "run": [run] * agents,
                "tick": batch["tick"],
                "agent": batch["agent"],
                "variable": [name] * agents,
                "value": values.astype(np.int64) if values.dtype == np.bool_ else values,
            }


def _event_batches(
    recording: Recording, ticks: Span, with_data: bool
) -> Iterator[Mapping[str, Values]]:
    everything = ticks == ALL_TICKS
    chosen = (row for row in recording.all_events() if everything or (row.tick or 0) in ticks)
    for rows in _batched(chosen):
        yield {
            "topic": [row.topic for row in rows],
            "epoch": [row.epoch for row in rows],
            "offset": [row.offset for row in rows],
            "tick": [row.tick for row in rows],
            "time": [row.time for row in rows],
            "data": [_json(recording, row) if with_data else "" for row in rows],
        }


def agent_columns(
    recording: Recording, row: TickRow, names: Sequence[str] | None = None
) -> dict[str, NDArray[Any]]:
    """The columns of a tick that are named and there, or all of them; raises RecordingError."""
    try:
        held = unpack(row.columns or b"\x80")
        if names is None:
            names = tuple(held)
        return {name: np.asarray(unwire(held[name])) for name in names if name in held}
    except (PackingError, ValueError, TypeError) as error:
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
