"""What it costs to record a run, to open its record, and to run large networks.

Times are of the processor (`process_time`), so that other work on the machine counts little.
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from rich.console import Console
from rich.table import Table

from sim.catalogue import scenario_class
from sim.notes import Notes
from sim.packing import pack
from sim.parameters import build
from sim.recorded import RecordedRun
from sim.recording import Manifest, Recording
from sim.simulation import Simulation
from sim.versions import versions

AGENTS, TICKS = 1_000, 300
LARGE = 10_000
LONG = 20_000  # ticks of the record that is opened
CROWD, CROWD_TICKS = 100_000, 20
ROUNDS = 5

Row = dict[str, Any]


def simulation(name: str, **params: object) -> Simulation:
    return Simulation(build(scenario_class(name), params), seed=1)


def recording(folder: Path, made: Simulation) -> Recording:
    """An empty one for a run."""
    manifest = Manifest(
        folder.name, made.scenario.name, asdict(made.scenario), 1, "e", "2026-01-01",
        versions=versions(),
    )  # fmt: skip
    return Recording.create(folder, manifest)


def seconds(work: Callable[[], object]) -> float:
    """Of the processor."""
    before = process_time()
    work()
    return process_time() - before


def ticks(made: Simulation, count: int, notes: Notes | None = None) -> None:
    for _ in range(count):
        tick = made.tick()
        if notes is not None:
            notes.take(tick, made)


def cost(name: str, folder: Path) -> Row:
    """Every tick recorded, beside the same ticks not recorded, in turns."""
    shares = []
    for turn in range(ROUNDS):
        bare = simulation(name, agents=AGENTS)
        without = seconds(lambda bare=bare: ticks(bare, TICKS))  # type: ignore[misc]
        made = simulation(name, agents=AGENTS)
        with recording(folder / f"{name}-{turn}", made) as record:
            notes = Notes(record)
            with_record = seconds(lambda made=made, notes=notes: ticks(made, TICKS, notes))  # type: ignore[misc]
            with_record += seconds(lambda made=made, notes=notes: notes.end(made))  # type: ignore[misc]
        shares.append(with_record / without - 1)
    found = 100 * median(shares)
    return row(f"recording every tick of {name}, {AGENTS:,} agents", found, "% more", 5, most=True)


def checkpoint() -> Row:
    made = simulation("foragers", agents=LARGE)
    ticks(made, 5)
    found = median(seconds(lambda: pack(made.checkpoint())) for _ in range(ROUNDS))
    return row(f"checkpoint of {LARGE:,} foragers", 1e3 * found, "ms", 50, most=True)


def opening(folder: Path) -> list[Row]:
    """A record of many ticks: until it is open, and until any of its ticks is there."""
    made = simulation("metronome", hz=1.0)
    with recording(folder / "long", made) as record:
        notes = Notes(record)
        ticks(made, LONG, notes)
        notes.end(made)

    def opened() -> float:
        started = perf_counter()
        with RecordedRun(folder / "long"):
            return perf_counter() - started

    def read(number: int) -> float:
        started = perf_counter()
        run.tick(number)
        return perf_counter() - started

    first = median(opened() for _ in range(ROUNDS))
    with RecordedRun(folder / "long") as run:
        any_tick = max(read(number) for number in range(1, LONG, LONG // 50))
    what = f"a record of {LONG:,} ticks"
    return [
        row(f"opening {what}", 1e3 * first, "ms", 200, most=True),
        row(f"any tick of {what}, the slowest of 50", 1e3 * any_tick, "ms", 20, most=True),
    ]


def crowd(name: str) -> Row:
    made = simulation(name, agents=CROWD)
    made.tick()
    rate = CROWD_TICKS / seconds(lambda: ticks(made, CROWD_TICKS))
    return row(f"{name}, {CROWD:,} agents", rate, "ticks/s", 10, most=False)


def row(what: str, found: float, unit: str, wanted: float, *, most: bool) -> Row:
    """`wanted` is the most or the least that it should be."""
    reached = found <= wanted if most else found >= wanted
    return {"what": what, "found": found, "unit": unit, "wanted": wanted, "reached": reached}


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [
            *(cost(name, folder) for name in ("tmaze", "foragers")),
            checkpoint(),
            *opening(folder),
            *(crowd(name) for name in ("opinion", "sensors", "flocking")),
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the rows there too")
    options = parser.parse_args()
    measured = rows()
    table = Table(title="Records, and large networks", title_justify="left")
    for heading in ("", "found", "wanted", "reached"):
        table.add_column(heading, justify="right" if heading else "left")
    for each in measured:
        told = f"{each['found']:.3g} {each['unit']}"
        table.add_row(each["what"], told, f"{each['wanted']:g}", "yes" if each["reached"] else "no")
    Console(width=110).print(table)
    if options.json:
        options.json.write_text(json.dumps(measured))


if __name__ == "__main__":
    main()
