"""Boids: each rule by itself, and all of them for every bird against one bird after the other."""

import math
from itertools import islice

import numpy as np
import pytest

from sim.parameters import ParameterError, build
from sim.scenarios.boids import Boids
from sim.simulation import Simulation
from tests.sim.going_on import hashes, hashes_with_and_without_a_stop


@pytest.mark.parametrize("agents", [5, 30, 600])
def test_a_tick_is_the_published_rule_for_each(agents: int) -> None:
    scenario = Boids(agents=agents)
    simulation = Simulation(scenario, seed=5)
    simulation.tick()
    before = simulation.checkpoint()["world"]
    side = scenario.side

    simulation.tick()

    after = simulation.checkpoint()["world"]
    for bird in range(agents):
        way = before["place"] - before["place"][:, [bird]]
        way = (way + side / 2) % side - side / 2
        length = np.hypot(*way)
        near = (length <= scenario.sight) & (np.arange(agents) != bird)
        close = near & (length < scenario.separation)
        direction = before["direction"][:, bird].copy()
        if near.any():
            direction += (
                scenario.cohere * way[:, near].sum(axis=1)
                - scenario.separate * way[:, close].sum(axis=1)
                + scenario.match * before["direction"][:, near].sum(axis=1)
            ) / near.sum()
            direction /= np.hypot(*direction)
        assert after["direction"][:, bird] == pytest.approx(direction)
        place = (before["place"][:, bird] + direction) % side
        assert after["place"][:, bird] == pytest.approx(place)


def test_they_become_a_flock() -> None:
    first, *_, last = islice(Simulation(Boids(agents=100), seed=1), 400)

    assert first.aggregates["order"] < 0.5
    assert last.aggregates["order"] > 0.9


def test_a_bird_alone_flies_straight_on() -> None:
    simulation = Simulation(Boids(agents=1), seed=1)

    headings = {tick.columns["heading"][0] for tick in islice(simulation, 50)}

    assert len(headings) == 1
    assert math.isfinite(headings.pop())


@pytest.mark.parametrize("agents", [60, 600])
def test_a_run_goes_on_from_a_checkpoint_as_if_never_stopped(agents: int) -> None:
    resumed, whole = hashes_with_and_without_a_stop(Boids(agents=agents), 5, 20)

    assert resumed == whole


def test_same_seed_same_run_and_another_seed_another() -> None:
    one, same, other = (hashes(Simulation(Boids(agents=50), seed), 10) for seed in (1, 1, 2))

    assert one == same != other


@pytest.mark.parametrize(
    ("name", "value"),
    [("agents", 0), ("density", 1.0), ("sight", 0.0), ("speed", 6.0), ("cohere", -0.1)],
)
def test_a_parameter_out_of_bounds_is_refused(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match=f"`{name}` is "):
        build(Boids, {name: value})
