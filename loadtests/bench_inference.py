"""Inference steps a second: the T-maze with 25 policies of two steps, all agents at once.

A step is what a tick costs the minds: belief, expected free energy, policies, action, columns.
Where the extra `pymdp` is installed, its agents take turns with ours on the same core.
"""

import argparse
import json
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from loadtests.peer_pymdp import pymdp_steps_per_second, pymdp_version
from sim.policies import Draws
from sim.population import Character, Population
from sim.scenarios.tmaze import TMaze

SECONDS = 2.0
ROUNDS = 3
AT_LEAST = {1: None, 100: 2000, 10_000: 30}
TIMES_PYMDP = 3

Row = dict[str, Any]


def population(agents: int) -> tuple[Population, np.ndarray, Draws]:
    """Agents whose beliefs all differ, so that none shares another's calculation; they look at
    the cue again and again."""
    mind = TMaze(agents=agents, cue_validity=0.9).mind()
    group = Population(agents, mind, Character())
    random = np.random.default_rng(1)
    rows = mind.likelihood.row(np.tile([[0, 0, 0]], (agents, 1)))
    return group, rows, Draws(random.random(agents), random.random(agents))


def steps_per_second(agents: int) -> float:
    """One round; every step begins from other beliefs, distinct for each agent."""
    group, rows, draws = population(agents)
    random = np.random.default_rng(2)
    priors = []
    for _ in range(4):
        left = random.random(agents)
        prior = np.zeros((agents, 10))
        prior[:, 0], prior[:, 1] = left, 1 - left
        priors.append(prior)
    steps, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        group.prior = priors[steps % 4]
        group.think(rows, draws)
        steps += 1
    return steps / (time.perf_counter() - started)


def row(agents: int, least: int | None, with_pymdp: bool) -> Row:
    """The medians of the rounds."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(steps_per_second(agents))
        if with_pymdp:
            theirs.append(pymdp_steps_per_second(agents, SECONDS))
    made: Row = {"agents": agents, "steps_per_second": median(ours), "at_least": least}
    if with_pymdp:
        made["pymdp_steps_per_second"] = median(theirs)
        made["times_pymdp"] = median(ours) / median(theirs)
    return made


def show(rows: list[Row], pymdp: str) -> None:
    """Print the table."""
    peer = f"pymdp {pymdp}" if pymdp else "pymdp (not installed)"
    title = "Inference: T-maze, 25 policies, float64"
    table = Table(title=title, title_justify="left")
    for heading in ("agents", "steps/s", "at least", peer, f"times; {TIMES_PYMDP} wanted"):
        table.add_column(heading, justify="right")
    for each in rows:
        beside = each.get("pymdp_steps_per_second")
        found = ("", "") if beside is None else (f"{beside:,.1f}", f"{each['times_pymdp']:.1f}")
        table.add_row(
            f"{each['agents']:,}", f"{each['steps_per_second']:,.0f}", str(each["at_least"] or ""),
            *found,
        )  # fmt: skip
    Console(width=110).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the rows there too")
    options = parser.parse_args()
    pymdp = pymdp_version()
    measured = [row(agents, least, bool(pymdp)) for agents, least in AT_LEAST.items()]
    show(measured, pymdp)
    if options.json:
        options.json.write_text(json.dumps(measured))


if __name__ == "__main__":
    main()
