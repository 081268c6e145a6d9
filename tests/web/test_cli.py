"""The command line: what it prints, and one clear line with exit status 2 for each mistake."""

import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import jwt
import pandas
import pytest

from web.cli import main


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working folder, and no settings from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STAGEWATCH_DATA_DIR", str(tmp_path / "data"))
    for name in ("WS_AUTH_REQUIRED", "WS_ENDPOINT", "WS_MAX_CONNECTIONS"):
        monkeypatch.delenv(name, raising=False)
    return iter((tmp_path,))


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def result(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert main(["run", *arguments, "--json"]) == 0
    found: dict[str, object] = json.loads(said(capsys))
    return found


def test_three_scenarios_are_listed_with_their_parameters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["scenarios"]) == 0

    text = said(capsys)
    for name in ("foragers", "metronome", "tmaze"):
        assert f"{name}: " in text
    assert "Probability that the cue shows the right side" in text


def test_the_same_seed_ends_with_the_same_hash(capsys: pytest.CaptureFixture[str]) -> None:
    given = ("tmaze", "--ticks", "200", "--seed", "1", "--set", "agents=5")

    one, two = result(capsys, *given), result(capsys, *given)
    other = result(capsys, "tmaze", "--ticks", "200", "--seed", "2", "--set", "agents=5")

    assert one["hash"] == two["hash"] != other["hash"]
    assert one["run"] != two["run"]
    assert one.keys() == {"run", "scenario", "seed", "ticks", "hash", "seconds", "folder"}


def test_a_run_is_recorded_listed_and_exported_so_that_pandas_reads_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    made = result(capsys, "metronome", "--ticks", "30", "--set", "events_per_tick=2")
    run, out = str(made["run"]), tmp_path / "out.csv"

    assert main(["runs"]) == 0
    listed = said(capsys)
    assert main(["export", run, "--out", str(out)]) == 0
    assert main(["export", run, "--out", str(tmp_path / "events.csv"), "--table", "events"]) == 0

    assert run in listed
    assert "30" in listed
    ticks = pandas.read_csv(out)
    assert list(ticks["tick"]) == list(range(1, 31))
    assert ticks["hash"].iloc[-1] == made["hash"]
    events = pandas.read_csv(tmp_path / "events.csv")
    beats = events[events["topic"] == f"run.{run}.log.beat"]
    assert list(beats["offset"]) == list(range(60))


def test_a_token_is_signed_with_the_secret_that_is_kept(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["token", "--sub", "ada", "--scopes", "observe,control", "--lifetime", "60"]) == 0

    secret = tmp_path / "data" / "secret"
    claims = jwt.decode(
        said(capsys).strip(),
        secret.read_text(),
        algorithms=["HS256"],
        audience="stagewatch",
        issuer="stagewatch",
    )
    assert claims["sub"] == "ada"
    assert claims["scopes"] == ["observe", "control"]
    assert claims["exp"] - claims["iat"] == 60
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_the_settings_of_the_working_folder_are_used(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STAGEWATCH_DATA_DIR")
    (tmp_path / "config.yaml").write_text("data_dir: here\n")

    made = result(capsys, "metronome", "--ticks", "1")

    assert made["folder"] == str(tmp_path / "here" / str(made["run"]))


MISTAKES = [
    (["run", "tmase"], "`tmase` is not a scenario; did you mean `tmaze`?"),
    (["run", "tmaze", "--set", "agent=3"], "did you mean `agents`?"),
    (["run", "tmaze", "--set", "agents=0"], "parameter `agents` is 0; allowed is a whole number"),
    (["run", "tmaze", "--set", "agents"], "allowed is name=value"),
    (["run", "tmaze", "--ticks", "0"], "'--ticks'"),
    (["run", "tmaze", "--seed", "-1"], "'--seed'"),
    (["run", "metronome", "--data", "a-file"], "`data_dir` is 'a-file', which cannot be written"),
    (["run", "metronome", "--config", "none.yaml"], "none.yaml cannot be read"),
    (["serve", "--port", "70000"], "`server.port` is 70000 (from the command line); allowed:"),
    (["serve", "--mode", "prod"], "`auth.secret` is ''; allowed: at least 32 bytes"),
    (["serve", "--mode", "x"], "`mode` is 'x' (from the command line); allowed: one of demo"),
    (["serve", "--run", "tmase"], "`tmase` is not a scenario"),
    (["serve", "--run", "tmaze:agents=no"], "parameter `agents` is 'no'"),
    (["serve", "--run", "tmaze:agents"], "allowed is name=value"),
    (["serve", "--config", "bad.yaml"], "`limits.conections` is not a setting (from bad.yaml)"),
    (["export", "none", "--out", "x.csv"], "holds no recorded run"),
    (["export", "../x", "--out", "x.csv"], "cannot name a run"),
    (["export", "old", "--out", "x.csv"], "has the format 99; this version reads and writes 1"),
    (["export", "none", "--out", "x.csv", "--format", "xml"], "'xml' is not one of"),
    (["token", "--sub", "ada", "--scopes", "fly"], "`--scopes` is 'fly'; allowed: any of admin"),
    (["token", "--sub", "ada", "--topics", "a..b"], "`--topics` is 'a..b'"),
    (["token"], "'--sub'"),
    (["fly"], "No such command 'fly'"),
    (["serve", "--fly"], "--fly"),
]


@pytest.mark.parametrize(("arguments", "says"), MISTAKES, ids=lambda value: str(value)[:60])
def test_a_mistake_is_one_line_and_exit_status_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a-file").touch()
    (tmp_path / "bad.yaml").write_text("limits: {conections: 1}\n")
    old = tmp_path / "data" / "old"
    old.mkdir(parents=True)
    (old / "manifest.json").write_text('{"format": 99}')

    status = main(arguments)

    told = capsys.readouterr()
    assert status == 2
    assert says in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_a_port_that_is_taken_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert main(["serve", "--port", str(port), "--run", "metronome"]) == 2

    error = capsys.readouterr().err
    assert f"`server.port` is {port}, which cannot be had at 127.0.0.1: Address already" in error
    assert error.count("\n") == 1


def test_a_data_folder_that_is_no_folder_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a-file").touch()
    monkeypatch.setenv("STAGEWATCH_DATA_DIR", str(tmp_path / "a-file"))

    assert main(["serve", "--port", "0", "--run", "metronome"]) == 2

    assert "a-file', which cannot be written to: " in capsys.readouterr().err
