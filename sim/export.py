"""Writes a table of a record to a file: CSV, or Parquet with pyarrow."""

import csv
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from sim.recording import Recording
from sim.tables import EVERYTHING, TABLES, Kind, Selection, Table, Values

_Choice = TypeVar("_Choice")
# A row group of a Parquet file is in memory at once: so much, or one tick where that is more.
GROUP_ROWS = 65_536
GROUP_BYTES = 2**24


class ExportError(Exception):
    """An export cannot be made; the text is one line and says what is allowed."""


def export(
    folder: Path,
    out: Path,
    format: str = "csv",  # noqa: A002
    table: str = "ticks",
    selection: Selection = EVERYTHING,
) -> int:
    """Write a table (`ticks`, `agents`, `values`, `events`) of a run, or what is selected of it,
    and return its number of rows.

    `out` is replaced once all is written, and left as it is when that fails. Memory does not grow
    with the run. Raises ExportError, and RecordingError where the record is at fault.
    """
    write = _chosen("format", format, WRITERS)
    read = chosen_table(table)
    with Recording.open(folder) as recording, _replacing(out) as temporary:
        return write(read(recording, selection), temporary)


def chosen_table(name: str) -> Callable[[Recording, Selection], Table]:
    """Raises ExportError."""
    return _chosen("table", name, TABLES)


def _write_csv(table: Table, path: Path) -> int:
    rows = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        for batch in table.batches:
            columns = [_texts(batch[name]) for name in table.columns]
            writer.writerows(zip(*columns, strict=True))
            rows += len(columns[0])
    return rows


def _texts(values: Values) -> Sequence[object]:
    """What csv writes; float32 in the fewest digits that are read back as the same float32."""
    if isinstance(values, np.ndarray) and values.dtype == np.float32:
        return list(map(str, values))
    return values.tolist() if isinstance(values, np.ndarray) else values


def _write_parquet(table: Table, path: Path) -> int:
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise ExportError(
            "the format parquet needs pyarrow: pip install 'stagewatch[parquet]'"
        ) from error
    schema = arrow.schema(
        [(name, _arrow_type(arrow, kind)) for name, kind in table.columns.items()]
    )
    batches = (
        arrow.record_batch([arrow.array(batch[f.name], type=f.type) for f in schema], schema=schema)
        for batch in table.batches
    )
    rows = 0
    with parquet.ParquetWriter(str(path), schema) as writer:
        for group in _grouped(batches):
            written = arrow.Table.from_batches(group)
            writer.write_table(written, row_group_size=max(written.num_rows, 1))
            rows += written.num_rows
    return rows


def _arrow_type(arrow: Any, kind: Kind) -> Any:
    return arrow.bool_() if kind == "bool" else getattr(arrow, kind)()


def _grouped(batches: Iterator[Any]) -> Iterator[list[Any]]:
    """Batches put together until they fill a row group: many small ones make a file slow."""
    group: list[Any] = []
    rows = size = 0
    for batch in batches:
        group.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= GROUP_ROWS or size >= GROUP_BYTES:
            yield group
            group, rows, size = [], 0, 0
    if group:
        yield group


Writer = Callable[[Table, Path], int]
WRITERS: Mapping[str, Writer] = {"csv": _write_csv, "parquet": _write_parquet}


def _chosen(what: str, name: str, known: Mapping[str, _Choice]) -> _Choice:
    if name not in known:
        raise ExportError(f"{name!r:.60} is not a {what} of exports; allowed: {', '.join(known)}")
    return known[name]


@contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    if not out.name or out.is_dir():
        raise ExportError(f"{out} cannot be written: it is a folder")
    temporary = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        yield temporary
        temporary.replace(out)
    except OSError as error:
        raise ExportError(f"{out} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
