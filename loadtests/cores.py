"""One core for the server that is measured, another for its clients, where there are two."""

import os
import shutil
from collections.abc import Sequence


def _pinned() -> bool:
    return shutil.which("taskset") is not None and len(os.sched_getaffinity(0)) > 1


def on_server_core(command: Sequence[str]) -> list[str]:
    """The command, held to the core of the server."""
    return _on(min(os.sched_getaffinity(0)), command)


def on_client_core(command: Sequence[str]) -> list[str]:
    """The command, held to another core than the server's."""
    return _on(max(os.sched_getaffinity(0)), command)


def move_to_client_core(pid: int) -> None:
    """All threads of a process that runs already."""
    _move(pid, max(os.sched_getaffinity(0)))


def move_to_server_core(pid: int) -> None:
    """All threads of a process that runs already."""
    _move(pid, min(os.sched_getaffinity(0)))


def told() -> str:
    """Where servers and clients run, for the caption of a table."""
    if _pinned():
        return "the server on one core, its clients on another"
    return "server and clients on whatever core is free"


def _move(pid: int, core: int) -> None:
    if _pinned():
        for thread in os.listdir(f"/proc/{pid}/task"):
            os.sched_setaffinity(int(thread), {core})


def _on(core: int, command: Sequence[str]) -> list[str]:
    return ["taskset", "--cpu-list", str(core), *command] if _pinned() else list(command)
