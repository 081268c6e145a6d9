"""The manifest of a run, and the listing of a data folder."""

import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from sim.manifest import (
    FORMAT,
    LARGEST_MANIFEST,
    MANIFEST,
    RecordingError,
    RecordingVersionError,
    is_run,
    list_runs,
    read_manifest,
    run_folder,
    write_manifest,
)
from tests.sim.records import make_manifest


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    manifest = replace(make_manifest(), parameters=MappingProxyType({"agents": 3, "kind": "a"}))

    write_manifest(tmp_path / "data" / "r1", manifest)

    assert read_manifest(tmp_path / "data" / "r1") == manifest
    assert [path.name for path in (tmp_path / "data" / "r1").iterdir()] == [MANIFEST]


def test_a_run_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    write_manifest(tmp_path, make_manifest("one"))

    with pytest.raises(RecordingError, match="holds a run already"):
        write_manifest(tmp_path, make_manifest("two"))

    assert read_manifest(tmp_path).run == "one"


def test_the_format_of_another_version_is_named(tmp_path: Path) -> None:
    write_manifest(tmp_path, replace(make_manifest(), format=99))

    with pytest.raises(RecordingVersionError) as caught:
        read_manifest(tmp_path)

    error = caught.value
    assert (error.path, error.found, error.supported) == (tmp_path / MANIFEST, 99, FORMAT)
    assert str(error) == (
        f"{tmp_path / MANIFEST} has the format 99; this version reads and writes 1 only"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is not JSON"),
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("\x00\x01", "it is not JSON"),
        ("[]", "it names no format"),
        ("{}", "it names no format"),
        ('{"format": 1}', "`run` is None"),
        ('{"format": 1, "run": 3}', "`run` is 3"),
        (" " * (LARGEST_MANIFEST + 1), f"it has more than {LARGEST_MANIFEST} bytes"),
    ],
)
def test_a_damaged_manifest_is_one_clear_line(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / MANIFEST).write_text(text)

    with pytest.raises(RecordingError) as caught:
        read_manifest(tmp_path)

    assert str(caught.value) == f"{tmp_path / MANIFEST} is damaged: {reason}"


def test_a_manifest_that_is_not_text_is_damaged(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(b"\xff\xfe\xff")

    with pytest.raises(RecordingError, match="is damaged"):
        read_manifest(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(RecordingError, match="file/r1 cannot be written: Not a directory"):
        write_manifest(tmp_path / "file" / "r1", make_manifest())


def test_a_parameter_without_json_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="has no JSON"):
        write_manifest(tmp_path / "r1", replace(make_manifest(), parameters={"x": object()}))

    assert list_runs(tmp_path) == []


def test_runs_are_listed_by_time_and_the_unreadable_ones_last(tmp_path: Path) -> None:
    for run, created in (("b", "2025-02"), ("a", "2025-03"), ("c", "2025-01")):
        write_manifest(tmp_path / run, make_manifest(run, created))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / MANIFEST).write_text("{")
    (tmp_path / "no run").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "secret").write_text("")

    listed = list_runs(tmp_path)

    assert [run.run for run in listed] == ["c", "b", "a", "broken"]
    assert listed[0].manifest == make_manifest("c", "2025-01")
    assert listed[3].manifest is None
    assert listed[3].problem is not None
    assert "is damaged" in listed[3].problem


def test_a_data_folder_that_is_not_there_holds_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "nowhere") == []


def test_a_data_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(RecordingError, match="cannot be read: Not a directory"):
        list_runs(tmp_path / "file")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a.b", "a b", "ä", "a\n", "x" * 65])
def test_what_is_no_token_cannot_name_a_run(tmp_path: Path, name: str) -> None:
    assert not is_run(name)
    with pytest.raises(RecordingError, match="cannot name a run"):
        run_folder(tmp_path, name)
    with pytest.raises(RecordingError, match="cannot name a run"):
        write_manifest(tmp_path / "r1", make_manifest(name))


def test_a_manifest_is_plain_json_for_other_programs(tmp_path: Path) -> None:
    write_manifest(tmp_path, make_manifest())

    content = json.loads((tmp_path / MANIFEST).read_text())

    assert (content["run"], content["seed"], content["format"]) == ("r1", 7, FORMAT)
