"""`make bench`: every benchmark, each in a process of its own, one after the other."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

BENCHMARKS = ("actors", "fanout", "inference", "startup")
LONGEST = 300


def run(name: str, folder: Path) -> object:
    """Run one benchmark, which prints its table; its rows."""
    path = folder / f"{name}.json"
    command = [sys.executable, "-m", f"loadtests.bench_{name}", "--json", str(path)]
    subprocess.run(command, timeout=LONGEST, check=True)
    return json.loads(path.read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="|".join(BENCHMARKS), help="all when left out")
    parser.add_argument("--json", type=Path, help="write the rows there too")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    with tempfile.TemporaryDirectory() as folder:
        rows = {name: run(name, Path(folder)) for name in options.names or BENCHMARKS}
    if options.json:
        conditions = {
            "date": datetime.now(UTC).date().isoformat(),
            "python": platform.python_version(),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({"conditions": conditions, **rows}, indent=2))


if __name__ == "__main__":
    main()
