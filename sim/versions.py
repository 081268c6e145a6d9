"""Which versions of what a run was made with."""

import platform
from importlib.metadata import PackageNotFoundError, version

NAME = "stagewatch"


def own_version() -> str:
    """Of this program; `0` where it runs without being installed."""
    try:
        return version(NAME)
    except PackageNotFoundError:
        return "0"


def versions() -> dict[str, str]:
    """For the manifest of a run: what its numbers may depend on."""
    return {NAME: own_version(), "python": platform.python_version(), "numpy": version("numpy")}
