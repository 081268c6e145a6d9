"""The real server as a process of its own, as it runs for people."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

READY = " is ready at "
ENDS_WITHIN = 20.0  # seconds


class Served:
    """`stagewatch serve` on a port that stays the same, so that it can be started again."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self._arguments = arguments
        self._data = data
        self._port = free_port()
        self._process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Returns when the server says that it is ready."""
        environment = {**os.environ, "STAGEWATCH_DATA_DIR": str(self._data)}
        command = [sys.executable, "-m", "web.cli", "serve", "--port", str(self._port)]
        with (self._data.parent / "server.log").open("a") as log:
            self._process = subprocess.Popen(
                [*command, *self._arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
            )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if READY not in said:
            self.kill()
        assert READY in said, f"the server said {said!r}; see {log.name}"

    def kill(self) -> None:
        """Ends it at once, as a crash does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ends it in order, with its workers."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        process.wait(ENDS_WITHIN)
        assert process.stdout is not None
        process.stdout.close()


def free_port() -> int:
    """One that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
