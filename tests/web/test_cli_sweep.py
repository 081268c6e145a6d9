"""Sweeps on the command line: designs, what is printed, and the exit status."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas
import pytest

from web.cli import main


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    return iter((tmp_path,))


def swept(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    given = ["sweep", "tmaze", "--ticks", "6", "--out", "s", "--set", "agents=2", *arguments]
    assert main([*given, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_grid_is_swept_in_processes_and_gone_on_with(capsys: pytest.CaptureFixture[str]) -> None:
    grid = ("--grid", "cue_validity=0.7,0.9", "--grid", "depth=1,2", "--seeds", "2")

    one, two = swept(capsys, *grid, "--workers", "2"), swept(capsys, *grid)

    assert (one["runs"], one["made"], one["kept"], one["failed"]) == (8, 8, 0, {})
    assert (two["made"], two["kept"]) == (0, 8)
    table = pandas.read_csv("s/table.csv")
    assert table.groupby(["cue_validity", "depth"]).size().tolist() == [2] * 4
    assert set(table.agents) == {2}


def test_a_list_is_swept(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("cue_validity,depth\n0.6,1\n0.8,2\n")

    swept(capsys, "--list", "points.csv")

    table = pandas.read_csv("s/table.csv")
    assert table[["cue_validity", "depth"]].to_numpy().tolist() == [[0.6, 1], [0.8, 2]]


def test_drawn_points_are_swept(capsys: pytest.CaptureFixture[str]) -> None:
    swept(capsys, "--random", "cue_validity=0.6:0.7", "--samples", "3")

    table = pandas.read_csv("s/table.csv")
    assert table.cue_validity.between(0.6, 0.7).all()
    assert table.cue_validity.nunique() == 3


def test_people_read_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "metronome", "--ticks", "2", "--seeds", "2", "--out", "s"]) == 0

    told = capsys.readouterr().out
    assert told.startswith("metronome: 2 runs made, 0 were there, 0 failed, in s/table.csv")
    assert told.count("\n") == 1


MISTAKES = [
    (["tmase"], "did you mean `tmaze`?"),
    (["tmaze", "--grid", "cue_validity"], "--grid 'cue_validity' is not name=value"),
    (["tmaze", "--grid", "cue_validity=0.7,2"], "parameter `cue_validity` is 2"),
    (["tmaze", "--grid", "depth=1", "--grid", "depth=2"], "with a new name"),
    (["tmaze", "--grid", "depth=1", "--list", "x.csv"], "one of --grid, --list and --random"),
    (["tmaze", "--list", "none.csv"], "none.csv cannot be read"),
    (["tmaze", "--random", "depth"], "--random 'depth' is not name=low:high"),
    (["tmaze", "--random", "depth=3:1"], "`depth` has the range 3:1"),
    (["tmaze", "--set", "agents=0"], "parameter `agents` is 0"),
    (["tmaze", "--seeds", "0"], "'--seeds'"),
]


@pytest.mark.parametrize(("arguments", "says"), MISTAKES, ids=lambda value: str(value)[:60])
def test_a_mistake_is_one_line_and_exit_status_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status = main(["sweep", *arguments, "--out", "s"])

    told = capsys.readouterr()
    assert status == 2
    assert says in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert not (tmp_path / "s").exists()
