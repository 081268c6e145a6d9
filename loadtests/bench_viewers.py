"""What viewers cost the run that they watch: its ticks a second alone and with 50 of them.

The run goes as fast as it can, or is asked for 20 ticks a second. Viewers take what the page takes:
the newest tick and columns, ten times a second at most.
"""

import argparse
import json
import time
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from loadtests import cores
from loadtests.bench_ticks import subscribe
from loadtests.receivers import Receivers
from loadtests.serving import serving
from web.client_blocking import BlockingStage, open_stage

VIEWERS = 50
AGENTS = 1_000
SECONDS = 4.0  # of a phase
ROUNDS = 5
PACED_HZ = 20.0
MOST_PERCENT = 2.0
SCENARIOS = ("foragers", "tmaze")

Row = dict[str, Any]


def ticks_per_second(stage: BlockingStage, run: str) -> float:
    """By the run's own count."""
    first, started = stage.run(run).tick, time.perf_counter()
    time.sleep(SECONDS)
    last, passed = stage.run(run).tick, time.perf_counter() - started
    return (last - first) / passed


def watched(port: int) -> Receivers:
    message = subscribe("run.*.tick", mode="latest", max_hz=10)
    wanted = message.replace('["run.*.tick"]', '["run.*.tick","run.*.agents"]')
    return Receivers(VIEWERS, port, "/ws/demo", wanted)


def place(server: psutil.Process) -> None:
    """The server beside the viewers, so that the run's worker has a core of its own."""
    cores.move_to_client_core(server.pid)
    for worker in server.children():
        cores.move_to_server_core(worker.pid)


def row(scenario: str, hz: float) -> Row:
    """Alone and watched in turns."""
    alone, with_viewers = [], []
    with serving([]) as (port, process, _), open_stage(f"ws://127.0.0.1:{port}/ws/demo") as stage:
        run = stage.start(scenario, {"agents": AGENTS})
        place(psutil.Process(process.pid))
        stage.speed(run, hz)
        ticks_per_second(stage, run)
        for _ in range(ROUNDS):
            alone.append(ticks_per_second(stage, run))
            viewers = watched(port)
            try:
                with_viewers.append(ticks_per_second(stage, run))
            finally:
                viewers.end()
    slower = 100 * (1 - median(with_viewers) / median(alone))
    return {
        "scenario": scenario, "hz": hz, "alone": median(alone), "watched": median(with_viewers),
        "slower_percent": slower, "most_percent": MOST_PERCENT,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the rows there too")
    options = parser.parse_args()
    rows = [row(scenario, hz) for hz in (PACED_HZ, 0.0) for scenario in SCENARIOS]
    table = Table(
        title=f"A run of {AGENTS:,} agents, and {VIEWERS} who watch it", title_justify="left",
        caption="the run's worker on one core; the server and the viewers on another",
    )  # fmt: skip
    for heading in ("", "ticks/s alone", "watched", "slower", "at most"):
        table.add_column(heading, justify="right" if heading else "left")
    for found in rows:
        pace = f"asked for {found['hz']:g} a second" if found["hz"] else "as fast as it can"
        table.add_row(
            f"{found['scenario']}, {pace}", f"{found['alone']:.1f}", f"{found['watched']:.1f}",
            f"{found['slower_percent']:.1f} %", f"{found['most_percent']:g} %",
        )  # fmt: skip
    Console(width=110).print(table)
    if options.json:
        options.json.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
