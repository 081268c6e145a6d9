"""How old events are when they arrive: 100 in a tick, 20 ticks a second, 1,000 clients."""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from loadtests import cores
from loadtests.receivers import Watchers
from loadtests.serving import serving
from loadtests.talk import Talk

CLIENTS = 1000
EVENTS = 100
HZ = 20
BYTES = 100  # of padding in an event
SECONDS = 20
WARM_SECONDS = 3
PATIENCE = 60.0
WANTED_MS = 40

Row = dict[str, object]


@contextmanager
def publishing(events: int, hz: float) -> Iterator[tuple[Talk, int]]:
    """A server that publishes from within, and its port."""
    words = [str(number) for number in (CLIENTS, events, hz, BYTES)]
    command = [sys.executable, "-m", "loadtests.servers.ticking", *words]
    server = Talk(cores.on_server_core(command))
    try:
        yield server, server.facts(PATIENCE)["port"]
    finally:
        server.end()


def subscribe(pattern: str, **how: object) -> str:
    return json.dumps({"type": "subscribe", "events": [pattern], **how})


def from_within(seconds: int) -> Row:
    """Published by the server's own process."""
    with publishing(EVENTS, HZ) as (server, port):
        watchers = Watchers(CLIENTS, port, "/ws/demo", subscribe("run.bench.>"))
        server.say(str(WARM_SECONDS * HZ))
        server.facts(PATIENCE)
        watchers.report()
        server.say(str(seconds * HZ))
        told = server.facts(seconds + PATIENCE)
        # What was published last is on its way.
        time.sleep(0.5)
        report = watchers.report()
        watchers.end()
    busy = told["cpu"] / (told["ended"] - told["started"])
    return row("published by the server's process", report, seconds, busy)


def from_worker(seconds: int) -> Row:
    """A run in its worker process: the way of a real event."""
    run = f"metronome:hz={HZ},bytes={BYTES},events_per_tick={EVENTS}"
    with serving([run], wrap=cores.on_server_core) as (port, process, _):
        server = psutil.Process(process.pid)
        for worker in server.children(recursive=True):
            cores.move_to_client_core(worker.pid)
        watchers = Watchers(CLIENTS, port, "/ws/demo", subscribe("run.*.log.beat"))
        time.sleep(WARM_SECONDS)
        watchers.report()
        before, started = sum(server.cpu_times()[:2]), time.perf_counter()
        time.sleep(seconds)
        report = watchers.report()
        passed = time.perf_counter() - started
        busy = (sum(server.cpu_times()[:2]) - before) / passed
        watchers.end()
    return row("published by a worker", report, passed, busy)


def row(what: str, report: dict[str, float], seconds: float, busy: float) -> Row:
    """Frames and events per second, ages in milliseconds."""
    events = report["events_in_a_frame"] * report["frames"]
    keys = ("fewest_frames", "most_frames", "closed", "p50", "p99", "p99_9", "max")
    return {
        "what": what,
        "deliveries_per_second": events / seconds,
        "frames_per_second": report["frames"] / seconds,
        "megabytes_per_second": report["bytes"] / seconds / 1e6,
        "busy": busy,
        **{key: report[key] for key in keys},
    }


def show(rows: list[Row]) -> None:
    """Print the table."""
    title = f"{EVENTS} events in a tick, {HZ} ticks/s, {CLIENTS} clients"
    caption = (
        f"age of every frame at every client, by the clock of its oldest event; {cores.told()};"
        f" wanted: {EVENTS * HZ * CLIENTS:,} deliveries/s, p99 ≤ {WANTED_MS} ms"
    )
    table = Table(title=title, title_justify="left", caption=caption)
    headings = ("", "deliveries/s", "MB/s", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "its core")
    for heading in headings:
        table.add_column(heading, justify="right" if heading else "left")
    for r in rows:
        ages = [f"{r[key]:.1f}" for key in ("p50", "p99", "p99_9", "max")]
        rates = [f"{r['deliveries_per_second']:,.0f}", f"{r['megabytes_per_second']:,.0f}"]
        table.add_row(str(r["what"]), *rates, *ages, f"{r['busy']:.0%}")
    Console(width=110).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    options = parser.parse_args()
    rows = [from_within(options.seconds), from_worker(options.seconds)]
    show(rows)
    if options.json:
        options.json.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
