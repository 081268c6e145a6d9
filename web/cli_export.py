"""Writes a table of a recorded run to a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.export import export
from sim.span import Span
from sim.tables import ALL_TICKS, Selection
from web.cli_time import folder_of
from web.config import Settings


def exported(settings: Settings, run: str, choice: Mapping[str, Any]) -> str:
    """A sentence about what was written; raises RecordingError, ExportError."""
    folder = folder_of(settings, run)
    names = choice["columns"]
    columns = None if names is None else [name.strip() for name in names.split(",")]
    ticks = ALL_TICKS if choice["ticks"] is None else Span.parse(choice["ticks"])
    table = choice["table"] or ("ticks" if columns is None else "agents")
    out: Path = choice["out"] or Path(f"{folder.name}.{choice['format_']}")
    rows = export(folder, out, choice["format_"], table, Selection(columns, ticks))
    return f"{rows} rows in {out}"
