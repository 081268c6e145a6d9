"""A recorded run as researchers want it: arrays, frames, and any of its ticks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.export import chosen_table
from sim.recording import Recording, RecordingError, TickRow
from sim.span import Span
from sim.tables import Selection, SelectionError, agent_columns

Ticks = slice | int | Span | None


@dataclass(frozen=True, slots=True)
class RecordedTick:
    """A tick as it stands on record: `columns` are empty where they were not stored, and floats
    in them have 32 bits."""

    number: int
    time: float
    hash: str
    aggregates: Mapping[str, float]
    columns: Mapping[str, NDArray[Any]]


class RecordedRun(Recording):
    """A run's folder, opened for reading; a live run's, too.

    `ticks` are a slice of tick numbers, whose end is left out as everywhere in Python, or one
    number, or None for all. Raises RecordingError; SelectionError for a name that is not there.

        with RecordedRun("runs/tmaze-1") as run:
            entropy = run.columns("entropy", ticks=slice(100, 200))
            run.frame("agents", columns=["action"])
    """

    def tick(self, number: int) -> RecordedTick:
        """Raises RecordingError where it is not on record."""
        for row in self.ticks(number, number):
            return self._recorded(row)
        raise RecordingError(
            f"{self.folder} has no tick {number}; its last one is {self.last_tick()}"
        )

    def play(self, ticks: Ticks = None) -> Iterator[RecordedTick]:
        """One tick after the other, as they are asked for."""
        return (self._recorded(row) for row in Span.of(ticks).rows(self))

    def columns(self, name: str, ticks: Ticks = None) -> NDArray[Any]:
        """A column of the agents, shape (ticks, agents): a row for each of `numbers(ticks)`.

        Where the number of agents changes there is no such array; `frame` has them then.
        """
        rows: list[NDArray[Any]] = []
        for row in Span.of(ticks).rows(self):
            if row.columns is None:
                continue
            held = agent_columns(self, row, (name,))
            if name not in held:
                raise SelectionError(self, name, tuple(agent_columns(self, row)))
            rows.append(held[name])
            if len(held[name]) != len(rows[0]):
                raise RecordingError(
                    f"{self.folder} has {len(rows[0])} agents at first and {len(held[name])} at"
                    f" tick {row.tick}, which make no array; use frame('agents')"
                )
        return np.stack(rows) if rows else np.zeros((0, 0))

    def numbers(self, ticks: Ticks = None) -> NDArray[np.int64]:
        """Of the ticks that were recorded with columns: all, as a rule."""
        with self._explained():
            found = self._connection.execute(
                "SELECT tick FROM ticks WHERE columns IS NOT NULL ORDER BY tick"
            ).fetchall()
        span = Span.of(ticks)
        return np.array([tick for (tick,) in found if tick in span], dtype=np.int64)

    def aggregates(self, name: str, ticks: Ticks = None) -> NDArray[np.float64]:
        """One value a tick; NaN where a tick has none of that name."""
        values: list[float] = []
        known: set[str] = set()
        for row in Span.of(ticks).rows(self, columns=False):
            known.update(row.aggregates)
            values.append(row.aggregates.get(name, np.nan))
        if values and name not in known:
            raise SelectionError(self, name, tuple(sorted(known)))
        return np.array(values, dtype=np.float64)

    def frame(
        self, table: str = "ticks", columns: Sequence[str] | None = None, ticks: Ticks = None
    ) -> Any:
        """A table (`ticks`, `agents`, `values`, `events`) as a pandas DataFrame."""
        try:
            pandas: Any = import_module("pandas")
        except ImportError as error:
            raise RecordingError(
                "frames need pandas, which is not installed: pip install pandas"
            ) from error
        read = chosen_table(table)(self, Selection(columns, Span.of(ticks)))
        parts = [{name: batch[name] for name in read.columns} for batch in read.batches]
        if not parts:
            return pandas.DataFrame({name: [] for name in read.columns})
        return pandas.concat(map(pandas.DataFrame, parts), ignore_index=True)

    def _recorded(self, row: TickRow) -> RecordedTick:
        columns = MappingProxyType(agent_columns(self, row))
        return RecordedTick(row.tick, row.time, row.hash, row.aggregates, columns)
