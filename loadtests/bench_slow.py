"""What clients that stop reading do to the server and to the others: a tenth of 1,000 stalls."""

import argparse
import json
import threading
import time
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from loadtests import cores
from loadtests.bench_ticks import (
    CLIENTS,
    EVENTS,
    HZ,
    PATIENCE,
    WARM_SECONDS,
    publishing,
    subscribe,
)
from loadtests.receivers import Watchers

STALLED = 50  # of each mode
SECONDS = 20
MODES = ("all", "latest")
BEFORE, STALLING, AFTER = "all read", "a tenth does not read", "all read again"
PHASES = (BEFORE, STALLING, AFTER)

Row = dict[str, object]


class Memory:
    """The most resident memory of a process since it was last asked; looks every 50 ms."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def most(self) -> float:
        """In MB."""
        most, self._most = self._most, 0
        return most / 1e6

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.05):
            self._most = max(self._most, self._process.memory_info().rss)


def measured(seconds: int) -> list[Row]:
    """Before, while a tenth does not read, and after."""
    rows: list[Row] = []
    with publishing(EVENTS, HZ) as (server, port):

        def crowd(clients: int, mode: str) -> Watchers:
            message = subscribe("run.bench.>", mode=mode)
            return Watchers(clients, port, "/ws/demo", message)

        # In processes of their own, since to catch up must not delay those who measure.
        slow = {mode: crowd(STALLED, mode) for mode in MODES}
        steady = [crowd(CLIENTS // len(MODES) - STALLED, mode) for mode in MODES]
        memory = Memory(server.process.pid)
        server.say(str((3 * seconds + WARM_SECONDS + 1) * HZ))
        time.sleep(WARM_SECONDS)
        for watchers in steady:
            watchers.report()
        memory.most()
        for phase in PHASES:
            for watchers in slow.values():
                if phase == STALLING:
                    watchers.stall()
                elif phase == AFTER:
                    watchers.go_on()
            time.sleep(seconds)
            reports = [watchers.report() for watchers in steady]
            rows.append(row(phase, reports, memory.most()))
        rows[-1]["closed"] = {mode: slow[mode].report()["closed"] for mode in MODES}
        server.facts(PATIENCE)
        memory.end()
        for watchers in (*slow.values(), *steady):
            watchers.end()
    return rows


def row(what: str, reports: list[dict[str, float]], memory: float) -> Row:
    """The worse of the modes, of those who read all the time."""
    return {
        "what": what,
        "megabytes": memory,
        "p50": max(report["p50"] for report in reports),
        "p99": max(report["p99"] for report in reports),
        "max": max(report["max"] for report in reports),
        "frames": sum(report["frames"] for report in reports),
        "lost": sum(report["closed"] for report in reports),
    }


def show(rows: list[Row], seconds: int) -> None:
    """Print the table."""
    title = f"Slow readers: {EVENTS} events in a tick, {HZ} ticks/s, {CLIENTS} clients"
    closed = rows[-1]["closed"]
    assert isinstance(closed, dict)
    caption = (
        f"{seconds} s each; half of all, and of the {len(MODES) * STALLED} slow ones, asked for"
        f" `all`, half for `latest`; the age of frames at the others; {cores.told()}; wanted:"
        " neither memory nor p99 change. Closed as slow: "
        + ", ".join(f"{closed[mode]} of {STALLED} `{mode}`" for mode in MODES)
    )
    table = Table(title=title, title_justify="left", caption=caption)
    headings = ("", "server MB", "p50 ms", "p99 ms", "max ms", "others lost")
    for heading in headings:
        table.add_column(heading, justify="right" if heading else "left")
    for r in rows:
        cells = [f"{r['megabytes']:.0f}", *(f"{r[key]:.1f}" for key in ("p50", "p99", "max"))]
        table.add_row(str(r["what"]), *cells, str(r["lost"]))
    Console(width=110).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    options = parser.parse_args()
    rows = measured(options.seconds)
    show(rows, options.seconds)
    if options.json:
        options.json.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
