"""One tidy table of a sweep: a row for each run and kept tick, by point, seed and tick."""

import csv
import json
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sim.design import Design, SweepError

KEYS = ("run", "point", "seed", "tick", "hash")


def write_tables(
    design: Design, folder: Path, runs: Path
) -> tuple[dict[str, str], tuple[Path, ...]]:
    """table.csv and, where pyarrow is, table.parquet; returns the hash of each run, and the files.

    The files are gone through twice, so that a sweep of any size fits in memory.
    """
    params = list(dict.fromkeys(name for point in design.points for name in point))
    hashes: dict[str, str] = {}
    values: dict[str, set[type]] = {}
    for name, result in _results(design, runs):
        hashes[name] = result["hash"]
        for row in result["rows"]:
            for key in row.keys() - KEYS:
                values.setdefault(key, set()).add(type(row[key]))
    # A parameter and a value may have the same name.
    columns = {f"{name}": ("params", name) for name in params}
    columns |= {
        f"value_{name}" if name in params else name: ("row", name) for name in sorted(values)
    }
    rows = _rows(design, runs, columns)
    csv_file, parquet_file = folder / "table.csv", folder / "table.parquet"
    with_parquet = find_spec("pyarrow") is not None
    _write_csv(csv_file, [*KEYS, *columns], rows)
    if not with_parquet:
        return hashes, (csv_file,)
    kinds = dict(zip(KEYS, ("string", "int64", "int64", "int64", "string"), strict=True))
    for column, (part, key) in columns.items():
        held = values[key] if part == "row" else {type(p[key]) for p in design.points if key in p}
        kinds[column] = _kind(held)
    _write_parquet(csv_file, parquet_file, kinds)
    return hashes, (csv_file, parquet_file)


def _kind(types: set[type]) -> str:
    """Of a column that holds values of these types, as pyarrow names it."""
    found = types - {type(None)}
    if found == {bool}:
        return "bool_"
    if found == {int}:
        return "int64"
    return "float64" if found <= {int, float} else "string"


def _results(design: Design, runs: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for job in design.jobs():
        path = runs / f"{job.name}.json"
        if not path.is_file():
            continue
        try:
            yield job.name, json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            raise SweepError(f"{path} is damaged; remove it and go on") from None


def _rows(design: Design, runs: Path, columns: dict[str, tuple[str, str]]) -> Iterator[list[Any]]:
    for name, result in _results(design, runs):
        held = {"params": design.points[result["point"]]}
        for row in result["rows"]:
            held["row"] = row
            keys = [name, result["point"], result["seed"], row["tick"], row["hash"]]
            yield [*keys, *(held[part].get(key) for part, key in columns.values())]


def _write_csv(path: Path, names: list[str], rows: Iterator[list[Any]]) -> None:
    draft = path.with_name(f".{path.name}.part")
    with draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)
    draft.replace(path)


def _write_parquet(source: Path, path: Path, kinds: dict[str, str]) -> None:
    """The same table as the CSV has, a part at a time."""
    arrow: Any = import_module("pyarrow")
    reader: Any = import_module("pyarrow.csv")
    parquet: Any = import_module("pyarrow.parquet")
    types = {name: getattr(arrow, kind)() for name, kind in kinds.items()}
    draft = path.with_name(f".{path.name}.part")
    as_said = reader.ConvertOptions(column_types=types)
    with (
        reader.open_csv(str(source), convert_options=as_said) as parts,
        parquet.ParquetWriter(str(draft), parts.schema) as writer,
    ):
        for part in parts:
            writer.write_batch(part)
    draft.replace(path)
