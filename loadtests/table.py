"""Puts the figures of reports/bench.json into the README, between two marks.

`make bench` measures them, `make bench-table` writes them.
"""

import json
from pathlib import Path
from typing import Any

from loadtests.contenders import OURS

ROOT = Path(__file__).parent.parent
REPORT, README = ROOT / "reports" / "bench.json", ROOT / "README.md"
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"

_HEADING = "| one event of 240 bytes to 1,000 clients | deliveries/s | of the limit |"


class NoMarkError(Exception):
    """A text in which there is no place for the table."""


def rendered(report: dict[str, Any]) -> str:
    """The table of the fan-out, and what it was measured on, as Markdown."""
    rows = [row for row in report["fanout"] if "left_out" not in row]
    rows.sort(key=lambda row: -row["deliveries_per_second"])
    lines = [_HEADING, "|---|--:|--:|"]
    for row in rows:
        name = f"**{row['what']}**" if row["what"] == OURS else row["what"]
        share = f"{row['of_limit']:.2f}" if "of_limit" in row else ""
        lines.append(f"| {name} | {_round(row['deliveries_per_second'])} | {share} |")
    absent = [row for row in report["fanout"] if "left_out" in row]
    if absent:
        causes = "; ".join(f"{row['what']}: {row['left_out']}" for row in absent)
        lines += ["", f"Not measured: {causes}."]
    return "\n".join([*lines, "", _told(report["conditions"], report["load"]["fanout"])])


def placed(text: str, table: str) -> str:
    """The text with the table between its marks, in place of what was there; raises NoMarkError."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoMarkError(f"there are no lines {BEGIN} and {END} to put the table between")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def _told(conditions: dict[str, Any], load: float) -> str:
    return (
        "Each server on one core, its clients on another; medians of runs in turns; the limit is a"
        f" C program that only calls `send()`. Python {conditions['python']},"
        f" {conditions['system']}, {conditions['processor']}, {conditions['cores']} cores, load by"
        f" others in the minute before {load}, {conditions['date']}."
    )


def _round(rate: float) -> str:
    """To three digits: more are not repeatable."""
    return f"{float(f'{rate:.3g}'):,.0f}"


def main() -> None:
    README.write_text(placed(README.read_text(), rendered(json.loads(REPORT.read_text()))))


if __name__ == "__main__":
    main()
