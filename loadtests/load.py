"""`make load`: a server on a free loopback port, Locust against it, and the figures.

Locust runs as a process of its own, because importing it patches everything for gevent.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from loadtests.serving import serving

REPORTS = Path("reports")


def locust(port: int, users: int, seconds: int, spawn_rate: int, figures: Path) -> int:
    """Run Locust headless to its end; its exit status."""
    command = [
        sys.executable, "-m", "locust", "--locustfile", "loadtests/locustfile.py",
        "--headless", "--only-summary", "--host", f"ws://127.0.0.1:{port}",
        "--users", str(users), "--spawn-rate", str(spawn_rate),
        "--run-time", f"{seconds}s", "--html", str(REPORTS / "load.html"),
    ]  # fmt: skip
    environment = {**os.environ, "STAGEWATCH_LOAD_FIGURES": str(figures)}
    return subprocess.run(command, env=environment, timeout=seconds + 120, check=False).returncode


def table(figures: dict[str, Any], conditions: str) -> Table:
    out = Table(title=f"Load: {conditions}", title_justify="left")
    out.add_column("figure")
    out.add_column("value", justify="right")
    for name, value in figures.items():
        if isinstance(value, dict):
            for part, number in value.items():
                out.add_row(f"{name} {part}", f"{number:,.1f}")
        else:
            out.add_row(name, f"{value:,.0f}")
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1000, help="viewers at once")
    parser.add_argument("--seconds", type=int, default=60, help="length of the run")
    parser.add_argument("--spawn-rate", type=int, default=100, help="new viewers per second")
    parser.add_argument("--hz", type=float, default=5, help="events per second and viewer")
    options = parser.parse_args()
    REPORTS.mkdir(exist_ok=True)
    run = f"metronome:hz={options.hz:g},bytes=100"
    with tempfile.TemporaryDirectory() as folder, serving([run]) as (port, _, _):
        path = Path(folder) / "figures.json"
        status = locust(port, options.users, options.seconds, options.spawn_rate, path)
        figures = json.loads(path.read_text())
    conditions = f"{options.users} viewers, {options.hz:g} events/s each, {os.cpu_count()} cores, "
    conditions += f"Python {platform.python_version()}"
    (REPORTS / "load.json").write_text(json.dumps({"conditions": conditions, **figures}, indent=2))
    console = Console()
    console.print(table(figures, conditions))
    console.print(f"Report: {REPORTS / 'load.html'}, figures: {REPORTS / 'load.json'}")
    return status


if __name__ == "__main__":
    sys.exit(main())
