"""Goes back in recorded runs: replay, verify, diff and fork, for people or with --json."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from sim.manifest import run_folder
from sim.parameters import parse
from sim.timemachine import Difference, Fork, Verification, diff, fork, replay, verify
from web.cli_run import interruptible, progress
from web.config import Settings
from web.run_folder import hold, reserve
from web.secret import DataFolderError

SHOWN = 20  # distances that people are shown


def folder_of(settings: Settings, run: str) -> Path:
    """Of a run in the data folder; raises RecordingError."""
    return run_folder(settings.data_dir, run)


def replayed(
    settings: Settings, run: str, from_tick: int, ticks: int | None, as_json: bool
) -> Iterator[str]:
    """A line for each tick."""
    to = None if ticks is None else from_tick + ticks - 1
    names: list[str] | None = None
    for tick in replay(folder_of(settings, run), from_tick, to):
        if as_json:
            data = {"tick": tick.number, "time": tick.time, "hash": tick.hash}
            columns = {name: values.tolist() for name, values in tick.columns.items()}
            yield json.dumps({**data, "aggregates": dict(tick.aggregates), "columns": columns})
            continue
        if names is None:
            names = list(tick.aggregates)
            yield _row("tick", "hash", *names)
        values = (f"{tick.aggregates.get(name, float('nan')):.6g}" for name in names)
        yield _row(str(tick.number), tick.hash, *values)


def _row(tick: str, hash_: str, *values: str) -> str:
    return "  ".join([tick.rjust(8), hash_.ljust(32), *(value.rjust(12) for value in values)])


def verified(settings: Settings, run: str, from_tick: int | None, as_json: bool) -> tuple[str, int]:
    """What came of it, and the exit status: 1 where a tick differs."""
    found = verify(folder_of(settings, run), from_tick)
    status = 0 if found.mismatch is None else 1
    return (json.dumps(asdict(found)) if as_json else _verification(found)), status


def _verification(found: Verification) -> str:
    wrong = found.mismatch
    if wrong is None:
        last = found.first + found.ticks - 1
        text = f"{found.run}: all {found.ticks} ticks agree, {found.first} to {last}"
    else:
        text = (
            f"{found.run}: tick {wrong.tick} is the first that differs:"
            f" {wrong.recorded} on record, {wrong.made} made again"
        )
    others = ", ".join(
        f"{name} {then} (here {now})" for name, (then, now) in found.versions.items()
    )
    return f"{text}\nIt was made with {others}" if others else text


def compared(
    settings: Settings, a: str, b: str, most: int | None, as_json: bool
) -> tuple[str, int]:
    """Where two runs part, and the exit status: 1 where they do. `most`: distances to be told."""
    found = diff(folder_of(settings, a), folder_of(settings, b))
    if most is not None and len(found.distances) > most:
        every = -(-len(found.distances) // most)
        found = replace(found, distances=found.distances[::every])
    status = 0 if found.tick is None else 1
    return (json.dumps(asdict(found)) if as_json else "\n".join(_difference(found))), status


def _difference(found: Difference) -> Iterator[str]:
    one, two = found.runs
    if found.tick is None:
        yield f"{one} and {two} agree in the ticks {found.first} to {found.last}"
        return
    yield f"{one} and {two} part at tick {found.tick}"
    parting = found.parting
    if parting is None:
        yield "Nothing that is on record shows it."
    else:
        whose = "" if parting.agent is None else f" of agent {parting.agent}"
        yield (
            f"The first to show it is `{parting.variable}`{whose} at tick {parting.tick}:"
            f" {parting.one} and {parting.two}"
        )
    yield from _distances(found)


def _distances(found: Difference) -> Iterator[str]:
    held = found.distances
    names = list(held[0].columns) if held else []
    if not names:
        return
    yield f"Mean absolute difference of the agents{_every(len(held))}:"
    widths = [max(10, len(name)) for name in names]
    heads = (name.rjust(width) for name, width in zip(names, widths, strict=True))
    yield "  ".join(["tick".rjust(8), *heads])
    for distance in held[:: -(-len(held) // SHOWN)]:
        values = (
            f"{distance.columns.get(name, float('nan')):.4g}".rjust(width)
            for name, width in zip(names, widths, strict=True)
        )
        yield "  ".join([str(distance.tick).rjust(8), *values])


def _every(ticks: int) -> str:
    step = -(-ticks // SHOWN)
    return f", every {step} ticks" if step > 1 else ""


def forked(
    settings: Settings,
    run: str,
    *,
    tick: int,
    ticks: int,
    params: Sequence[str],
    seed: int | None,
    as_json: bool,
) -> tuple[str, bool]:
    """What was made, and whether it was interrupted."""
    folder = folder_of(settings, run)
    changed = parse(",".join(params))
    started = perf_counter()

    def begin(out: Path) -> Fork:
        most = settings.recording.max_bytes
        return fork(folder, tick, out, changed, seed, max_bytes=most)

    out, made = _in_new_folder(settings, run, begin)
    hold(out)
    with made, progress(out.name, ticks) as advance, interruptible() as is_interrupted:
        for _ in made.run(ticks):
            advance()
            if is_interrupted():
                break
        data = {**_told(made, run), "seconds": round(perf_counter() - started, 3)}
    text = (
        f"{out.name}: forked from {run} after tick {tick}, {data['ticks']} ticks more,"
        f" hash {data['hash']}, recorded in {out}"
    )
    return (json.dumps(data) if as_json else text), data["ticks"] < ticks


def _told(made: Fork, parent: str) -> dict[str, Any]:
    begun = made.manifest.parent
    tick = 0 if begun is None else begun.tick
    return {
        "run": made.manifest.run,
        "parent": parent,
        "tick": tick,
        "ticks": made.simulation.number - tick,
        "hash": made.simulation.hash,
        "folder": str(made.recording.folder.absolute()),
    }


def _in_new_folder(
    settings: Settings, run: str, begin: Callable[[Path], Fork]
) -> tuple[Path, Fork]:
    """Begins the fork in a folder of its own, which is not left behind where that fails."""
    name = run.rpartition("-")[0] or run
    try:
        out = settings.data_dir / reserve(settings.data_dir, name[:57])
    except OSError as error:
        raise DataFolderError(settings.data_dir, error) from None
    try:
        return out, begin(out)
    except Exception:
        if not any(out.iterdir()):
            out.rmdir()
        raise
