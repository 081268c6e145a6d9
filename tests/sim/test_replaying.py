"""A recorded run that is made again, tick by tick, from anywhere."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.perturbation import PerturbationError
from sim.rebuilding import TimeMachineError
from sim.replaying import Replaying
from tests.sim.past import Steered, alter, record_run

CHANGES: Steered = {5: {"precision": 1.0}, 20: {"belief": {"context": [0.3, 0.7]}}}


def arrive(replaying: Replaying, tick: int) -> str:
    """The hash of the tick that is sought."""
    replaying.seek(tick)
    while not replaying.is_there:
        replaying.step()
    return replaying.tick().hash


def test_every_tick_is_as_it_was_with_what_was_changed(tmp_path: Path) -> None:
    hashes = record_run(tmp_path / "r", 30, changes=CHANGES)
    replaying = Replaying(tmp_path / "r")

    made = []
    changed = []
    while not replaying.is_at_end:
        tick = replaying.tick()
        made.append(tick.hash)
        changed += [(tick.number, log.data["by"]) for log in tick.log if log.kind == "perturbation"]

    assert made == hashes
    assert changed == [(6, "ada"), (21, "ada")]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(ticks=st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_any_tick_is_reached_from_any_other(tmp_path: Path, ticks: list[int]) -> None:
    folder = tmp_path / "r"
    if not folder.exists():
        record_run(folder, 30, changes=CHANGES)
    hashes = all_hashes(folder)
    replaying = Replaying(folder)

    assert [arrive(replaying, tick) for tick in ticks] == [hashes[tick - 1] for tick in ticks]


def all_hashes(folder: Path) -> list[str]:
    """As they are made from the beginning."""
    replaying = Replaying(folder)
    hashes = []
    while not replaying.is_at_end:
        hashes.append(replaying.tick().hash)
    return hashes


def test_a_tick_that_is_made_otherwise_is_told_once(tmp_path: Path) -> None:
    record_run(tmp_path / "r", 12, checkpoints=4)
    alter(tmp_path / "r", ["UPDATE ticks SET hash = 'other' WHERE tick IN (6, 8)"])
    replaying = Replaying(tmp_path / "r", 5)

    logs = [replaying.tick().log for _ in range(5)]

    told = [log for tick in logs for log in tick if log.kind == "anomaly"]
    assert [log.data["recorded"] for log in told] == ["other"]


def test_there_is_no_tick_before_the_first_or_after_the_last(tmp_path: Path) -> None:
    record_run(tmp_path / "r", 5)
    replaying = Replaying(tmp_path / "r", 5)

    for tick in (0, 6):
        with pytest.raises(TimeMachineError, match="has the ticks 1 to 5"):
            replaying.seek(tick)
    assert arrive(replaying, 5)
    assert replaying.is_at_end


def test_what_was_cannot_be_changed(tmp_path: Path) -> None:
    record_run(tmp_path / "r", 5)

    with pytest.raises(PerturbationError, match="fork"):
        Replaying(tmp_path / "r").perturb(0, {"reset": True})
