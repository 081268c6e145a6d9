"""Reference models of the agent-based field, against Mesa's own examples in the same run.

Mesa is optional (`pip install 'stagewatch[mesa]'`); without it our own times are measured alone.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from sim.scenario import Scenario
from sim.scenarios.boids import Boids
from sim.scenarios.flocking import Flocking
from sim.scenarios.schelling import Schelling
from sim.scenarios.wolf_sheep import WolfSheep
from sim.simulation import Simulation

ROUNDS = 5
CROWD = 100_000
CROWD_TICKS = 20
TICKS_PER_SECOND = 10  # at least, of the crowd

Row = dict[str, Any]
Steps = Callable[[int], None]
"""Makes so many steps."""


@dataclass(frozen=True)
class Contest:
    """The same model twice: ours, and Mesa's by its class and parameters; `ticks` of each are
    timed from the beginning. `at_least`: how many times faster ours is to be."""

    what: str
    scenario: Scenario
    example: str
    params: dict[str, Any]
    ticks: int
    at_least: float


def schelling(side: int, radius: int, ticks: int) -> Contest:
    scenario = Schelling(
        rows=side, columns=side, radius=radius, measure="share", homophily=0.4, density=0.8
    )
    params = {"width": side, "height": side, "radius": radius, "homophily": 0.4, "density": 0.8}
    what = f"schelling, {scenario.population:,} agents, radius {radius}"
    return Contest(what, scenario, "basic.schelling.model:Schelling", params, ticks, 8)


def wolf_sheep(side: int, sheep: int, wolves: int, breed: float, grow: int, ticks: int) -> Contest:
    scenario = WolfSheep(
        rows=side,
        columns=side,
        agents=sheep + wolves,
        wolves=wolves / (sheep + wolves),
        neighbourhood="von_neumann",
        seek=True,
        sheep_gain=5.0,
        wolf_gain=13.0,
        sheep_breed=breed,
        wolf_breed=breed / 2,
        regrowth=grow,
    )
    params = {
        "width": side, "height": side, "initial_sheep": sheep, "initial_wolves": wolves,
        "sheep_reproduce": breed, "wolf_reproduce": breed / 2, "grass_regrowth_time": grow,
        "sheep_gain_from_food": 5, "wolf_gain_from_food": 13,
    }  # fmt: skip
    what = f"wolf_sheep, {sheep + wolves:,} animals on {side} × {side}"
    return Contest(what, scenario, "advanced.wolf_sheep.model:WolfSheep", params, ticks, 5)


def boids(agents: int, side: int, sight: int, ticks: int) -> Contest:
    scenario = Boids(agents=agents, density=agents / side**2, sight=float(sight))
    params = {"population_size": agents, "width": side, "height": side, "vision": sight}
    what = f"boids, {agents:,} birds, sight {sight} of {side}"
    return Contest(what, scenario, "basic.boid_flockers.model:BoidFlockers", params, ticks, 25)


CONTESTS = (
    schelling(40, 1, 20),
    schelling(100, 2, 10),
    wolf_sheep(25, 60, 40, 0.2, 20, 80),
    wolf_sheep(100, 1000, 500, 0.4, 10, 20),
    boids(200, 100, 5, 20),
    boids(400, 150, 15, 10),
    boids(2000, 320, 10, 3),
)


def ours(contest: Contest, seed: int) -> Steps:
    simulation = Simulation(contest.scenario, seed)

    def step(ticks: int) -> None:
        for _ in range(ticks):
            simulation.tick()

    return step


def mesas(contest: Contest, seed: int) -> Steps:
    module, _, name = contest.example.partition(":")
    example = getattr(import_module(f"mesa.examples.{module}"), name)
    if name == "WolfSheep":
        simulator = import_module("mesa.experimental.devs").ABMSimulator()
        example(**contest.params, seed=seed, simulator=simulator)
        run: Steps = simulator.run_for
        return run
    model = example(**contest.params, seed=seed)

    def step(ticks: int) -> None:
        for _ in range(ticks):
            model.step()

    return step


def milliseconds(make: Callable[[Contest, int], Steps], contest: Contest, seed: int) -> float:
    """Of one tick, of the processor's time, which others on the machine disturb least."""
    step = make(contest, seed)
    started = time.process_time()
    step(contest.ticks)
    return (time.process_time() - started) / contest.ticks * 1e3


def measure(contest: Contest, with_mesa: bool) -> Row:
    """Medians of rounds in turns, each with a seed of its own; the first ticks ever are not
    counted, since modules are loaded in them."""
    makers = {"ours_ms": ours, **({"mesa_ms": mesas} if with_mesa else {})}
    for make in makers.values():
        make(contest, ROUNDS)(1)
    times: dict[str, list[float]] = {name: [] for name in makers}
    for seed in range(ROUNDS):
        for name, make in makers.items():
            times[name].append(milliseconds(make, contest, seed))
    row: Row = {"what": contest.what, "ticks": contest.ticks, "at_least": contest.at_least}
    row |= {name: median(found) for name, found in times.items()}
    if with_mesa:
        row["times_faster"] = row["mesa_ms"] / row["ours_ms"]
    return row


def crowd() -> Row:
    """Ticks a second of a large flock, by Vicsek's rule."""
    simulation = Simulation(Flocking(agents=CROWD), seed=1)
    simulation.tick()
    started = time.perf_counter()
    for _ in range(CROWD_TICKS):
        simulation.tick()
    passed = time.perf_counter() - started
    return {
        "what": f"flocking, {CROWD:,} particles",
        "ticks": CROWD_TICKS,
        "ours_ms": passed / CROWD_TICKS * 1e3,
        "ticks_per_second": CROWD_TICKS / passed,
        "at_least_ticks_per_second": TICKS_PER_SECOND,
    }


def mesa_version() -> str:
    """Empty where it is not installed."""
    try:
        return version("mesa")
    except PackageNotFoundError:
        return ""


def show(rows: list[Row], mesa: str) -> None:
    """Print the table."""
    against = f"Mesa {mesa}'s own examples" if mesa else "Mesa is not installed"
    caption = (
        "a tick of ours has all columns, aggregates and the hash of its state; Mesa's birds move"
        " one after the other, ours all at once; the rest is by the same rules and order"
    )
    table = Table(title=f"Reference models: {against}", title_justify="left", caption=caption)
    for heading in ("", "Mesa ms", "ours ms", "times faster", "at least"):
        table.add_column(heading, justify="right" if heading else "left")
    for row in rows:
        told = [f"{row[key]:.2f}" if key in row else "" for key in ("mesa_ms", "ours_ms")]
        if "ticks_per_second" in row:
            told += [f"{row['ticks_per_second']:.1f} ticks/s", f"{TICKS_PER_SECOND} ticks/s"]
        else:
            faster = f"{row['times_faster']:.0f}" if "times_faster" in row else ""
            told += [faster, f"{row['at_least']:g}"]
        table.add_row(row["what"], *told)
    Console(width=110).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the rows there too")
    options = parser.parse_args()
    mesa = mesa_version()
    rows = [*(measure(contest, bool(mesa)) for contest in CONTESTS), crowd()]
    show(rows, mesa)
    if options.json:
        options.json.write_text(json.dumps([{**row, "mesa": mesa or None} for row in rows]))


if __name__ == "__main__":
    main()
