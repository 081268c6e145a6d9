"""How long a user waits: `import sim…`, and `stagewatch serve` until it is ready."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from loadtests.serving import serving

REPEATS = 5


def import_seconds(statement: str) -> float:
    """Wall time of a fresh interpreter that runs the statement, less that of an empty one."""
    seconds = []
    for code in ("pass", statement):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        seconds.append(time.perf_counter() - started)
    return seconds[1] - seconds[0]


def ready_seconds() -> float:
    """From starting the process to the first 200 of `/readyz`."""
    with serving(["foragers"]) as (_, _, seconds):
        return seconds


MEASURES: dict[str, tuple[Callable[[], float], float]] = {
    "import sim.simulation and foragers": (
        lambda: import_seconds("import sim.simulation, sim.scenarios.foragers"),
        0.3,
    ),
    "stagewatch serve until ready": (ready_seconds, 2.0),
}


def rows() -> list[dict[str, object]]:
    """Median seconds of each, and the most that it may take."""
    return [
        {"what": name, "seconds": median(measure() for _ in range(REPEATS)), "at_most": most}
        for name, (measure, most) in MEASURES.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    measured = rows()
    table = Table(title=f"Start (median of {REPEATS})", title_justify="left")
    for heading in ("what", "seconds", "at most"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for row in measured:
        table.add_row(str(row["what"]), f"{row['seconds']:.2f}", f"{row['at_most']}")
    Console().print(table)
    if options.json:
        options.json.write_text(json.dumps(measured))


if __name__ == "__main__":
    main()
