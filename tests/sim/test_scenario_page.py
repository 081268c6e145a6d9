"""The figures that docs/scenarios.md quotes are those that the scenarios have here."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.catalogue import SCENARIOS, scenario_class
from sim.parameters import build
from sim.simulation import Simulation
from sim.tick import Tick

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text()


def after(name: str, ticks: int, seed: int = 0, **params: Any) -> Tick:
    """The last of so many ticks."""
    simulation = Simulation(build(scenario_class(name), params), seed)
    while simulation.number < ticks - 1:
        simulation.tick()
    return simulation.tick()


def mean(name: str, figure: str, ticks: int, seeds: int, **params: Any) -> tuple[float, float]:
    """An aggregate after so many ticks, over seeds: its mean and standard error."""
    found = np.array(
        [after(name, ticks, seed, **params).aggregates[figure] for seed in range(seeds)]
    )
    return float(found.mean()), float(found.std(ddof=1) / math.sqrt(seeds))


def tmaze() -> str:
    rate, error = mean("tmaze", "reward_rate", 60, 10, agents=100)
    return f"{rate:.3f} ± {error:.3f}"


def foragers() -> str:
    tick = after("foragers", 300, 1, agents=60, start="corner")
    return f"{tick.aggregates['solved']:.3f}"


def opinion() -> str:
    tick = after("opinion", 2000, 3, agents=30)
    assert tick.aggregates["spread"] < 1e-12
    return "all at one opinion to 1e-12"


def flocking() -> str:
    ordered, _ = mean("flocking", "order", 300, 3, agents=200, noise=0.0)
    loose, error = mean("flocking", "order", 100, 20, agents=200, noise=2 * math.pi)
    return f"{ordered:.3f}; {loose:.3f} ± {error:.3f}"


def echo_chambers() -> str:
    network = {"agents": 40, "neighbours": 8, "rewiring": 0.2}
    texts = []
    for params in ({"bias": 0.0}, {"bias": 4.0}, {"bias": 4.0, "volatility": 0.001}):
        found, error = mean("echo_chambers", "polarisation", 150, 30, **network, **params)
        texts.append(f"{found:.2f} ± {error:.2f}")
    return "; ".join(texts)


def schelling() -> str:
    before = after("schelling", 1, 2).aggregates
    late = after("schelling", 100, 2).aggregates
    return f"{before['segregation']:.2f} → {late['segregation']:.2f}"


FIGURES = (tmaze, foragers, opinion, flocking, echo_chambers, schelling)


@pytest.mark.parametrize("figure", FIGURES, ids=[figure.__name__ for figure in FIGURES])
def test_a_figure_of_the_page_is_the_one_computed_here(figure: Any) -> None:
    [row] = [line for line in PAGE.splitlines() if line.startswith(f"| `{figure.__name__}` |")]

    assert figure() in row


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_scenario_stands_on_the_page(name: str) -> None:
    assert f"| `{name}` |" in PAGE
