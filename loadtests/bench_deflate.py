"""What permessage-deflate costs the server at a fan-out: the same events with and without."""

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from loadtests import cores
from loadtests.contenders import SUBSCRIBE, Contender, Kind, Sample, module
from loadtests.drain import allow_descriptors
from loadtests.servers.control import FRAME_BYTES

CLIENTS = 1000
REPEATS = 9
DELIVERIES = 30  # frames for each client in a measurement
EVENTS = (1, 100)  # in a tick
HEADERS = "Sec-WebSocket-Extensions: permessage-deflate\r\n"

Row = dict[str, object]


def measured(repeats: int) -> list[Row]:
    """A row for each size of tick."""
    found: dict[tuple[int, str], list[Sample]] = {}
    with tempfile.TemporaryDirectory() as folder:
        running = {
            (events, headers): Contender(_kind(events, headers), CLIENTS, Path(folder))
            for events in EVENTS
            for headers in ("", HEADERS)
        }
        for turn in range(repeats + 1):
            for key, contender in running.items():
                sample = contender.measure(DELIVERIES)
                if turn:  # the first is to warm up
                    found.setdefault(key, []).append(sample)
        for contender in running.values():
            contender.end()
    return [_row(n, found[n, ""], found[n, HEADERS]) for n in EVENTS]


def _kind(events: int, headers: str) -> Kind:
    command = module("stage", words=[str(events)])
    return Kind(f"{events} events", command, "/ws/demo", SUBSCRIBE, headers)


def _row(events: int, plain: list[Sample], deflated: list[Sample]) -> Row:
    ratios = [d.rate / p.rate for p, d in zip(plain, deflated, strict=True)]
    return {
        "what": "1 event in a tick" if events == 1 else f"{events} events in a tick",
        "events_per_second": events * median(s.rate for s in plain),
        "events_per_second_deflated": events * median(s.rate for s in deflated),
        "ratio": median(ratios),
    }


def show(rows: list[Row], repeats: int) -> None:
    """Print the table."""
    title = f"permessage-deflate: events of {FRAME_BYTES} bytes to {CLIENTS} sockets"
    caption = f"median of {repeats}, in turns; {cores.told()}; wanted: a ratio of ≥ 0.5"
    table = Table(title=title, title_justify="left", caption=caption)
    for heading in ("", "events/s without", "with", "ratio"):
        table.add_column(heading, justify="right" if heading else "left")
    for row in rows:
        rates = (row["events_per_second"], row["events_per_second_deflated"])
        table.add_row(str(row["what"]), *(f"{rate:,.0f}" for rate in rates), f"{row['ratio']:.2f}")
    Console(width=110).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    options = parser.parse_args()
    allow_descriptors(1000)
    rows = measured(options.repeats)
    show(rows, options.repeats)
    if options.json:
        options.json.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
