"""Runs a scenario in this process, as fast as it can, and records it."""

import contextlib
import dataclasses
import secrets
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from sim.catalogue import Catalogue
from sim.manifest import Manifest
from sim.notes import Notes
from sim.parameters import ParameterError, build, parse
from sim.recording import Recording
from sim.scenario import Scenario
from sim.scenario_file import ScenarioFileError, is_source, load_source, split_source
from sim.simulation import Simulation
from sim.tick import Tick
from web.config import Settings
from web.own_scenarios import catalogue_of
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


def named(text: str, catalogue: Catalogue) -> tuple[type[Scenario], str]:
    """The scenario of a name, or of `mine.py:Mine`, and its source where it has one.

    Raises UnknownScenario and ScenarioFileError.
    """
    if not is_source(text):
        return catalogue(text), catalogue.files.get(text, "")
    source, rest = split_source(text)
    if rest:
        raise ScenarioFileError(text, "parameters are given by flags here, such as --set agents=5")
    return load_source(source), source


def as_params(flags: Sequence[str]) -> tuple[str, ...]:
    """`--cue-validity 0.8`, or with `=`, as `cue_validity=0.8`. Raises ParameterError."""
    found: list[str] = []
    words = iter(flags)
    for word in words:
        name, equals, value = word.partition("=")
        if not name.startswith("--") or len(name) < 3:
            raise ParameterError(word, "", "--name value, such as --agents 50")
        if not equals:
            value = next(words, "")
        name = name.removeprefix("--").replace("-", "_")
        if not value:
            raise ParameterError(name, value, f"a value after it, such as --{name} 5")
        found.append(f"{name}={value}")
    return tuple(found)


def run(settings: Settings, name: str, ticks: int, seed: int, params: str) -> Result:
    """Raises what `named` raises, ParameterError, DataFolderError and RecordingError."""
    found, source = named(name, catalogue_of(settings))
    scenario = build(found, parse(params))
    name = scenario.name
    simulation = Simulation(scenario, seed)
    folder = _new_folder(settings.data_dir, name)
    manifest = Manifest(
        folder.name,
        name,
        dataclasses.asdict(scenario),
        seed,
        secrets.token_hex(4),
        datetime.now(UTC).isoformat(timespec="milliseconds"),
        versions=versions(source),
        source=source,
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


def _new_folder(data_dir: Path, name: str) -> Path:
    """Held by this process."""
    prepare(data_dir)
    try:
        folder = data_dir / reserve(data_dir, name)
    except OSError as error:
        raise DataFolderError(data_dir, error) from None
    hold(folder)
    return folder


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
