"""The folders of runs: names, locks and marks."""

import os
from pathlib import Path

from sim.manifest import is_run
from web.run_folder import LOG, Mark, hold, is_held, last_words, note, noted, open_log, reserve


def test_each_new_run_has_a_name_and_a_folder_of_its_own(tmp_path: Path) -> None:
    runs = {reserve(tmp_path / "data", "tmaze") for _ in range(20)}

    assert len(runs) == 20
    assert all(is_run(run) and run.startswith("tmaze-") for run in runs)
    assert {path.name for path in (tmp_path / "data").iterdir()} == runs


def test_a_folder_is_held_by_one_until_it_lets_go(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    descriptor = hold(tmp_path)

    assert descriptor is not None
    assert is_held(tmp_path)
    assert hold(tmp_path) is None
    os.close(descriptor)
    assert not is_held(tmp_path)


def test_a_mark_is_read_as_it_was_noted(tmp_path: Path) -> None:
    mark = Mark("failed", 12, "it broke")

    note(tmp_path, Mark("live"))
    note(tmp_path, mark)

    assert noted(tmp_path) == mark


def test_what_is_no_mark_counts_as_none(tmp_path: Path) -> None:
    assert noted(tmp_path) is None
    for text in ("", "[]", "{}", '{"state": "live", "tick": "x", "reason": null}'):
        (tmp_path / "state.json").write_text(text)
        assert noted(tmp_path) is None


def test_the_last_words_of_a_worker_are_its_last_line(tmp_path: Path) -> None:
    assert last_words(tmp_path) == ""
    with os.fdopen(open_log(tmp_path), "w") as log:
        log.write("x" * 10_000 + "\nlast but one\nthe end\n\n")

    assert last_words(tmp_path) == "the end"


def test_a_log_that_has_become_long_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / LOG).write_bytes(b"x" * 1_000_001)

    os.close(open_log(tmp_path))

    assert (tmp_path / LOG).stat().st_size == 0
