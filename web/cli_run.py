"""Runs a scenario in this process, as fast as it can, and records it."""

import contextlib
import dataclasses
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from sim.catalogue import scenario_class
from sim.manifest import Manifest
from sim.notes import Notes
from sim.parameters import build, parse
from sim.recording import Recording
from sim.simulation import Simulation
from sim.tick import Tick
from web.config import Settings
from web.run_folder import hold, reserve
from web.secret import DataFolderError, prepare
from web.versions import versions


@dataclass(frozen=True, slots=True)
class Result:
    """`data` is what `--json` prints."""

    data: dict[str, Any]
    is_interrupted: bool

    @property
    def sentence(self) -> str:
        """For people."""
        data = self.data
        word = "interrupted" if self.is_interrupted else "done"
        return (
            f"{data['run']}: {word} after {data['ticks']} ticks in {data['seconds']:.1f} s,"
            f" hash {data['hash']}, recorded in {data['folder']}"
        )


def run(settings: Settings, name: str, ticks: int, seed: int, params: str) -> Result:
    """Raises UnknownScenario, ParameterError, DataFolderError, RecordingError."""
    scenario = build(scenario_class(name), parse(params))
    simulation = Simulation(scenario, seed)
    prepare(settings.data_dir)
    try:
        run_name = reserve(settings.data_dir, name)
    except OSError as error:
        raise DataFolderError(settings.data_dir, error) from None
    folder = settings.data_dir / run_name
    hold(folder)
    manifest = Manifest(
        run_name,
        name,
        dataclasses.asdict(scenario),
        seed,
        secrets.token_hex(4),
        datetime.now(UTC).isoformat(timespec="milliseconds"),
        versions=versions(),
    )
    started = perf_counter()
    with (
        Recording.create(folder, manifest, max_bytes=settings.recording.max_bytes) as recording,
        progress(name, ticks) as advance,
        interruptible() as is_interrupted,
    ):
        notes = Notes(
            recording,
            checkpoint_ticks=settings.recording.checkpoint_ticks,
            batch_seconds=settings.recording.batch_seconds,
        )
        last = None
        while simulation.number < ticks and not is_interrupted():
            last = simulation.tick()
            notes.take(last, simulation)
            advance()
        notes.end(simulation)
    return _result(manifest, folder, simulation, last, perf_counter() - started, ticks)


def _result(
    manifest: Manifest,
    folder: Path,
    simulation: Simulation,
    last: Tick | None,
    seconds: float,
    ticks: int,
) -> Result:
    data = {
        "run": manifest.run,
        "scenario": manifest.scenario,
        "seed": manifest.seed,
        "ticks": simulation.number,
        "hash": last.hash if last is not None else simulation.hash,
        "seconds": round(seconds, 3),
        "folder": str(folder.absolute()),
    }
    return Result(data, simulation.number < ticks)


@contextlib.contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl+C or SIGTERM came; the tick under way is finished first."""
    told: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: told.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def progress(name: str, ticks: int) -> Iterator[Callable[[], object]]:
    """A bar on standard error where that is a terminal; call it for each tick."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(name, total=ticks)
        yield lambda: progress.advance(task)
