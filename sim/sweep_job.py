"""One run of a sweep, in a process of its own; its result is a file, there whole or not at all."""

import json
import math
import os
import signal
import threading
from collections.abc import Mapping
from multiprocessing import parent_process
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from sim.design import Job
from sim.parameters import build
from sim.rebuilding import Load
from sim.simulation import Simulation
from sim.tick import Tick


def end_with_parent() -> None:
    """A pool's process does not outlive the sweep, however that ends; Ctrl+C is the sweep's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def make(job: Job, folder: Path, load: Load) -> str | None:
    """Runs it and writes its file; None, or in one line why it failed."""
    try:
        result = _run(job, load)
        write_json(folder / f"{job.name}.json", result)
    except Exception as error:  # noqa: BLE001 - whatever a scenario raises fails this run alone
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return None


def _run(job: Job, load: Load) -> dict[str, Any]:
    simulation = Simulation(build(load(job.scenario), job.params), job.seed)
    sums: dict[str, float] = {}
    rows = []
    for tick in simulation:
        for name, value in tick.aggregates.items():
            sums[name] = sums.get(name, 0.0) + value
        if tick.number >= job.ticks or (job.every and tick.number % job.every == 0):
            rows.append(_row(tick, sums))
        if tick.number >= job.ticks:
            break
    return {"point": job.point, "seed": job.seed, "hash": rows[-1]["hash"], "rows": rows}


def _row(tick: Tick, sums: Mapping[str, float]) -> dict[str, Any]:
    """Values at the tick, and their means over all ticks so far."""
    means = {f"mean_{name}": total / tick.number for name, total in sums.items()}
    values = {**tick.aggregates, **means}
    shown = {name: float(value) if math.isfinite(value) else None for name, value in values.items()}
    return {"tick": tick.number, "hash": tick.hash, **shown}


def write_json(path: Path, content: object) -> None:
    """Whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(content, file, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
