"""Goes back in recorded runs: replays them, makes them again to verify them, compares and forks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.catalogue import scenario_class
from sim.difference import Difference, diff
from sim.forking import Fork, fork
from sim.manifest import Manifest
from sim.rebuilding import Load, Rebuilt, TimeMachineError
from sim.recorded import RecordedRun, RecordedTick
from sim.recording import Recording
from sim.span import Span
from sim.versions import versions

__all__ = [
    "Difference",
    "Fork",
    "Mismatch",
    "TimeMachineError",
    "Verification",
    "diff",
    "fork",
    "replay",
    "verify",
]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The first tick whose hash is another than on record."""

    tick: int
    recorded: str
    made: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of making a run again: `ticks` of them agreed, from `first` on.

    `versions` are those that the run was made with and that are others here: name to (then, now).
    """

    run: str
    first: int
    ticks: int
    mismatch: Mismatch | None
    versions: Mapping[str, tuple[str, str]]


def replay(folder: str | Path, from_tick: int = 1, to: int | None = None) -> Iterator[RecordedTick]:
    """The recorded ticks from one on, `to` included, as they are asked for."""
    with RecordedRun(folder) as run:
        last = run.last_tick()
        if from_tick > max(last, 1):
            raise TimeMachineError(f"{folder} ends with tick {last}; there is no {from_tick}")
        yield from run.play(Span(max(from_tick, 1), to))


def verify(
    folder: str | Path, from_tick: int | None = None, *, load: Load = scenario_class
) -> Verification:
    """Make a run again from its manifest, and hold each hash against the one on record.

    With `from_tick`, from the last checkpoint before that tick. Ends with the first that differs.
    """
    with Recording(folder) as recording:
        rebuilt = Rebuilt(recording, _start(recording, from_tick), load)
        first = rebuilt.simulation.number + 1
        agreed = 0
        mismatch = _wrong_begin(recording, rebuilt)
        for row in recording.ticks(first, columns=False):
            if mismatch is not None:
                break
            made = _made(rebuilt, row.tick)
            if made == row.hash:
                agreed += 1
            else:
                mismatch = Mismatch(row.tick, row.hash, made)
        return Verification(
            recording.manifest.run, first, agreed, mismatch, _changed(recording.manifest)
        )


def _start(recording: Recording, from_tick: int | None) -> int:
    """The tick at or before which to begin."""
    parent = recording.manifest.parent
    start = 0 if parent is None else parent.tick
    if from_tick is None:
        return start
    last = recording.last_tick()
    if not start < from_tick <= last:
        raise TimeMachineError(
            f"{recording.folder} has the ticks {start + 1} to {last}; there is no {from_tick}"
        )
    return from_tick - 1


def _wrong_begin(recording: Recording, rebuilt: Rebuilt) -> Mismatch | None:
    """Where a fork does not begin in the state that its manifest names."""
    parent, simulation = recording.manifest.parent, rebuilt.simulation
    if parent is None or simulation.number != parent.tick or rebuilt.is_changed:
        return None
    made = simulation.hash
    return None if made == parent.hash else Mismatch(parent.tick, parent.hash, made)


def _made(rebuilt: Rebuilt, tick: int) -> str:
    """The hash of a tick that is still to come."""
    made = ""
    while rebuilt.simulation.number < tick:
        made = rebuilt.step()
    return made


def _changed(manifest: Manifest) -> dict[str, tuple[str, str]]:
    here = versions(manifest.source)
    return {
        name: (then, here[name])
        for name, then in manifest.versions.items()
        if name in here and here[name] != then
    }
