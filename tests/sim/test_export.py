"""Exports: what pandas reads is what was recorded, in memory that does not grow with the run."""

import json
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.export import ExportError, export
from sim.manifest import RecordingError
from sim.recording import Recording, TickRow
from sim.span import Span
from sim.tables import Selection
from tests.sim.records import make_event, make_recording, make_tick

BOTH = pytest.mark.parametrize("suffix", ["csv", "parquet"])


def make_run(folder: Path, ticks: int = 5) -> Path:
    with make_recording(folder) as recording:
        recording.append(
            [make_tick(tick) for tick in range(1, ticks + 1)],
            [make_event(offset) for offset in range(ticks)],
        )
    return folder


def read(path: Path) -> "pd.DataFrame":
    return pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)


@BOTH
def test_ticks_have_a_column_for_each_aggregate(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"ticks.{suffix}"

    rows = export(make_run(tmp_path / "r1", ticks=2500), out, suffix, "ticks")

    frame = read(out)
    assert rows == len(frame) == 2500
    assert list(frame.columns) == ["tick", "time", "hash", "hits", "place"]
    assert frame.tick.tolist() == list(range(1, 2501))
    assert frame.hash[1] == "hash2"
    assert frame.place.tolist() == [tick / 10 for tick in range(1, 2501)]


@BOTH
def test_agents_have_a_row_for_each_tick_and_agent(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"agents.{suffix}"

    rows = export(make_run(tmp_path / "r1", ticks=150), out, suffix, "agents")

    frame = read(out)
    assert rows == len(frame) == 450
    assert list(frame.columns) == ["tick", "time", "agent", "place", "hits", "solved"]
    assert frame.agent.tolist() == [0, 1, 2] * 150
    assert frame.solved.tolist() == [False, True, False] * 150
    assert frame.hits.tolist() == [0, 1, 2] * 150
    expected = (np.arange(3) + 0.1 * 7).astype(np.float32)
    assert frame.place[18:21].astype(np.float32).tolist() == expected.tolist()


@BOTH
def test_values_have_a_row_for_each_tick_agent_and_variable(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"values.{suffix}"
    run = make_run(tmp_path / "r1", ticks=40)

    rows = export(run, out, suffix, "values", Selection(["solved", "place"], Span.parse("3:40")))

    frame = read(out)
    assert rows == len(frame) == 37 * 3 * 2
    assert list(frame.columns) == ["run", "tick", "agent", "variable", "value"]
    assert set(frame.run) == {"r1"}
    wide = frame.pivot(index=["tick", "agent"], columns="variable", values="value").reset_index()
    export(run, tmp_path / "wide.parquet", "parquet", "agents", Selection(ticks=Span.parse("3:40")))
    agents = pd.read_parquet(tmp_path / "wide.parquet")
    assert wide.place.astype(np.float32).tolist() == agents.place.tolist()
    assert wide.solved.astype(bool).tolist() == agents.solved.tolist()


@BOTH
def test_events_have_their_data_as_json(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"events.{suffix}"

    rows = export(make_run(tmp_path / "r1"), out, suffix, "events")

    frame = read(out)
    assert rows == len(frame) == 5
    assert list(frame.columns) == ["topic", "epoch", "offset", "tick", "time", "data"]
    assert json.loads(frame.data[3]) == {"agent": 3, "odd": None, "at": [0.5, 2.0]}
    assert frame.offset.tolist() == [0, 1, 2, 3, 4]


@BOTH
@pytest.mark.parametrize("table", ["ticks", "agents", "values", "events"])
def test_a_run_without_a_tick_makes_a_table_without_rows(
    tmp_path: Path, table: str, suffix: str
) -> None:
    out = tmp_path / f"out.{suffix}"

    assert export(make_run(tmp_path / "r1", ticks=0), out, suffix, table) == 0

    assert "tick" in read(out).columns


@BOTH
def test_ticks_recorded_without_columns_are_left_out_of_agents(tmp_path: Path, suffix: str) -> None:
    with make_recording(tmp_path / "r1") as recording:
        bare = [TickRow(2, 2.0, "", {"later": float("nan")}), TickRow(4, 4.0, "", {})]
        recording.append([make_tick(1), *bare, make_tick(3)], [])

    export(tmp_path / "r1", tmp_path / "agents", suffix, "agents")
    export(tmp_path / "r1", tmp_path / "ticks.csv", "csv", "ticks")

    agents = pd.read_csv(tmp_path / "agents") if suffix == "csv" else pd.read_parquet(
        tmp_path / "agents"
    )  # fmt: skip
    assert agents.tick.tolist() == [1, 1, 1, 3, 3, 3]
    ticks = pd.read_csv(tmp_path / "ticks.csv")
    assert list(ticks.columns) == ["tick", "time", "hash", "hits", "later", "place"]
    assert ticks.place.isna().tolist() == [False, True, False, True]


@BOTH
@pytest.mark.parametrize("table", ["ticks", "agents", "values", "events"])
def test_memory_does_not_grow_with_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, suffix: str
) -> None:
    monkeypatch.setattr("sim.export.GROUP_ROWS", 3000)

    def peak(ticks: int) -> int:
        with make_recording(tmp_path / f"r{ticks}") as recording:
            for first in range(1, ticks, 50):
                recording.append(
                    [make_tick(tick, agents=300) for tick in range(first, first + 50)],
                    [make_event(offset) for offset in range(20 * first, 20 * (first + 50))],
                )
        tracemalloc.start()
        export(tmp_path / f"r{ticks}", tmp_path / "out", suffix, table)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(50)
    short, long = peak(100), peak(400)

    assert long < 1.5 * short + 2**20


def test_the_file_is_replaced_only_when_all_is_written(tmp_path: Path) -> None:
    make_run(tmp_path / "r1")
    with Recording.open(tmp_path / "r1", "append") as recording:
        recording.append([TickRow(6, 6.0, "", {}, columns=b"\xc1")], [])
    out = tmp_path / "agents.csv"
    out.write_text("what was there")

    with pytest.raises(RecordingError, match="r1 is damaged: the columns of tick 6"):
        export(tmp_path / "r1", out, "csv", "agents")

    assert out.read_text() == "what was there"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["agents.csv", "r1"]


def test_columns_that_change_in_the_middle_are_told(tmp_path: Path) -> None:
    make_run(tmp_path / "r1")
    with Recording.open(tmp_path / "r1", "append") as recording:
        recording.append([TickRow(6, 6.0, "", {}, columns=b"\x80")], [])

    with pytest.raises(RecordingError, match="tick 6 has other columns than the first"):
        export(tmp_path / "r1", tmp_path / "out.csv", "csv", "agents")


@pytest.mark.parametrize(
    ("suffix", "table", "text"),
    [
        ("xls", "ticks", "'xls' is not a format of exports; allowed: csv, parquet"),
        ("csv", "tick", "'tick' is not a table of exports; allowed: ticks, agents, values, events"),
    ],
)
def test_an_unknown_format_or_table_is_refused(
    tmp_path: Path, suffix: str, table: str, text: str
) -> None:
    with pytest.raises(ExportError) as caught:
        export(tmp_path / "r1", tmp_path / "out", suffix, table)

    assert str(caught.value) == text


@BOTH
def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, suffix: str) -> None:
    run = make_run(tmp_path / "r1")

    for out in (tmp_path / "nowhere" / "out", tmp_path, run / "run.sqlite" / "out", Path("/")):
        with pytest.raises(ExportError) as caught:
            export(run, out, suffix)

        assert str(caught.value).startswith(f"{out} cannot be written: ")


def test_a_run_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="r9 holds no recorded run"):
        export(tmp_path / "r9", tmp_path / "out.csv")


def test_parquet_without_pyarrow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path / "r1")
    # A module that is None in sys.modules is one that cannot be imported.
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(ExportError) as caught:
        export(run, tmp_path / "out.parquet", "parquet")

    assert str(caught.value) == (
        "the format parquet needs pyarrow: pip install 'stagewatch[parquet]'"
    )
