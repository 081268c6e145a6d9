"""Which versions of what a run was made with."""

import platform
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

NAME = "stagewatch"


def own_version() -> str:
    """Of this program; `0` where it runs without being installed."""
    try:
        return version(NAME)
    except PackageNotFoundError:
        return "0"


def versions(source: str = "") -> dict[str, str]:
    """For the manifest of a run: what its numbers may depend on. Of a scenario that stands in
    somebody's own file (its `source`) also the file, with the hash of what is in it."""
    found = {NAME: own_version(), "python": platform.python_version(), "numpy": version("numpy")}
    if source:
        path = Path(source.rpartition(":")[0])
        found[path.name] = _content(path)
    return found


def _content(path: Path) -> str:
    try:
        return f"sha256 {sha256(path.read_bytes()).hexdigest()[:16]}"
    except OSError:
        return "missing"
