"""An operating-system process that is watched, whether it is a child of this one or not."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from web.launch import Launch, packed
from web.run_folder import open_log

MODULE = "web.worker"


class Process:
    """Calls `ended` on the loop, once, when the process is gone."""

    def __init__(
        self, pid: int, child: subprocess.Popen[bytes] | None, ended: Callable[["Process"], object]
    ) -> None:
        """Raises ProcessLookupError where there is no such process."""
        self.pid = pid
        self.gone = asyncio.Event()
        self._child = child
        self._ended = ended
        self._descriptor = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(self._descriptor, self._notice)

    @property
    def code(self) -> int | None:
        """Its exit code, below 0 the signal that ended it; None where it was no child."""
        return None if self._child is None else self._child.poll()

    def signal(self, number: signal.Signals) -> None:
        """Nothing happens where it is gone."""
        if not self.gone.is_set():
            signal.pidfd_send_signal(self._descriptor, number)

    def _notice(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        if self._child is not None:
            self._child.poll()
        self.gone.set()
        self._ended(self)


def environment() -> dict[str, str]:
    """What a process that computes finds of this one's variables."""
    found = {
        name: value for name, value in os.environ.items() if not name.startswith("STAGEWATCH_")
    }
    # One run is one thread of arithmetic; more of them would only fight over the cores.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        found.setdefault(name, "1")
    return found


def start(launch: Launch) -> subprocess.Popen[bytes]:
    """Starts a worker in a session of its own; what it must know goes through its standard input.

    To be called on a thread. Raises OSError.
    """
    log = open_log(Path(launch.folder))
    try:
        child = subprocess.Popen(
            [sys.executable, "-m", MODULE, launch.run],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
            env=environment(),
        )
    finally:
        os.close(log)
    assert child.stdin is not None
    try:
        with child.stdin as stdin:
            stdin.write(packed(launch))
    except BrokenPipeError:
        pass  # it died already, which is noticed soon enough
    return child


def is_worker(pid: int, run: str) -> bool:
    """Whether the process is a worker of this run, and not another that has its number."""
    return is_running(MODULE, pid, run)


def is_running(module: str, pid: int, word: str) -> bool:
    """Whether the process runs this module of ours, with this word among its arguments."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return module.encode() in words and word.encode() in words


def words_for(code: int | None, who: str = "the worker") -> str:
    """How it ended, for people."""
    if code is None:
        return f"{who} ended"
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"{who} was ended by {name}"
    return f"{who} ended with exit status {code}"
