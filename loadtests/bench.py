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

BENCHMARKS = (
    "actors", "fanout", "ticks", "deflate", "idle", "slow", "inference", "record", "viewers",
    "mesa", "startup",
)  # fmt: skip
LONGEST = 300


def run(name: str, folder: Path) -> object:
    """Run one benchmark, which prints its table; its rows."""
    path = folder / f"{name}.json"
    command = [sys.executable, "-m", f"loadtests.bench_{name}", "--json", str(path)]
    subprocess.run(command, timeout=LONGEST, check=True)
    return json.loads(path.read_text())


def processor() -> str:
    """Its model, as the system names it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def conditions() -> dict[str, object]:
    """What the figures depend on."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "processor": processor(),
        "cores": os.cpu_count(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="|".join(BENCHMARKS), help="all when left out")
    parser.add_argument("--json", type=Path, help="write the rows there too, beside those it has")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    before = json.loads(options.json.read_text()) if options.json and options.json.exists() else {}
    found = {**before, "conditions": conditions(), "load": before.get("load", {})}
    with tempfile.TemporaryDirectory() as folder:
        for name in options.names or BENCHMARKS:
            # What others had the machine do in the minute before.
            found["load"][name] = round(os.getloadavg()[0], 1)
            found[name] = run(name, Path(folder))
            if options.json:
                options.json.parent.mkdir(parents=True, exist_ok=True)
                options.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
