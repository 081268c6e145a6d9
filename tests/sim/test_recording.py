"""The record of a run: what is appended is read again, once, and every failure is told plainly."""

import sqlite3
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from sim.database import PAGE_BYTES
from sim.manifest import FORMAT, RecordingError, RecordingVersionError, write_manifest
from sim.recording import DATABASE, EventRow, RecordFullError, Recording
from sim.retention import MOST, RECENT
from tests.sim.records import make_event, make_manifest, make_recording, make_tick


def test_what_is_appended_is_read_again(tmp_path: Path) -> None:
    ticks, events = [make_tick(1), make_tick(2)], [make_event(0), make_event(1)]
    with make_recording(tmp_path / "r1") as recording:
        assert recording.append(ticks, events)

    with Recording.open(tmp_path / "r1") as found:
        assert found.manifest == make_manifest("r1")
        assert list(found.ticks()) == ticks
        assert list(found.all_events()) == events
        assert found.events("run.r1.log.hit") == events
        assert found.last_tick() == 2


def test_an_empty_record_says_so(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1") as recording:
        assert recording.last_tick() == 0
        assert recording.last_checkpoint() is None
        assert recording.positions() == {}
        assert list(recording.ticks()) == []
        assert recording.events("run.r1.state") == []


def test_rows_made_again_after_a_crash_change_nothing(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1") as recording:
        recording.append([make_tick(1), make_tick(2)], [make_event(0), make_event(1)])

        recording.append([make_tick(2), make_tick(3)], [make_event(1), make_event(2)])

        assert [row.tick for row in recording.ticks()] == [1, 2, 3]
        assert [row.offset for row in recording.all_events()] == [0, 1, 2]


def test_ticks_are_read_between_bounds_and_across_pages(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1") as recording:
        recording.append([make_tick(tick) for tick in range(1, 451)], [])

        assert [row.tick for row in recording.ticks()] == list(range(1, 451))
        assert [row.tick for row in recording.ticks(90, 310)] == list(range(90, 311))
        assert [row.columns for row in recording.ticks(1, 2, columns=False)] == [None, None]


def test_events_are_read_between_offsets_of_the_present_epoch(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1") as recording:
        recording.append([], [make_event(n, epoch="old") for n in range(9)])
        recording.append([], [make_event(n, epoch="new") for n in range(5)])

        found = recording.events("run.r1.log.hit", 1, 3, limit=2)

        assert [(row.epoch, row.offset) for row in found] == [("new", 1), ("new", 2)]
        assert recording.positions() == {"run.r1.log.hit": ("new", 4)}


def test_positions_never_go_back_within_an_epoch(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1") as recording:
        recording.append([], [make_event(n) for n in range(5)] + [make_event(0, "run.r1.state")])

        recording.append([], [make_event(2)])

        assert recording.positions() == {
            "run.r1.log.hit": ("e1", 4), "run.r1.state": ("e1", 0),
        }  # fmt: skip


def test_every_checkpoint_is_kept_and_the_nearest_before_a_tick_is_found(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1") as recording:
        for tick in range(100, 1100, 100):
            recording.append([], [], (tick, {"at": tick, "place": np.arange(3.0)}))

        found, earlier = recording.last_checkpoint(), recording.last_checkpoint(399)

        assert found is not None
        assert (found[0], found[1]["at"]) == (1000, 1000)
        assert found[1]["place"].tolist() == [0.0, 1.0, 2.0]
        assert earlier is not None
        assert earlier[0] == 300
        assert recording.last_checkpoint(99) is None
        assert [tick for tick, _ in recording.checkpoints()] == list(range(100, 1100, 100))


def test_the_checkpoints_of_a_long_run_are_thinned_but_for_the_first_and_the_last(
    tmp_path: Path,
) -> None:
    with make_recording(tmp_path / "r1") as recording:
        for tick in range(1, 1001):
            recording.append([], [], (tick, {"at": tick}))

        kept = [tick for tick, _ in recording.checkpoints()]

    assert len(kept) <= MOST
    assert kept[0] == 1
    assert kept[-RECENT:] == list(range(1001 - RECENT, 1001))
    assert max(after - before for before, after in pairwise(kept)) <= 4 * 1000 / (MOST - RECENT)


def test_checkpoints_have_a_share_of_the_bytes_at_most(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1", max_bytes=1_600_000) as recording:
        for tick in range(1, 41):
            recording.append([], [], (tick, {"at": np.zeros(2500)}))

        kept = recording.checkpoints()

    assert sum(size for _, size in kept) <= 200_000
    assert [kept[0][0], *(tick for tick, _ in kept[-3:])] == [1, 38, 39, 40]


def test_a_checkpoint_of_the_same_tick_is_replaced(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1") as recording:
        recording.append([], [], (5, {"counts": 1}))
        recording.append([], [], (5, {"counts": 2}))

        assert recording.last_checkpoint() == (5, {"counts": 2})


def test_a_batch_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    wrong = EventRow("run.r1.log.hit", "e1", 1, 1, 1.0, None)  # type: ignore[arg-type]
    with make_recording(tmp_path / "r1") as recording:
        with pytest.raises(RecordingError):
            recording.append([make_tick(1)], [make_event(0), wrong])
        with pytest.raises(RecordingError):
            recording.append([make_tick(1)], [], (1, {"what": object()}))

        assert recording.last_tick() == 0
        assert list(recording.all_events()) == []
        recording.append([make_tick(1)], [])
        assert recording.last_tick() == 1


def test_past_its_size_a_record_leaves_out_columns_and_then_refuses(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1", max_bytes=200_000) as recording:
        kept, tick = True, 0
        while kept:
            tick += 1
            kept = recording.append([make_tick(tick, agents=1000)], [make_event(tick)])
        while recording.size < 400_000:
            recording.append([make_tick(tick, 1)], [make_event(tick + n) for n in range(500)])
            tick += 500

        with pytest.raises(RecordFullError, match=r"is full: .* where 400000 are allowed"):
            recording.append([], [make_event(tick)])

        rows = list(recording.ticks())
        assert rows[0].columns is not None
        assert rows[-1].columns is None
        assert recording.size < 600_000


def test_another_reads_while_one_writes(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1") as writer, Recording.open(tmp_path / "r1") as reader:
        writer.append([make_tick(tick) for tick in range(1, 301)], [])
        reading = reader.ticks()
        first = next(reading)
        writer.append([make_tick(301)], [])

        assert first.tick == 1
        assert [row.tick for row in reading][-1] == 301


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    make_recording(tmp_path / "r1").close()

    with (
        Recording.open(tmp_path / "r1") as reader,
        pytest.raises(RecordingError, match="cannot be used: attempt to write a readonly database"),
    ):
        reader.append([make_tick(1)], [])


def test_a_record_goes_on_where_it_was(tmp_path: Path) -> None:
    make_recording(tmp_path / "r1").close()
    with Recording.open(tmp_path / "r1", "append") as recording:
        recording.append([make_tick(1)], [])

    with Recording.open(tmp_path / "r1", "append") as recording:
        recording.append([make_tick(2)], [])

        assert recording.last_tick() == 2


def test_a_run_that_died_before_its_first_row_can_be_gone_on_with(tmp_path: Path) -> None:
    write_manifest(tmp_path / "r1", make_manifest())

    with pytest.raises(RecordingError, match="holds no record: it has no"):
        Recording.open(tmp_path / "r1")
    with Recording.open(tmp_path / "r1", "append") as recording:
        assert recording.append([make_tick(1)], [])


def test_a_folder_that_is_there_already_holds_its_run(tmp_path: Path) -> None:
    make_recording(tmp_path / "r1").close()

    with pytest.raises(RecordingError, match="holds a run already"):
        make_recording(tmp_path / "r1")


def test_the_file_of_another_version_is_refused(tmp_path: Path) -> None:
    make_recording(tmp_path / "r1").close()
    database = sqlite3.connect(tmp_path / "r1" / DATABASE)
    database.execute("PRAGMA user_version = 7")
    database.close()

    for mode in ("read", "append"):
        with pytest.raises(RecordingVersionError) as caught:
            Recording.open(tmp_path / "r1", mode)

        error = caught.value
        assert (error.path, error.found, error.supported) == (
            tmp_path / "r1" / DATABASE, 7, FORMAT,
        )  # fmt: skip


@pytest.mark.parametrize("mode", ["read", "append"])
@pytest.mark.parametrize(
    "content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\1" * 9]
)
def test_a_file_that_is_no_database_is_one_clear_line(
    tmp_path: Path, content: bytes, mode: str
) -> None:
    write_manifest(tmp_path / "r1", make_manifest())
    (tmp_path / "r1" / DATABASE).write_bytes(content)

    with pytest.raises(RecordingError) as caught:
        Recording.open(tmp_path / "r1", mode)  # type: ignore[arg-type]

    assert str(caught.value).startswith(f"{tmp_path / 'r1' / DATABASE} ")
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_damaged_in_the_middle_is_told_when_it_is_read(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1") as recording:
        recording.append([make_tick(tick) for tick in range(1, 2000)], [])
    path = tmp_path / "r1" / DATABASE
    content = bytearray(path.read_bytes())
    damaged = slice(2 * PAGE_BYTES, len(content) - PAGE_BYTES)
    content[damaged] = b"\xa5" * len(content[damaged])
    path.write_bytes(content)

    with Recording.open(tmp_path / "r1") as found, pytest.raises(RecordingError) as caught:
        list(found.ticks())

    assert str(caught.value).startswith(f"{path} is damaged: ")


def test_a_damaged_row_is_told_when_it_is_read(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1") as recording:
        recording.append([make_tick(1)], [], (1, {"a": 1}))
    database = sqlite3.connect(tmp_path / "r1" / DATABASE)
    database.execute("UPDATE ticks SET aggregates = x'c1'")
    database.execute("UPDATE checkpoints SET data = x'93'")
    database.commit()
    database.close()

    with Recording.open(tmp_path / "r1") as found:
        with pytest.raises(RecordingError, match="is damaged"):
            list(found.ticks())
        with pytest.raises(RecordingError, match="is damaged"):
            found.last_checkpoint()


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(RecordingError, match="file/r1 cannot be written: Not a directory"):
        make_recording(tmp_path / "file" / "r1")


def test_a_closed_record_says_so(tmp_path: Path) -> None:
    recording = make_recording(tmp_path / "r1")
    recording.close()
    recording.close()

    with pytest.raises(RecordingError, match="is not open here: Cannot operate on a closed"):
        recording.last_tick()
