"""What the server knows of each sweep: in memory while it runs, in its folder for later."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from sim.sweep import MANIFEST, RUNS
from web.messages import instant
from web.sweeping import Order

FOLDER = "sweeps"  # in the data folder
ORDER = "order.json"
MOST_LISTED = 50
_MOST_FAILURES = 20  # whose reasons are told

State = Literal["running", "stopped", "finished", "failed"]


@dataclass(slots=True, eq=False)
class SweepEntry:
    """One sweep. `done` counts the runs that are there or failed, `failures` names some of those;
    `reason`: why it could not go on."""

    sweep: str
    order: Order
    started_at: str
    state: State = "running"
    done: int = 0
    failed: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)
    reason: str | None = None

    @property
    def folder(self) -> Path:
        return Path(self.order.folder)

    def hear(self, said: dict[str, Any]) -> None:
        """A line of its process."""
        if "kept" in said:
            self.done, self.failed = said["kept"], 0
            self.failures.clear()
        elif "run" in said:
            self.done += 1
            if said["reason"] is not None:
                self.failed += 1
                if len(self.failures) < _MOST_FAILURES:
                    self.failures[said["run"]] = said["reason"]
        elif "tables" in said:
            self.tables = said["tables"]
        elif "error" in said:
            self.reason = said["error"]

    def summary(self) -> dict[str, Any]:
        """As clients are told of it."""
        found: dict[str, Any] = {
            "sweep": self.sweep,
            "scenario": self.order.scenario,
            "state": self.state,
            "runs": self.order.design.runs,
            "done": self.done,
            "failed": self.failed,
            "failures": dict(self.failures),
            "tables": list(self.tables),
            "started_at": self.started_at,
        }
        return found if self.reason is None else {**found, "reason": self.reason}


class Sweeps:
    """All sweeps by name, the oldest first."""

    def __init__(self) -> None:
        self._entries: dict[str, SweepEntry] = {}

    def __iter__(self) -> Iterator[SweepEntry]:
        return iter(tuple(self._entries.values()))

    def get(self, sweep: str) -> SweepEntry | None:
        """The sweep of this name, if it is known."""
        return self._entries.get(sweep)

    def add(self, entry: SweepEntry) -> None:
        """One more; the oldest that are over are listed no more."""
        self._entries[entry.sweep] = entry
        over = [name for name, held in self._entries.items() if held.state != "running"]
        for name in over[: max(0, len(self._entries) - MOST_LISTED)]:
            del self._entries[name]


def keep(order: Order) -> None:
    """Notes the order in its folder, so that the sweep can be gone on with. Raises OSError."""
    Path(order.folder, ORDER).write_bytes(msgspec.json.encode(order))


def found(data_dir: Path) -> list[SweepEntry]:
    """The sweeps of a data folder, the oldest first; what cannot be read is passed over. Blocks."""
    entries = []
    for path in (data_dir / FOLDER).glob(f"*/{ORDER}"):
        try:
            order = msgspec.json.decode(path.read_bytes(), type=Order)
            entries.append((path.stat().st_mtime, _entry(path, order)))
        except (OSError, msgspec.DecodeError, ValueError, KeyError, TypeError):
            continue
    entries.sort(key=lambda pair: pair[0])
    return [entry for _, entry in entries[-MOST_LISTED:]]


def _entry(path: Path, order: Order) -> SweepEntry:
    folder = path.parent
    entry = SweepEntry(folder.name, order, instant(path.stat().st_mtime), "stopped")
    manifest = folder / MANIFEST
    held = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {}
    made = sum(1 for _ in (folder / RUNS).glob("*.json"))
    failed: dict[str, str] = held.get("failed", {})
    entry.done, entry.failed = made + len(failed), len(failed)
    entry.failures = dict(list(failed.items())[:_MOST_FAILURES])
    if "runs" in held:
        entry.state = "finished"
        entry.tables = sorted(table.name for table in folder.glob("table.*"))
    return entry
