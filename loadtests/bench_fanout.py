"""How fast one event reaches many sockets: Stagewatch, its peers, and what a core can do."""

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from loadtests import cores
from loadtests.compiled import NotCompiledError
from loadtests.contenders import KINDS, LIMIT, OURS, Contender, Kind, NotHereError, Sample
from loadtests.drain import allow_descriptors
from loadtests.servers.control import FRAME_BYTES
from loadtests.talk import Silence

CLIENTS = 1000
ROUNDS = 50
REPEATS = 15

Row = dict[str, object]


def measured(names: list[str], clients: int, rounds: int, repeats: int) -> list[Row]:
    """A row for each contender, measured in turns; for those that are not here, the cause."""
    wanted = [kind for kind in KINDS if not names or any(n in kind.name for n in names)]
    found: dict[str, list[Sample]] = {}
    left_out: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        running = _started(wanted, clients, Path(folder), left_out)
        try:
            for turn in range(repeats + 1):
                for name, contender in running.items():
                    sample = contender.measure(rounds)
                    if turn:  # the first is to warm up
                        found.setdefault(name, []).append(sample)
        finally:
            for contender in running.values():
                contender.end()
    return [*_rows(found), *left_out]


def _started(
    kinds: list[Kind], clients: int, folder: Path, left_out: list[Row]
) -> dict[str, Contender]:
    running = {}
    for kind in kinds:
        try:
            running[kind.name] = Contender(kind, clients, folder)
        except (NotHereError, NotCompiledError) as error:
            left_out.append({"what": kind.name, "left_out": str(error)})
        except Silence as error:
            # A peer that is installed may still not run on this kind of machine.
            left_out.append({"what": kind.name, "left_out": f"it does not start: {error}"})
    return running


def _rows(found: dict[str, list[Sample]]) -> list[Row]:
    rates = {name: median(s.rate for s in samples) for name, samples in found.items()}
    rows: list[Row] = []
    for name, samples in found.items():
        row: Row = {
            "what": name,
            "deliveries_per_second": rates[name],
            "lowest": min(s.rate for s in samples),
            "highest": max(s.rate for s in samples),
            "busy": median(s.busy for s in samples),
        }
        if LIMIT in found:
            row["of_limit"] = median(
                s.rate / most.rate for s, most in zip(samples, found[LIMIT], strict=True)
            )
        if OURS in found:
            row["ours_times"] = rates[OURS] / rates[name]
        rows.append(row)
    return rows


def show(rows: list[Row], clients: int, rounds: int, repeats: int) -> None:
    """Print the table."""
    title = f"Fan-out of one event of {FRAME_BYTES} bytes to {clients} sockets"
    caption = (
        f"median of {repeats} × {rounds} events, in turns, until the last byte has arrived;"
        f" {cores.told()}; wanted of Stagewatch: ≥ 0.65 of the limit"
    )
    table = Table(title=title, title_justify="left", caption=caption)
    for heading in ("", "deliveries/s", "lowest", "highest", "of the limit", "its core"):
        table.add_column(heading, justify="right" if heading else "left")
    for row in rows:
        if "left_out" in row:
            table.add_row(str(row["what"]), f"left out: {row['left_out']}")
            continue
        rates = [f"{row[key]:,.0f}" for key in ("deliveries_per_second", "lowest", "highest")]
        share = f"{row['of_limit']:.2f}" if "of_limit" in row else ""
        table.add_row(str(row["what"]), *rates, share, f"{row['busy']:.0%}")
    Console(width=110).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of names; all when left out")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="events in a measurement")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    options = parser.parse_args()
    allow_descriptors(1000)
    size = options.clients, options.rounds, options.repeats
    rows = measured(options.names, *size)
    show(rows, *size)
    if options.json:
        options.json.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
