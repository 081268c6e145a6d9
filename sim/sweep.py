"""Runs a scenario at many points with many seeds, in parallel, and makes one table of it."""

import json
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sim.catalogue import Catalogue, scenario_class
from sim.design import Design, Job, SweepError
from sim.rebuilding import Load
from sim.sweep_job import end_with_parent, make, write_json
from sim.sweep_table import write_tables
from sim.versions import versions

MANIFEST = "sweep.json"
RUNS = "runs"
FORMAT = 1
AHEAD = 2  # runs per worker that are handed over at a time

Told = Callable[[Job, str | None], object]


@dataclass(slots=True)
class Outcome:
    """`made` runs now, `kept` from before; `failed`: name of the run to the reason."""

    folder: Path
    tables: tuple[Path, ...] = ()
    made: int = 0
    kept: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def sweep(
    design: Design,
    folder: str | Path,
    *,
    executor: Executor | None = None,
    workers: int = 1,
    load: Load = scenario_class,
    told: Told | None = None,
) -> Outcome:
    """Make the runs of a design that the folder does not hold yet, and the table of all.

    A run that fails is reported and leaves the others alone; it is tried anew the next time. What
    comes out depends neither on the executor nor on the number of workers. `executor` is shut down
    by its owner; without one, `workers` processes are started. `told` is called after each run.
    Raises SweepError, ParameterError, UnknownScenario.
    """
    design.check(load)
    outcome = Outcome(Path(folder))
    runs = outcome.folder / RUNS
    try:
        manifest = _begin(outcome.folder, design, load)
        missing = [job for job in design.jobs() if not is_made(runs, job)]
        outcome.kept = design.runs - len(missing)
        note = _Note(outcome, told)
        if executor is not None:
            _through(executor, missing, runs, load, note, AHEAD * workers)
        elif missing:
            _in_processes(missing, runs, load, note, workers)
        hashes, outcome.tables = write_tables(design, outcome.folder, runs)
        content = {"runs": hashes, "failed": outcome.failed}
        write_json(outcome.folder / MANIFEST, {**manifest, **content})
    except OSError as error:
        raise SweepError(f"{folder} cannot be written: {error.strerror}") from error
    return outcome


def is_made(runs: Path, job: Job) -> bool:
    """Whether the file of a run is there; files appear whole."""
    return (runs / f"{job.name}.json").is_file()


@dataclass(frozen=True, slots=True)
class _Note:
    outcome: Outcome
    told: Told | None

    def __call__(self, job: Job, reason: str | None) -> None:
        if reason is None:
            self.outcome.made += 1
        else:
            self.outcome.failed[job.name] = reason
        if self.told is not None:
            self.told(job, reason)


def count_made(design: Design, folder: str | Path) -> int:
    """How many runs of the design the folder holds."""
    return sum(is_made(Path(folder) / RUNS, job) for job in design.jobs())


def _manifest(design: Design, load: Load) -> dict[str, Any]:
    source = load.files.get(design.scenario, "") if isinstance(load, Catalogue) else ""
    return {"format": FORMAT, "versions": versions(source), "design": design.content()}


def _begin(folder: Path, design: Design, load: Load) -> dict[str, Any]:
    """The folder is that of this design and these versions, or becomes it: its manifest."""
    (folder / RUNS).mkdir(parents=True, exist_ok=True)
    path, wanted = folder / MANIFEST, _manifest(design, load)
    if not path.exists():
        write_json(path, wanted)
        return wanted
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        same = [name for name in wanted if held[name] == wanted[name]]
    except (ValueError, KeyError, TypeError):
        raise SweepError(f"{path} is damaged; take another folder") from None
    for name in wanted:
        if name not in same:
            raise SweepError(
                f"{folder} holds a sweep of another {name}, {held[name]!r:.300}; take another"
                " folder, or the same command to go on with it"
            )
    return wanted


def _through(
    executor: Executor,
    jobs: Iterable[Job],
    runs: Path,
    load: Load,
    note: Told,
    most: int,
) -> list[Job]:
    """Hands the jobs over, so many at a time. Ends early where the executor breaks: those that it
    had are returned."""
    left = iter(jobs)
    pending: dict[Future[str | None], Job] = {}
    while True:
        try:
            for job in islice(left, most - len(pending)):
                pending[executor.submit(make, job, runs, load)] = job
        except BrokenExecutor:
            return [job, *pending.values()]
        if not pending:
            return []
        done, _ = wait(pending, return_when=FIRST_COMPLETED)
        for future in done:
            if isinstance(future.exception(), BrokenExecutor):
                return list(pending.values())
            job = pending.pop(future)
            error = future.exception()
            note(job, future.result() if error is None else repr(error))


def _in_processes(jobs: list[Job], runs: Path, load: Load, note: Told, workers: int) -> None:
    """A process that dies takes its pool along: those that the pool had are run one by one then,
    in a pool each, and the one that breaks it again has failed."""
    while jobs:
        done: set[str] = set()

        def noted(job: Job, reason: str | None, done: set[str] = done) -> None:
            done.add(job.name)
            note(job, reason)

        with _pool(workers) as pool:
            suspects = _through(pool, jobs, runs, load, noted, AHEAD * workers)
        for job in suspects:
            with _pool(1) as pool:
                if _through(pool, [job], runs, load, noted, 1):
                    noted(job, "the process that made it died")
        jobs = [job for job in jobs if job.name not in done]


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Interrupted, it does not wait for what its processes have begun: the file of a run is there
    whole or not at all."""
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=end_with_parent)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        raise
    pool.shutdown()
