"""What connections cost that have nothing to say: memory, processor time, and their handshakes."""

import argparse
import json
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from loadtests import cores
from loadtests.serving import serving
from loadtests.talk import Talk

CLIENTS = 10_000
PROCESSES = 4
SECONDS = 65  # more than the heartbeat's timeout, so that who is not heard would be closed
SETTLE_SECONDS = 3
PATIENCE = 120.0
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
DEFLATE_CLIENTS = 1000

Row = dict[str, object]


class Crowd:
    """Processes full of idlers."""

    def __init__(self, clients: int, port: int, secret: str, headers: str) -> None:
        words = [str(port), str(clients // PROCESSES), secret, headers]
        command = [sys.executable, "-m", "loadtests.idlers", *words]
        self._talks = [Talk(cores.on_client_core(command)) for _ in range(PROCESSES)]
        self._facts()

    def asked(self, line: str) -> list[dict[str, Any]]:
        for talk in self._talks:
            talk.say(line)
        return self._facts()

    def end(self) -> None:
        for talk in self._talks:
            talk.end()

    def _facts(self) -> list[dict[str, Any]]:
        return [talk.facts(PATIENCE) for talk in self._talks]


@contextmanager
def server_and_crowd(clients: int, headers: str) -> Iterator[tuple[psutil.Process, Crowd]]:
    """A server without runs, and clients that have their tokens but are not connected yet."""
    secret = secrets.token_hex(32)
    # In this mode no run begins by itself.
    settings = {"mode": "dev", "auth.secret": secret}
    with serving([], settings, cores.on_server_core) as (port, process, _):
        crowd = Crowd(clients, port, secret, headers)
        try:
            time.sleep(SETTLE_SECONDS)
            yield psutil.Process(process.pid), crowd
        finally:
            crowd.end()


def handshakes_per_second(told: list[dict[str, Any]]) -> float:
    """Over all processes, from the first that began to the last that was greeted."""
    nanoseconds = max(t["ended"] for t in told) - min(t["started"] for t in told)
    return float(sum(t["open"] for t in told) / nanoseconds * 1e9)


def idle(clients: int, seconds: int) -> Row:
    """Connect with tokens, wait, and look at what the server took."""
    with server_and_crowd(clients, "") as (server, crowd):
        before = server.memory_info().rss
        rate = handshakes_per_second(crowd.asked("connect"))
        time.sleep(SETTLE_SECONDS)
        memory = server.memory_info().rss - before
        used, started = sum(server.cpu_times()[:2]), time.perf_counter()
        time.sleep(seconds)
        share = (sum(server.cpu_times()[:2]) - used) / (time.perf_counter() - started)
        told = crowd.asked("report")
    return {
        "what": f"{clients} idle connections for {seconds} s",
        "bytes_each": memory / clients,
        "core": share,
        "handshakes_per_second": rate,
        "pings_each": sum(t["pings"] for t in told) / clients,
        "lost": sum(t["closed"] for t in told),
    }


def bytes_each(clients: int, headers: str) -> float:
    """Memory of a connection that has asked something once."""
    with server_and_crowd(clients, headers) as (server, crowd):
        before = server.memory_info().rss
        crowd.asked("connect")
        answered = sum(told["answered"] for told in crowd.asked("ask"))
        assert answered == clients, f"{answered} of {clients} have an answer"
        time.sleep(SETTLE_SECONDS)
        return (server.memory_info().rss - before) / clients


def deflated() -> Row:
    """How much more a connection takes that negotiated permessage-deflate and used it."""
    plain, compressed = bytes_each(DEFLATE_CLIENTS, ""), bytes_each(DEFLATE_CLIENTS, DEFLATE)
    return {
        "what": f"{DEFLATE_CLIENTS} connections with permessage-deflate, each used",
        "bytes_each": compressed,
        "bytes_more": compressed - plain,
    }


def show(rows: list[Row]) -> None:
    """Print the table."""
    caption = (
        f"resident memory of `stagewatch serve`; each handshake with a token of its own (HS256);"
        f" {cores.told()}; wanted: ≤ 20,480 bytes each, ≤ 10 % of a core, none lost,"
        " ≥ 1,800 handshakes/s, with deflate ≤ 40,960 bytes more"
    )
    table = Table(title="Idle connections", title_justify="left", caption=caption)
    for heading in ("", "bytes each", "more", "a core", "handshakes/s", "pings each", "lost"):
        table.add_column(heading, justify="right" if heading else "left")
    formats = {
        "bytes_each": ",.0f", "bytes_more": ",.0f", "core": ".1%",
        "handshakes_per_second": ",.0f", "pings_each": ".1f", "lost": ",",
    }  # fmt: skip
    for row in rows:
        cells = [format(row[k], f) if k in row else "" for k, f in formats.items()]
        table.add_row(str(row["what"]), *cells)
    Console(width=120).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    options = parser.parse_args()
    rows = [idle(options.clients, options.seconds), deflated()]
    show(rows)
    if options.json:
        options.json.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
