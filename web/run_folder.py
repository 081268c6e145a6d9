"""The folders of runs: their names, who holds one, and what the server notes in it."""

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from sim.manifest import MANIFEST

REPLAY = "replay"  # begins the names of replays, which have a folder but no record
LOCK, MARK, LOG = "lock", "state.json", "worker.log"
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_LARGEST_LOG = 1_000_000  # bytes
_TAIL = 4096  # bytes of a log that are looked at for a reason
_SAID = re.compile(r"^[\d-]{10} [\d:,]{8,12} [A-Z]+ [\w.]+: ")


@dataclass(frozen=True, slots=True)
class Mark:
    """Whether a server is to take the run up again; absent for runs without one."""

    state: Literal["live", "finished", "failed"]
    tick: int = 0
    reason: str | None = None


def reserve(data_dir: Path, scenario: str) -> str:
    """A name for a new run, and its folder. Raises OSError."""
    while True:
        run = f"{scenario}-{''.join(secrets.choice(_ALPHABET) for _ in range(6))}"
        with contextlib.suppress(FileExistsError):
            (data_dir / run).mkdir(parents=True)
            return run


def discard(folder: Path) -> None:
    """Removes the folder of a run that has no record; nothing happens where there is one."""
    if not (folder / MANIFEST).exists():
        shutil.rmtree(folder, ignore_errors=True)


def clear_replays(data_dir: Path) -> None:
    """Removes what replays left behind whose server was killed."""
    for folder in data_dir.glob(f"{REPLAY}-*"):
        if folder.is_dir() and not is_held(folder):
            discard(folder)


def note(folder: Path, mark: Mark) -> None:
    """Writes the mark, whole or not at all. Raises OSError."""
    draft = folder / f".{MARK}"
    draft.write_text(json.dumps(asdict(mark)), encoding="utf-8")
    draft.replace(folder / MARK)


def noted(folder: Path) -> Mark | None:
    """The mark; None where there is none that can be read."""
    try:
        found = json.loads((folder / MARK).read_text(encoding="utf-8"))
        return Mark(found["state"], int(found["tick"]), found["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def hold(folder: Path, name: str = LOCK) -> int | None:
    """Takes the lock, which is this process's until it ends or closes the descriptor; None where
    another process has it. Raises OSError."""
    descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_held(folder: Path) -> bool:
    """Whether a process has the run."""
    descriptor = hold(folder)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def open_log(folder: Path) -> int:
    """A descriptor for what the worker says; begun anew when it has become long."""
    path = folder / LOG
    too_long = path.exists() and path.stat().st_size > _LARGEST_LOG
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if too_long else 0)
    return os.open(path, flags, 0o600)


def last_words(folder: Path) -> str:
    """The last line that the worker said, without when and where it said so."""
    try:
        with (folder / LOG).open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL))
            lines = file.read().decode(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return _SAID.sub("", lines[-1].strip()) if lines else ""
