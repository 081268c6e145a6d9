"""The time machine: a record makes its run again, and shows where another one leaves it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.difference import Parting
from sim.manifest import RecordingError, read_manifest
from sim.packing import wire
from sim.parameters import ParameterError
from sim.recorded import RecordedRun
from sim.recording import TickRow
from sim.timemachine import Mismatch, TimeMachineError, diff, fork, replay, verify
from tests.sim.past import alter, load, record_run
from tests.sim.records import make_recording

CHANGES: dict[int, dict[str, Any]] = {
    15: {"precision": 0.5}, 20: {"reset": True}, 33: {"precision": 9.0},
}  # fmt: skip


def test_a_replay_gives_the_recorded_ticks_from_one_on(tmp_path: Path) -> None:
    hashes = record_run(tmp_path / "r1", 30)

    ticks = list(replay(tmp_path / "r1", 11, 25))

    assert [tick.number for tick in ticks] == list(range(11, 26))
    assert [tick.hash for tick in ticks] == hashes[10:25]
    assert len(ticks[0].columns["entropy"]) == 4
    with pytest.raises(TimeMachineError, match=r"r1 ends with tick 30; there is no 31"):
        next(replay(tmp_path / "r1", 31))


@pytest.mark.parametrize("changes", [None, CHANGES], ids=["by itself", "changed"])
@pytest.mark.parametrize("from_tick", [None, 1, 16, 21, 34, 60])
def test_a_record_is_verified_from_its_beginning_and_from_any_checkpoint(
    tmp_path: Path, changes: dict[int, dict[str, Any]] | None, from_tick: int | None
) -> None:
    record_run(tmp_path / "r1", 60, changes=changes)

    found = verify(tmp_path / "r1", from_tick)

    assert found.mismatch is None
    assert found.first <= (from_tick or 1)
    assert found.first > (from_tick or 1) - 11
    assert found.ticks == 60 - found.first + 1
    assert found.versions == {}


def test_a_change_that_is_taken_out_of_the_record_is_found(tmp_path: Path) -> None:
    record_run(tmp_path / "r1", 60, changes=CHANGES)
    alter(
        tmp_path / "r1",
        ["UPDATE events SET tick = 34 WHERE topic LIKE '%perturbation' AND tick = 33"],
    )

    found = verify(tmp_path / "r1")

    assert found.mismatch is not None
    assert found.mismatch.tick == 34


def test_a_tampered_hash_is_the_first_difference(tmp_path: Path) -> None:
    hashes = record_run(tmp_path / "r1", 60)
    alter(tmp_path / "r1", ["UPDATE ticks SET hash = 'no' WHERE tick IN (37, 41)"])

    found, later = verify(tmp_path / "r1"), verify(tmp_path / "r1", 41)

    assert found.mismatch == Mismatch(37, "no", hashes[36])
    assert found.ticks == 36
    assert later.mismatch == Mismatch(41, "no", hashes[40])
    assert verify(tmp_path / "r1", 51).mismatch is None


def test_another_seed_or_parameter_in_the_manifest_is_found(tmp_path: Path) -> None:
    record_run(tmp_path / "r1", 20)
    manifest = tmp_path / "r1" / "manifest.json"
    text = manifest.read_text()

    manifest.write_text(text.replace('"seed": 1', '"seed": 2'))
    mismatch = verify(tmp_path / "r1").mismatch

    assert mismatch is not None
    assert mismatch.tick == 1


def test_versions_that_have_changed_since_are_told(tmp_path: Path) -> None:
    record_run(tmp_path / "r1", 5)
    manifest = tmp_path / "r1" / "manifest.json"
    here = read_manifest(tmp_path / "r1").versions["numpy"]
    manifest.write_text(manifest.read_text().replace(f'"numpy": "{here}"', '"numpy": "1.0"'))

    assert verify(tmp_path / "r1").versions == {"numpy": ("1.0", here)}


def test_equal_runs_do_not_differ(tmp_path: Path) -> None:
    record_run(tmp_path / "a", 30)
    record_run(tmp_path / "b", 40)

    found = diff(tmp_path / "a", tmp_path / "b")

    assert (found.tick, found.parting, found.distances) == (None, None, ())
    assert (found.first, found.last, found.lengths) == (1, 30, (30, 40))


def test_a_difference_names_tick_agent_variable_and_the_distance_after_it(tmp_path: Path) -> None:
    record_run(tmp_path / "a", 40)
    record_run(tmp_path / "b", 40, changes={20: {"move": 0}})

    found = diff(tmp_path / "a", tmp_path / "b")

    assert found.tick == 21
    assert found.parting is not None
    with RecordedRun(tmp_path / "a") as a, RecordedRun(tmp_path / "b") as b:
        at, name, agent = found.parting.tick, found.parting.variable, found.parting.agent
        assert agent is not None
        assert found.parting.one == a.tick(at).columns[name][agent]
        assert found.parting.two == b.tick(at).columns[name][agent]
        assert found.parting.one != found.parting.two
        gap = np.abs(a.columns("entropy", 30) - b.columns("entropy", 30))[0].astype(float)
    assert [distance.tick for distance in found.distances] == list(range(21, 41))
    assert found.distances[9].columns["entropy"] == pytest.approx(gap.mean(), abs=1e-7)


def test_the_first_agent_that_differs_is_found_by_hand(tmp_path: Path) -> None:
    record_run(tmp_path / "a", 10, scenario="drift", params={"agents": 3})
    record_run(tmp_path / "b", 10, scenario="drift", params={"agents": 3, "speed": 2.0})

    found = diff(tmp_path / "a", tmp_path / "b")

    assert found.tick == 1
    assert found.parting is not None
    assert (found.parting.agent, found.parting.variable) == (0, "place")
    assert found.parting.two == pytest.approx(2 * found.parting.one, rel=1e-6)
    with RecordedRun(tmp_path / "a") as a:
        expected = np.abs(a.columns("place")[-1]).mean()
    assert found.distances[-1].columns == {"place": pytest.approx(expected, rel=1e-6), "hits": 0.0}


def test_runs_without_a_common_tick_cannot_be_compared(tmp_path: Path) -> None:
    record_run(tmp_path / "a", 10)
    fork(tmp_path / "a", 10, tmp_path / "b").close()

    with pytest.raises(TimeMachineError, match="have no tick in common"):
        diff(tmp_path / "a", tmp_path / "b")


@pytest.mark.parametrize("tick", [0, 10, 15, 20, 27, 33])
def test_a_fork_without_a_change_goes_on_as_its_parent_did(tmp_path: Path, tick: int) -> None:
    hashes = record_run(tmp_path / "r1", 50)

    with fork(tmp_path / "r1", tick, tmp_path / "r2") as other:
        made = [made.hash for made in other.run(50 - tick)]

    assert made == hashes[tick:]
    assert diff(tmp_path / "r1", tmp_path / "r2").tick is None
    parent = read_manifest(tmp_path / "r2").parent
    assert parent is not None
    assert (parent.run, parent.tick, parent.seed) == ("r1", tick, 1)
    if tick:
        assert parent.hash == hashes[tick - 1]


@pytest.mark.parametrize("tick", [14, 15, 16, 20, 33, 40])
def test_a_fork_takes_the_changes_before_its_tick_along_but_no_later_one(
    tmp_path: Path, tick: int
) -> None:
    hashes = record_run(tmp_path / "r1", 50, changes=CHANGES)

    with fork(tmp_path / "r1", tick, tmp_path / "r2") as other:
        made = [made.hash for made in other.run(3)]

    assert other.manifest.parent is not None
    assert other.manifest.parent.hash == hashes[tick - 1]
    assert (made[0] == hashes[tick]) == (tick not in CHANGES)


def test_a_fork_with_another_parameter_or_seed_parts_from_its_parent(tmp_path: Path) -> None:
    hashes = record_run(tmp_path / "r1", 40)

    with fork(tmp_path / "r1", 20, tmp_path / "r2", {"cue_validity": 0.6}) as changed:
        list(changed.run(20))
    with fork(tmp_path / "r1", 20, tmp_path / "r3", seed=5) as reseeded:
        made = [made.hash for made in reseeded.run(20)]

    # The cue is seen with the second move.
    assert diff(tmp_path / "r1", tmp_path / "r2").tick == 22
    assert read_manifest(tmp_path / "r2").parameters["cue_validity"] == 0.6
    assert diff(tmp_path / "r1", tmp_path / "r3").tick == 21
    assert read_manifest(tmp_path / "r3").seed == 5
    assert not set(made) & set(hashes)


def test_forks_of_forks_are_verified_from_where_they_began(tmp_path: Path) -> None:
    record_run(tmp_path / "r1", 30)
    with fork(tmp_path / "r1", 15, tmp_path / "r2", {"cue_validity": 0.6}, seed=4) as one:
        list(one.run(15))
    with fork(tmp_path / "r2", 22, tmp_path / "r3", {"cue_validity": 0.9}) as two:
        list(two.run(150))

    found, last = verify(tmp_path / "r2"), verify(tmp_path / "r3")

    assert (found.first, found.ticks, found.mismatch) == (16, 15, None)
    assert (last.first, last.ticks, last.mismatch) == (23, 150, None)
    assert verify(tmp_path / "r3", 170).first == 101


def test_a_fork_whose_beginning_was_tampered_with_is_found(tmp_path: Path) -> None:
    hashes = record_run(tmp_path / "r1", 20)
    with fork(tmp_path / "r1", 10, tmp_path / "r2") as other:
        list(other.run(5))
    manifest = tmp_path / "r2" / "manifest.json"
    manifest.write_text(manifest.read_text().replace(hashes[9], "no"))

    assert verify(tmp_path / "r2").mismatch == Mismatch(10, "no", hashes[9])


def test_a_checkpoint_of_another_tick_is_damage(tmp_path: Path) -> None:
    record_run(tmp_path / "r1", 20)
    alter(tmp_path / "r1", ["UPDATE checkpoints SET tick = 12 WHERE tick = 10"])

    with pytest.raises(TimeMachineError, match="the checkpoint of tick 12 is one of 10"):
        verify(tmp_path / "r1", 15)


def test_what_a_fork_cannot_do_is_one_clear_line(tmp_path: Path) -> None:
    record_run(tmp_path / "r1", 20)
    out = tmp_path / "r2"

    with pytest.raises(TimeMachineError, match="after the ticks 0 to 20, not after 21"):
        fork(tmp_path / "r1", 21, out)
    with pytest.raises(ParameterError, match="parameter `precision` is -1"):
        fork(tmp_path / "r1", 10, out, {"precision": -1})
    with pytest.raises(ParameterError, match="is not a parameter of tmaze"):
        fork(tmp_path / "r1", 10, out, {"sped": 1})
    with pytest.raises(ParameterError, match="parameter `seed` is -1"):
        fork(tmp_path / "r1", 10, out, seed=-1)
    with pytest.raises(TimeMachineError, match="a fork cannot change agents: the world would have"):
        fork(tmp_path / "r1", 10, out, {"agents": 9})
    with pytest.raises(RecordingError, match="r9 holds no recorded run"):
        fork(tmp_path / "r9", 10, out)
    assert not out.exists()
    with pytest.raises(RecordingError, match="r1 holds a run already"):
        fork(tmp_path / "r1", 10, tmp_path / "r1")


def test_a_fork_is_not_made_of_a_record_that_cannot_be_made_again(tmp_path: Path) -> None:
    record_run(tmp_path / "r1", 20)
    alter(tmp_path / "r1", ["UPDATE ticks SET hash = 'no' WHERE tick = 13"])

    with pytest.raises(TimeMachineError, match=r"r1 cannot be made again up to tick 15: tick 13"):
        fork(tmp_path / "r1", 15, tmp_path / "r2")

    fork(tmp_path / "r1", 20, tmp_path / "r2").close()


def test_a_run_of_a_scenario_that_is_not_known_here_is_named(tmp_path: Path) -> None:
    record_run(tmp_path / "r1", 20, scenario="drift")

    with pytest.raises(
        TimeMachineError, match="r1 cannot be made again: `drift` is not a scenario"
    ):
        verify(tmp_path / "r1")
    with pytest.raises(
        TimeMachineError, match="r1 cannot be made again: `drift` is not a scenario"
    ):
        fork(tmp_path / "r1", 10, tmp_path / "r2")

    assert verify(tmp_path / "r1", load=load).mismatch is None


def test_ticks_that_are_not_there_cannot_be_verified(tmp_path: Path) -> None:
    record_run(tmp_path / "r1", 20)

    for tick in (0, 21):
        with pytest.raises(TimeMachineError, match=f"has the ticks 1 to 20; there is no {tick}"):
            verify(tmp_path / "r1", tick)


def test_of_several_variables_that_of_the_lowest_agent_is_named(tmp_path: Path) -> None:
    for name, place, hits in (("a", [0.0, 0.0, 0.0], [1, 1, 1]), ("b", [0.0, 0.0, 2.0], [1, 5, 1])):
        columns = wire({"place": np.array(place), "hits": np.array(hits)})
        with make_recording(tmp_path / name) as recording:
            recording.append([TickRow(1, 1.0, name, {}, columns)], [])

    found = diff(tmp_path / "a", tmp_path / "b")

    assert found.parting == Parting(1, 1, "hits", 1, 5)
