"""A server of its own for a load run or a benchmark: a process on a free loopback port."""

import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

CONFIG = Path(__file__).parent / "load.yaml"
READY_WITHIN = 15.0
STOPPED_WITHIN = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def raise_file_limit() -> None:
    """Allow this process and those that it starts as many files as the system permits."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> float:
    """Seconds until `/readyz` answers 200.

    Raises:
        RuntimeError: the server ended, or is not ready in time
    """
    started = time.perf_counter()
    while time.perf_counter() - started < READY_WITHIN:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return time.perf_counter() - started
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise RuntimeError(f"the server was not ready within {READY_WITHIN:.0f} s")


@contextmanager
def serving(
    runs: Sequence[str],
    settings: Mapping[str, object] | None = None,
    wrap: Callable[[list[str]], list[str]] = list,
) -> Iterator[tuple[int, subprocess.Popen[bytes], float]]:
    """Serve the runs (`scenario:key=value,…`); give port, process and seconds until ready.

    `settings` are paths (`limits.connections`) with values, over those of load.yaml.
    """
    raise_file_limit()
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="stagewatch-load-") as data:
        command = [sys.executable, "-m", "web.cli", "serve", "--config", str(CONFIG)]
        command += ["--port", str(port)]
        for run in runs:
            command += ["--run", run]
        environment = {**os.environ, "STAGEWATCH_DATA_DIR": data}
        for path, value in (settings or {}).items():
            environment[f"STAGEWATCH_{path.upper().replace('.', '__')}"] = str(value)
        process = subprocess.Popen(wrap(command), env=environment, stdout=subprocess.DEVNULL)
        try:
            yield port, process, wait_until_ready(port, process)
        finally:
            process.terminate()
            try:
                process.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
