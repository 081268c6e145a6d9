"""The time machine on the command line: what is printed, and the exit status."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas
import pytest

from tests.sim.past import alter, record_run
from web.cli import main


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STAGEWATCH_DATA_DIR", str(tmp_path / "data"))
    return iter((tmp_path,))


def said(capsys: pytest.CaptureFixture[str], status: int, *arguments: str) -> str:
    assert main(list(arguments)) == status
    return capsys.readouterr().out


def as_json(capsys: pytest.CaptureFixture[str], status: int, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(capsys, status, *arguments, "--json"))
    return found


def test_a_replay_has_a_line_a_tick(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    hashes = record_run(tmp_path / "data" / "r1", 30)

    lines = said(capsys, 0, "replay", "r1", "--from", "11", "--ticks", "5").splitlines()
    told = said(capsys, 0, "replay", "r1", "--from", "30", "--json").splitlines()

    assert lines[0].split()[:2] == ["tick", "hash"]
    assert [line.split()[:2] for line in lines[1:]] == [
        [str(tick), hashes[tick - 1]] for tick in range(11, 16)
    ]
    assert len(json.loads(told[0])["columns"]["entropy"]) == 4


def test_a_record_that_agrees_is_verified(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    record_run(tmp_path / "data" / "r1", 30)

    assert said(capsys, 0, "verify", "r1") == "r1: all 30 ticks agree, 1 to 30\n"
    assert as_json(capsys, 0, "verify", "r1", "--from", "25")["first"] == 21


def test_a_tampered_record_is_told_with_status_1(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    record_run(tmp_path / "data" / "r1", 30)
    alter(tmp_path / "data" / "r1", ["UPDATE ticks SET hash = 'no' WHERE tick = 17"])

    assert "tick 17 is the first that differs: no on record" in said(capsys, 1, "verify", "r1")
    assert as_json(capsys, 1, "verify", "r1")["mismatch"]["tick"] == 17


def test_a_fork_is_recorded_and_differs_from_its_parent(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    record_run(tmp_path / "data" / "r1", 30)
    given = ("fork", "r1", "--tick", "15", "--ticks", "40", "--set", "cue_validity=0.6")

    made = as_json(capsys, 0, *given)
    text = said(capsys, 1, "diff", "r1", made["run"])
    found = as_json(capsys, 1, "diff", "r1", made["run"])

    assert (made["parent"], made["tick"], made["ticks"]) == ("r1", 15, 40)
    assert f"r1 and {made['run']} part at tick {found['tick']}\n" in text
    assert f"`{found['parting']['variable']}` of agent {found['parting']['agent']}" in text
    assert found["tick"] > 15
    assert "all 40 ticks agree, 16 to 55" in said(capsys, 0, "verify", made["run"])


def test_equal_runs_have_status_0(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in ("r1", "r2"):
        record_run(tmp_path / "data" / name, 10)

    assert said(capsys, 0, "diff", "r1", "r2") == "r1 and r2 agree in the ticks 1 to 10\n"
    assert as_json(capsys, 0, "diff", "r1", "r2")["tick"] is None


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_chosen_columns_and_ticks_are_exported(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, suffix: str
) -> None:
    record_run(tmp_path / "data" / "r1", 30)
    given = ("--columns", "entropy,action", "--ticks", "10:20", "--format", suffix)

    assert said(capsys, 0, "export", "r1", *given) == f"40 rows in r1.{suffix}\n"

    read = pandas.read_csv if suffix == "csv" else pandas.read_parquet
    frame = read(tmp_path / f"r1.{suffix}")
    assert list(frame.columns) == ["tick", "agent", "entropy", "action"]
    assert sorted(set(frame["tick"])) == list(range(10, 20))


MISTAKES = [
    (["verify", "none"], "holds no recorded run"),
    (["verify", "r1", "--from", "11"], "has the ticks 1 to 10; there is no 11"),
    (["replay", "r1", "--from", "11"], "ends with tick 10; there is no 11"),
    (["diff", "r1", "none"], "holds no recorded run"),
    (["fork", "r1", "--tick", "11"], "after the ticks 0 to 10, not after 11"),
    (["fork", "none", "--tick", "1"], "holds no recorded run"),
    (["fork", "r1", "--tick", "5", "--set", "cue_validity=2"], "parameter `cue_validity` is 2"),
    (["fork", "r1", "--tick", "5", "--set", "agents=9"], "a fork cannot change agents"),
    (["verify", "r2"], "r2 cannot be made again: `drift` is not a scenario"),
    (["fork", "r2", "--tick", "5"], "r2 cannot be made again: `drift` is not a scenario"),
    (["export", "r1", "--columns", "entropie"], "did you mean `entropy`?"),
    (["export", "r1", "--ticks", "a:b"], "'a:b' is no span of ticks"),
]


@pytest.mark.parametrize(("arguments", "says"), MISTAKES, ids=lambda value: str(value)[:60])
def test_a_mistake_is_one_line_and_exit_status_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    record_run(tmp_path / "data" / "r1", 10)
    record_run(tmp_path / "data" / "r2", 10, scenario="drift", params={})

    status = main(arguments)

    told = capsys.readouterr()
    assert status == 2
    assert says in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["r1", "r2"]
