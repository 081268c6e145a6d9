"""Inference steps a second: the T-maze with 25 policies of two steps, all agents at once.

A step is what a tick costs the minds: belief, expected free energy, policies, action, columns.
"""

import argparse
import json
import time
from pathlib import Path
from statistics import median

import numpy as np
from rich.console import Console
from rich.table import Table

from sim.policies import Draws
from sim.population import Character, Population
from sim.scenarios.tmaze import TMaze

SECONDS = 2.0
ROUNDS = 3
AT_LEAST = {1: None, 100: 2000, 10_000: 30}


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


def rows() -> list[dict[str, object]]:
    """The median of the rounds for each number of agents."""
    return [
        {
            "agents": agents,
            "steps_per_second": median(steps_per_second(agents) for _ in range(ROUNDS)),
            "at_least": least,
        }
        for agents, least in AT_LEAST.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the rows there too")
    options = parser.parse_args()
    measured = rows()
    table = Table(title="Inference: T-maze, 25 policies, float64", title_justify="left")
    for heading in ("agents", "steps/s", "at least"):
        table.add_column(heading, justify="right")
    for row in measured:
        table.add_row(
            f"{row['agents']:,}", f"{row['steps_per_second']:,.0f}", str(row["at_least"] or "")
        )
    Console().print(table)
    if options.json:
        options.json.write_text(json.dumps(measured))


if __name__ == "__main__":
    main()
