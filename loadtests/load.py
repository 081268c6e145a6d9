"""`make load`: a server on a free loopback port, Locust against it, and the figures.

Locust runs in processes of its own, because importing it patches everything for gevent.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from loadtests.figures import Figures, gather
from loadtests.serving import serving

REPORTS = Path("reports")
# What the Locust processes of two cores take in, beside the server; measured, not chosen.
EVENTS_PER_SECOND = 5000
MOST_HZ = 5.0
PROCESSES = os.cpu_count() or 1
FIGURES_WITHIN = 30.0  # seconds


def locust(
    port: int, words: Sequence[str], *, report: Path, longest: float, processes: int = 0
) -> tuple[int, Figures]:
    """Run Locust headless to its end; its exit status and figures. `processes` 0: in its own."""
    command = [
        sys.executable, "-m", "locust", "--headless", "--only-summary",
        "--host", f"ws://127.0.0.1:{port}", "--html", str(report), *words,
    ]  # fmt: skip
    if processes:
        command += ["--processes", str(processes)]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "STAGEWATCH_LOAD_FIGURES": folder}
        done = subprocess.run(command, env=environment, timeout=longest, check=False)
        return done.returncode, gather(_left_in(Path(folder), processes or 1))


def _left_in(folder: Path, processes: int) -> list[Path]:
    """The files of all Locust processes, some of which outlive the first for a while.

    Raises:
        TimeoutError: a process left none
    """
    deadline = time.monotonic() + FIGURES_WITHIN
    while len(found := list(folder.glob("*.json"))) < processes:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(found)} of {processes} Locust processes left their figures")
        time.sleep(0.1)
    return found


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
    parser.add_argument("--seconds", type=int, default=60, help="length of the run after the ramp")
    parser.add_argument("--spawn-rate", type=int, default=100, help="new viewers per second")
    parser.add_argument(
        "--hz", type=float,
        help=f"events per second and viewer; {EVENTS_PER_SECOND} by users, at most {MOST_HZ:g}",
    )  # fmt: skip
    options = parser.parse_args()
    hz = options.hz or min(MOST_HZ, EVENTS_PER_SECOND / options.users)
    ramp = options.users / options.spawn_rate
    words = [
        "--locustfile", "loadtests/locustfile.py", "--users", str(options.users),
        "--spawn-rate", str(options.spawn_rate), "--run-time", f"{ramp + options.seconds:.0f}s",
    ]  # fmt: skip
    REPORTS.mkdir(exist_ok=True)
    with serving([f"metronome:hz={hz:g},bytes=100"]) as (port, _, _):
        status, figures = locust(
            port,
            words,
            report=REPORTS / "load.html",
            longest=ramp + options.seconds + 120,
            processes=PROCESSES,
        )
    conditions = (
        f"{options.users} viewers, {options.spawn_rate} new ones per second, {hz:g} events/s each,"
        f" {PROCESSES} cores, as many Locust processes, Python {platform.python_version()}"
    )
    report = figures.report()
    (REPORTS / "load.json").write_text(json.dumps({"conditions": conditions, **report}, indent=2))
    console = Console()
    console.print(table(report, conditions))
    for what, count in (figures.refused + figures.failed).items():
        console.print(f"{count} × {what}")
    console.print(f"Report: {REPORTS / 'load.html'}, figures: {REPORTS / 'load.json'}")
    held = report["connections_held"] == options.users and not report["connections_lost"]
    return status or (0 if held and not report["failures"] else 1)


if __name__ == "__main__":
    sys.exit(main())
