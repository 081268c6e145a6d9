"""The main program of a sweep's process: takes its order, and says line by line how far it is."""

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec

from sim.catalogue import Catalogue
from sim.design import Design, Job, SweepError
from sim.sweep import RUNS, is_made, sweep
from web.mistakes import MISTAKES

DONE, WRONG = 0, 2


class Order(msgspec.Struct, frozen=True):
    """What is to be run, as sim.design has it; `folder` is absolute, and so is the
    `source` of a scenario that is somebody's own."""

    scenario: str
    points: list[dict[str, Any]]
    seeds: list[int]
    ticks: int
    every: int
    workers: int
    folder: str
    source: str = ""

    @property
    def design(self) -> Design:
        """Not checked yet."""
        return Design(self.scenario, tuple(self.points), tuple(self.seeds), self.ticks, self.every)


def main() -> int:
    """Ends with its standard input, so that it does not outlive the server."""
    server = _server()

    def say(**said: object) -> None:
        os.write(server, json.dumps(said).encode() + b"\n")

    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    threading.Thread(target=_end_with_server, daemon=True).start()
    design = order.design
    runs = Path(order.folder) / RUNS
    say(kept=sum(is_made(runs, job) for job in design.jobs()))

    def told(job: Job, reason: str | None) -> None:
        say(run=job.name, reason=reason)

    try:
        load = Catalogue.of([order.source] if order.source else ())
        outcome = sweep(design, order.folder, workers=order.workers, load=load, told=told)
    except (SweepError, *MISTAKES) as error:
        say(error=str(error))
        return WRONG
    say(tables=[path.name for path in outcome.tables])
    return DONE


def _server() -> int:
    """Standard output for the server alone, open until the process ends: what a scenario prints
    goes to standard error."""
    server = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return server


def _end_with_server() -> None:
    # Unbuffered: who waits in a buffer holds up the end of the process.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
