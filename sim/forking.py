"""Goes on from a tick of a recorded run, as a run of its own."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from sim.catalogue import scenario_class
from sim.manifest import Manifest, Parent
from sim.notes import Notes
from sim.parameters import ParameterError
from sim.random import Streams
from sim.rebuilding import Clock, Load, Rebuilt, TimeMachineError, begun, changes
from sim.recording import MAX_BYTES, Recording
from sim.simulation import LARGEST_SEED, Simulation
from sim.tick import Tick
from sim.versions import versions


class Fork:
    """A run that goes on from a tick of another one; its record is begun.

    with fork("runs/tmaze-1", 50, "runs/other", {"cue_validity": 0.6}) as other:
        for tick in other.run(100): ...
    """

    def __init__(self, simulation: Simulation, recording: Recording, notes: Notes) -> None:
        self.simulation = simulation
        self.recording = recording
        self._notes = notes

    @property
    def manifest(self) -> Manifest:
        return self.recording.manifest

    def run(self, ticks: int) -> Iterator[Tick]:
        """Make ticks, recorded as they are asked for."""
        for _ in range(ticks):
            tick = self.simulation.tick()
            self._notes.take(tick, self.simulation)
            yield tick

    def close(self) -> None:
        """Write what is left."""
        try:
            self._notes.end(self.simulation)
        finally:
            self.recording.close()

    def __enter__(self) -> "Fork":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def fork(
    folder: str | Path,
    tick: int,
    out: str | Path,
    params: Mapping[str, object] | None = None,
    seed: int | None = None,
    *,
    load: Load = scenario_class,
    max_bytes: int = MAX_BYTES,
) -> Fork:
    """A run that goes on after a tick of a recorded one, with other parameters or another seed.

    It is brought there from the nearest checkpoint, and the hashes on the way are checked. What
    was changed in the parent after that very tick is no part of it; a value that somebody changed
    before keeps it, whatever `params` say. The last part of `out` names the new run. Raises
    TimeMachineError, and ParameterError for a value that is not allowed.
    """
    simulation, manifest = branch(folder, tick, Path(out).name, params, seed, load=load)
    record = Recording.create(Path(out), manifest, max_bytes=max_bytes)
    notes = Notes(record, first=tick)
    notes.write(simulation)
    return Fork(simulation, record, notes)


def branch(
    folder: str | Path,
    tick: int,
    run: str,
    params: Mapping[str, object] | None = None,
    seed: int | None = None,
    *,
    load: Load = scenario_class,
    clock: Clock | None = None,
) -> tuple[Simulation, Manifest]:
    """What `fork` goes on from, and the manifest of the run that is to be; nothing is written."""
    if seed is not None and not 0 <= seed <= LARGEST_SEED:
        raise ParameterError("seed", seed, f"a whole number from 0 to {LARGEST_SEED}")
    with Recording(folder) as recording:
        parent = recording.manifest
        wanted = replace(parent, parameters={**parent.parameters, **(params or {})})
        simulation = begun(wanted, load, clock)
        _refuse_another_shape(begun(parent, load), simulation, params or {})
        checkpoint = brought_to(recording, tick, load).checkpoint()
    if seed is not None:
        checkpoint["streams"] = Streams(seed, parent.replication).state()
    simulation.restore(checkpoint)
    return simulation, _manifest(wanted, run, simulation, tick, seed)


def brought_to(recording: Recording, tick: int, load: Load = scenario_class) -> Simulation:
    """The simulation of a record as it was after a tick; raises TimeMachineError where the way
    there makes another hash than is on record."""
    parent = recording.manifest.parent
    start = 0 if parent is None else parent.tick
    last = max(start, recording.last_tick())
    if not start <= tick <= last:
        raise TimeMachineError(
            f"{recording.folder} can be forked after the ticks {start} to {last}, not after {tick}"
        )
    # A checkpoint that was taken after a change at this tick lies too far on.
    is_changed = any(change.tick == tick for change in changes(recording))
    rebuilt = Rebuilt(recording, tick - 1 if is_changed and tick > start else tick, load)
    hashes = {row.tick: row.hash for row in _between(recording, rebuilt.simulation.number, tick)}
    while rebuilt.simulation.number < tick:
        made = rebuilt.step()
        number = rebuilt.simulation.number
        if made != hashes.get(number, made):
            raise TimeMachineError(
                f"{recording.folder} cannot be made again up to tick {tick}: tick {number} has the"
                f" hash {made} here, and {hashes[number]} on record"
            )
    return rebuilt.simulation


def _between(recording: Recording, first: int, last: int) -> Iterator[Any]:
    return recording.ticks(first + 1, last, columns=False)


def _manifest(
    wanted: Manifest, run: str, simulation: Simulation, tick: int, seed: int | None
) -> Manifest:
    root = wanted.seed if wanted.parent is None else wanted.parent.seed
    return replace(
        wanted,
        run=run,
        parameters=asdict(simulation.scenario),
        seed=wanted.seed if seed is None else seed,
        epoch=secrets.token_hex(4),
        created=datetime.now(UTC).isoformat(timespec="milliseconds"),
        versions=versions(wanted.source),
        parent=Parent(wanted.run, tick, simulation.hash, root),
    )


def _refuse_another_shape(
    before: Simulation, after: Simulation, params: Mapping[str, object]
) -> None:
    """A world cannot go on from the state of one with other agents or another ground."""
    one, two = (_outline(simulation.checkpoint()["world"]) for simulation in (before, after))
    if one != two:
        named = ", ".join(params)
        raise TimeMachineError(
            f"a fork cannot change {named}: the world would have another shape; run the scenario"
            " anew with it"
        )


def _outline(value: Any) -> Any:
    """Arrays as type and shape, and the keys of maps; nothing of what changes with the ticks."""
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape)
    if isinstance(value, Mapping):
        return {key: _outline(held) for key, held in value.items()}
    return None
