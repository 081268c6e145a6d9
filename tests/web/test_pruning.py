"""Old records are removed where the settings say so, and nothing else is."""

import os
from pathlib import Path

import pytest

from actors.runtime import Runtime
from sim.recording import Manifest, Recording
from tests.settle import until
from web.pruning import Pruner, prune
from web.run_folder import hold
from web.runs import RunEntry, Runs
from web.sections import RecordingSettings

DAY = 86_400.0


def a_record(data_dir: Path, run: str, ended_at: float, size: int = 1000) -> None:
    """A record that was written to last at a time."""
    Recording.create(data_dir / run, Manifest(run, "metronome", {}, 1, "e", "2026-01-01")).close()
    (data_dir / run / "worker.log").write_bytes(b"x" * size)
    for path in (data_dir / run).iterdir():
        os.utime(path, (ended_at, ended_at))


def left(data_dir: Path) -> set[str]:
    return {path.name for path in data_dir.iterdir()}


def test_what_was_written_before_a_time_goes_but_for_what_is_spared_or_held(
    tmp_path: Path,
) -> None:
    for number in range(5):
        a_record(tmp_path, f"run-{number}", 1000.0 + number)
    (tmp_path / "own").mkdir()
    descriptor = hold(tmp_path / "run-2")
    assert descriptor is not None
    os.utime(tmp_path / "run-2" / "lock", (1002, 1002))

    gone = prune(tmp_path, {"run-1"}, 1003.5, 0)
    os.close(descriptor)

    assert gone == ["run-0", "run-3"]
    assert left(tmp_path) == {"run-1", "run-2", "run-4", "own"}


def test_the_oldest_go_until_the_rest_is_small_enough(tmp_path: Path) -> None:
    for number in range(4):
        a_record(tmp_path, f"run-{number}", 1000.0 + number, 1_000_000)

    assert prune(tmp_path, set(), None, 2_500_000) == ["run-0", "run-1"]
    assert prune(tmp_path, set(), None, 2_500_000) == []


def test_without_bounds_nothing_goes(tmp_path: Path) -> None:
    a_record(tmp_path, "run-0", 0.0, 1_000_000)

    assert prune(tmp_path, set(), None, 0) == []


@pytest.mark.parametrize("keep_days", [0.0, 2.0])
async def test_a_server_forgets_the_runs_whose_records_it_removed(
    tmp_path: Path, keep_days: float
) -> None:
    Runtime()
    runs = Runs()
    for name, ended_at in (("old", 10 * DAY), ("live", 10 * DAY), ("young", 12 * DAY)):
        a_record(tmp_path, name, ended_at)
        state = "running" if name == "live" else "finished"
        runs.add(RunEntry(name, "metronome", {}, 1, "e", "2026-01-01", state))
    settings = RecordingSettings(keep_days=keep_days)

    pruner = Pruner.start(runs, tmp_path, settings, lambda: 13 * DAY)
    if keep_days:
        await until(lambda: "old" not in left(tmp_path) and runs.get("old") is None)
    pruner.stop(block=False)

    kept = {"live", "young"} if keep_days else {"live", "young", "old"}
    assert left(tmp_path) == kept
    assert {entry.run for entry in runs} == kept
