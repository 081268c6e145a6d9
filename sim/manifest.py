"""The folder of a recorded run: what its manifest says, and which runs a data folder holds."""

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 2**20  # bytes
_RUN = re.compile(r"[A-Za-z0-9_-]{1,64}")


class RecordingError(Exception):
    """A record cannot be written or read; the text is one line and names the place."""


class RecordingVersionError(RecordingError):
    """The record was made by another version of this program."""

    def __init__(self, path: Path, found: object, supported: int = FORMAT) -> None:
        self.path = path
        self.found = found
        self.supported = supported
        super().__init__(
            f"{path} has the format {found!r}; this version reads and writes {supported} only"
        )


@dataclass(frozen=True, slots=True)
class Parent:
    """Where a fork began: after this tick of that run, in a state of this hash.

    `seed` is the one that the world was begun with; the fork's own may be another from there on.
    """

    run: str
    tick: int
    hash: str
    seed: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run is. `created` is an ISO 8601 time, `epoch` numbers the run's events.

    `versions` names the programs that made the record; `format` is that of the record. Fields that
    were added later, such as `parent`, may be missing in a file of the same format. `source` is the
    file and class of a scenario that is somebody's own (sim.scenario_file).
    """

    run: str
    scenario: str
    parameters: Mapping[str, Any]
    seed: int
    epoch: str
    created: str
    replication: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT
    parent: Parent | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run in a data folder; without a manifest, `problem` says in one line what is wrong."""

    run: str
    path: Path
    manifest: Manifest | None
    problem: str | None = None


def is_run(text: str) -> bool:
    """Whether the text can name a run: a topic's token of 64 characters at most."""
    return _RUN.fullmatch(text) is not None


def run_folder(data_dir: Path, run: str) -> Path:
    """Where a run is recorded; raises RecordingError where the text cannot name one."""
    if not is_run(run):
        raise RecordingError(
            f"{run[:80]!r} cannot name a run; allowed are 1 to 64 of A-Z a-z 0-9 _ -"
        )
    return data_dir / run


def list_runs(data_dir: Path) -> list[RunFolder]:
    """The runs of a data folder by time and name, the unreadable ones last.

    A folder that is not there holds none; raises RecordingError where it cannot be read.
    """
    try:
        folders = [
            path
            for path in data_dir.iterdir()
            if is_run(path.name) and os.path.isfile(path / MANIFEST)
        ]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RecordingError(f"{data_dir} cannot be read: {error.strerror}") from None
    found = [_found(path) for path in folders]
    return sorted(found, key=lambda run: (*_age(run.manifest), run.run))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make the folder and its manifest, which is there whole or not at all; raises RecordingError,
    also where a run is recorded there already."""
    if not is_run(manifest.run):
        raise RecordingError(f"{manifest.run[:80]!r} cannot name a run")
    if os.path.exists(folder / MANIFEST):
        raise RecordingError(f"{folder} holds a run already")
    temporary = folder / f"{MANIFEST}.{os.getpid()}.tmp"
    try:
        text = json.dumps(_content(manifest), indent=2, allow_nan=False) + "\n"
        folder.mkdir(parents=True, exist_ok=True)
        with temporary.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / MANIFEST)
    except (TypeError, ValueError) as error:
        raise RecordingError(f"the manifest of {manifest.run} has no JSON: {error}") from error
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise RecordingError(f"{folder} cannot be written: {error.strerror}") from error


def read_manifest(folder: Path) -> Manifest:
    """Raises RecordingError, and RecordingVersionError for another version's record."""
    path = folder / MANIFEST
    try:
        if path.stat().st_size > LARGEST_MANIFEST:
            raise RecordingError(f"{path} is damaged: it has more than {LARGEST_MANIFEST} bytes")
        content = json.loads(path.read_text())
    except FileNotFoundError:
        raise RecordingError(f"{folder} holds no recorded run: it has no {MANIFEST}") from None
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise RecordingError(f"{path} is damaged: it is not JSON") from None
    if not isinstance(content, dict) or "format" not in content:
        raise RecordingError(f"{path} is damaged: it names no format")
    if content["format"] != FORMAT:
        raise RecordingVersionError(path, content["format"])
    return _checked(path, content)


def _content(manifest: Manifest) -> dict[str, Any]:
    values = {known.name: getattr(manifest, known.name) for known in fields(Manifest)}
    parent = values.pop("parent")
    content = {
        name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()
    }
    if not content["source"]:
        del content["source"]
    return content if parent is None else {**content, "parent": asdict(parent)}


def _checked(path: Path, content: dict[str, Any]) -> Manifest:
    kinds: dict[str, type] = {
        "run": str, "scenario": str, "parameters": dict, "seed": int, "epoch": str,
        "created": str, "replication": int, "versions": dict,
    }  # fmt: skip
    _check(path, content, kinds)
    named = {known.name: content[known.name] for known in fields(Manifest) if known.name in kinds}
    source = content.get("source", "")
    _check(path, {"source": source}, {"source": str})
    return Manifest(**named, parent=_parent(path, content.get("parent")), source=source)


def _parent(path: Path, content: Any) -> Parent | None:
    if content is None:
        return None
    kinds: dict[str, type] = {"run": str, "tick": int, "hash": str, "seed": int}
    if not isinstance(content, dict):
        raise RecordingError(f"{path} is damaged: `parent` is {content!r:.60}")
    _check(path, content, kinds)
    return Parent(**{name: content[name] for name in kinds})


def _check(path: Path, content: Mapping[str, Any], kinds: Mapping[str, type]) -> None:
    for name, kind in kinds.items():
        if not isinstance(content.get(name), kind):
            raise RecordingError(f"{path} is damaged: `{name}` is {content.get(name)!r:.60}")


def _found(path: Path) -> RunFolder:
    try:
        return RunFolder(path.name, path, read_manifest(path))
    except RecordingError as error:
        return RunFolder(path.name, path, None, str(error))


def _age(manifest: Manifest | None) -> tuple[bool, str]:
    return (True, "") if manifest is None else (False, manifest.created)
