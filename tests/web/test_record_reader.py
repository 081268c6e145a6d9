"""Single topics out of a run's record."""

from pathlib import Path

import numpy as np
import pytest

from sim.packing import wire
from sim.recording import EventRow, Manifest, Recording, TickRow
from web import record_reader
from web.record_reader import read_events


def a_record(folder: Path, ticks: int = 20, agents: int = 4) -> Path:
    columns = wire({"x": np.arange(agents, dtype=np.float64)})
    rows = [TickRow(n, float(n), f"h{n}", {"reward": n / 2}, columns) for n in range(1, ticks + 1)]
    events = [EventRow("run.r.log.beat", "e", n, n, float(n), wire({"n": n})) for n in range(ticks)]
    with Recording.create(folder, Manifest("r", "metronome", {}, 1, "e", "")) as record:
        record.append(rows, events)
    return folder


def test_ticks_are_told_as_they_were_published(tmp_path: Path) -> None:
    [event] = read_events(a_record(tmp_path), "run.r.tick", 3, 3, 10)

    assert (event.topic, event.epoch, event.offset, event.tick) == ("run.r.tick", "e", 3, 3)
    assert event.data == {"reward": 1.5, "hash": "h3"}


@pytest.mark.parametrize(
    ("first", "last", "limit", "offsets"),
    [
        (None, None, 3, [18, 19, 20]),
        (None, 10, 3, [8, 9, 10]),
        (15, None, 100, [15, 16, 17, 18, 19, 20]),
        (5, 6, 100, [5, 6]),
        (30, None, 100, []),
        (None, 0, 100, []),
    ],
)
def test_the_newest_within_the_bounds_are_read_in_order(
    tmp_path: Path, first: int | None, last: int | None, limit: int, offsets: list[int]
) -> None:
    found = read_events(a_record(tmp_path), "run.r.tick", first, last, limit)

    assert [event.offset for event in found] == offsets


def test_log_events_are_read_by_their_own_count(tmp_path: Path) -> None:
    found = read_events(a_record(tmp_path), "run.r.log.beat", None, None, 2)

    assert [(event.offset, event.data) for event in found] == [(18, {"n": 18}), (19, {"n": 19})]


def test_columns_are_arrays_again(tmp_path: Path) -> None:
    [event] = read_events(a_record(tmp_path), "run.r.agents", 4, 4, 10)

    data = event.data
    assert isinstance(data, dict)
    assert data["x"].tolist() == [0.0, 1.0, 2.0, 3.0]


def test_what_is_large_is_cut_to_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_reader, "MOST_BYTES", 2000)
    folder = a_record(tmp_path, agents=200)

    found = read_events(folder, "run.r.agents", None, None, 100)

    assert [event.offset for event in found] == [18, 19, 20]


def test_what_is_not_recorded_is_nothing(tmp_path: Path) -> None:
    assert read_events(a_record(tmp_path), "run.r.belief.1", None, None, 10) == []
