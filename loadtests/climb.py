"""`make climb`: more viewers than a server takes; those inside must not notice the others."""

import argparse
import os
import sys

from rich.console import Console
from rich.table import Table

from loadtests.figures import Figures
from loadtests.load import REPORTS, locust
from loadtests.serving import serving

CONNECTIONS = 500
HZ = 5
LONGEST = 300.0
REFUSAL = "CONNECTION_LIMIT_EXCEEDED 1013"
TURNED_AWAY = "connect: ConnectionRefusedError"
# How much the p99 may move by itself from one half of a run to the other.
WORSE = 1.5
WORSE_BY_MS = 20.0


def findings(figures: Figures, connections: int) -> list[tuple[str, str, bool]]:
    """What was looked at, what was seen, and whether it is as it should be."""
    before, past = (h.milliseconds() for h in (figures.latency_before, figures.latency))
    refused = dict(figures.refused)
    failed = {what: n for what, n in figures.failed.items() if what != TURNED_AWAY}
    return [
        ("connections held at most", str(figures.held), figures.held == connections),
        ("refused, by code and close code", str(refused), set(refused) == {REFUSAL}),
        ("connections lost inside", str(figures.lost), figures.lost == 0),
        ("failed requests inside", str(failed), not failed),
        (
            "latency p99 until full, past it",
            f"{before['p99']:.0f} ms, {past['p99']:.0f} ms",
            past["p99"] <= WORSE * before["p99"] + WORSE_BY_MS,
        ),
        ("events", f"{figures.events:,}", figures.events > 0),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help="the server's limit")
    options = parser.parse_args()
    REPORTS.mkdir(exist_ok=True)
    os.environ["CLIMB_CONNECTIONS"] = str(options.connections)
    settings = {"limits.connections": options.connections}
    words = ["--locustfile", "loadtests/climbfile.py"]
    with serving([f"metronome:hz={HZ},bytes=100"], settings) as (port, _, _):
        _, figures = locust(port, words, report=REPORTS / "climb.html", longest=LONGEST)
    seen = findings(figures, options.connections)
    table = Table(title=f"A server full at {options.connections}", title_justify="left")
    for heading in ("what", "seen", ""):
        table.add_column(heading)
    for what, value, is_good in seen:
        table.add_row(what, value, "as it should be" if is_good else "WRONG")
    Console(width=110).print(table)
    return 0 if all(is_good for *_, is_good in seen) else 1


if __name__ == "__main__":
    sys.exit(main())
