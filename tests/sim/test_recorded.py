"""A recorded run in Python: arrays, frames and single ticks are what was recorded."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.recorded import RecordedRun
from sim.recording import Recording, RecordingError, TickRow
from sim.span import Span
from sim.tables import SelectionError
from tests.sim.records import make_event, make_manifest, make_recording, make_tick


def make_run(folder: Path, ticks: int = 20, agents: int = 3) -> Path:
    with make_recording(folder) as recording:
        recording.append(
            [make_tick(tick, agents) for tick in range(1, ticks + 1)],
            [make_event(offset) for offset in range(ticks)],
        )
    return folder


def test_a_recording_is_opened_by_its_path(tmp_path: Path) -> None:
    make_run(tmp_path / "r1")

    with Recording(str(tmp_path / "r1")) as plain, RecordedRun(str(tmp_path / "r1")) as run:
        assert plain.manifest == run.manifest == make_manifest("r1")
        assert run.last_tick() == 20


def test_a_column_is_an_array_of_ticks_and_agents(tmp_path: Path) -> None:
    with RecordedRun(make_run(tmp_path / "r1")) as run:
        place, part = run.columns("place"), run.columns("hits", ticks=slice(5, 8))

        assert place.shape == (20, 3)
        assert np.allclose(place[9], np.arange(3) + 1.0)
        assert part.tolist() == [[0, 1, 2]] * 3
        assert run.numbers(slice(5, 8)).tolist() == [5, 6, 7]
        assert run.columns("solved", 4).tolist() == [[False, True, False]]
        assert run.columns("place", slice(100, None)).shape == (0, 0)


def test_an_aggregate_has_a_value_a_tick(tmp_path: Path) -> None:
    with RecordedRun(make_run(tmp_path / "r1")) as run:
        assert run.aggregates("place").tolist() == [tick / 10 for tick in range(1, 21)]
        assert run.aggregates("place", slice(None, 20, 5)).tolist() == [0.1, 0.6, 1.1, 1.6]


def test_any_tick_is_there_with_all_of_it(tmp_path: Path) -> None:
    with RecordedRun(make_run(tmp_path / "r1")) as run:
        tick = run.tick(7)

        assert (tick.number, tick.time, tick.hash) == (7, 7.0, "hash7")
        assert tick.aggregates == {"place": 0.7, "hits": 1.0}
        assert tick.columns["hits"].tolist() == [0, 1, 2]
        with pytest.raises(RecordingError, match=r"r1 has no tick 21; its last one is 20"):
            run.tick(21)


def test_frames_have_the_chosen_columns_of_the_chosen_ticks(tmp_path: Path) -> None:
    with RecordedRun(make_run(tmp_path / "r1")) as run:
        ticks, agents = run.frame(), run.frame("agents", ["solved"], slice(3, 5))
        events, none = run.frame("events", ticks=slice(2, 4)), run.frame(ticks=slice(90, None))
        times = run.frame("agents", ["time"], 3)

    assert ticks.shape == (20, 5)
    assert list(agents.columns) == ["tick", "agent", "solved"]
    assert agents.tick.tolist() == [3, 3, 3, 4, 4, 4]
    assert agents.solved.tolist() == [False, True, False] * 2
    assert events.tick.tolist() == [2, 3]
    assert len(none) == 0
    assert times.to_dict("list") == {"tick": [3] * 3, "agent": [0, 1, 2], "time": [3.0] * 3}


def test_a_name_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with RecordedRun(make_run(tmp_path / "r1")) as run:
        with pytest.raises(SelectionError, match="no column `plase`; did you mean `place`"):
            run.columns("plase")
        with pytest.raises(SelectionError, match="It has: hits, place"):
            run.aggregates("x")
        with pytest.raises(SelectionError, match="It has: tick, time, agent, place, hits, solved"):
            run.frame("agents", ["x"])


def test_frames_without_pandas_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)

    with (
        RecordedRun(make_run(tmp_path / "r1")) as run,
        pytest.raises(RecordingError, match=r"frames need pandas, .* pip install pandas"),
    ):
        run.frame()


def test_ticks_without_columns_are_left_out_of_arrays(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1") as recording:
        recording.append([make_tick(1), TickRow(2, 2.0, "", {}), make_tick(3)], [])

    with RecordedRun(tmp_path / "r1") as run:
        assert run.columns("place").shape == (2, 3)
        assert run.numbers().tolist() == [1, 3]
        assert np.isnan(run.aggregates("place")).tolist() == [False, True, False]
        assert run.tick(2).columns == {}


def test_agents_that_become_more_make_no_array_but_a_frame(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1") as recording:
        recording.append([make_tick(1, 2), make_tick(2, 4)], [])

    with RecordedRun(tmp_path / "r1") as run:
        with pytest.raises(RecordingError, match="2 agents at first and 4 at tick 2"):
            run.columns("place")
        assert run.frame("agents").agent.tolist() == [0, 1, 0, 1, 2, 3]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("100:200", Span(100, 199)),
        ("7", Span(7, 7)),
        ("5:", Span(5)),
        (":", Span()),
        (":10:3", Span(1, 9, 3)),
    ],
)
def test_spans_are_written_as_slices_are(text: str, span: Span) -> None:
    assert Span.parse(text) == span


@pytest.mark.parametrize("text", ["", "a", "1:2:3:4", "-5:", "1.5", "3:4:0", "9" * 30])
def test_what_is_no_span_is_one_clear_line(text: str) -> None:
    with pytest.raises(RecordingError, match="no span"):
        Span.parse(text)


@pytest.mark.parametrize("ticks", [slice(-5, None), slice(None, -1), slice(1, 5, 0), slice("a")])
def test_slices_from_the_end_are_refused(ticks: slice) -> None:
    with pytest.raises(RecordingError, match="are no span; allowed are first:end"):
        Span.of(ticks)


def test_a_run_whose_writer_was_killed_opens_with_all_but_its_last_batch(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, itertools\n"
            "from pathlib import Path\n"
            "from tests.sim.records import make_recording, make_tick\n"
            "recording = make_recording(Path(sys.argv[1]))\n"
            "for n in itertools.count(0):\n"
            "    recording.append([make_tick(10 * n + m) for m in range(1, 11)], [])\n"
            "    print(10 * n + 10, flush=True)\n",
            str(tmp_path / "r1"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    for _ in range(20):
        writer.stdout.readline()

    writer.send_signal(signal.SIGKILL)

    said = int(["200", *writer.stdout.read().split()][-1])
    writer.wait()
    writer.stdout.close()
    with RecordedRun(tmp_path / "r1") as run:
        ticks = run.last_tick()
        assert said <= ticks <= said + 10
        assert run.columns("place").shape == (ticks, 3)
