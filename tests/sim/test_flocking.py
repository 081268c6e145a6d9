"""Vicsek's model: order 1 without noise, that of chance with full noise, falling in between."""

import math
from itertools import islice
from statistics import fmean

import numpy as np
import pytest

from sim.parameters import ParameterError, build
from sim.scenarios.flocking import TURN, Flocking
from sim.simulation import Simulation
from tests.sim.going_on import hashes, hashes_with_and_without_a_stop


def orders(scenario: Flocking, seed: int, skipped: int, ticks: int) -> list[float]:
    run = islice(Simulation(scenario, seed), skipped, skipped + ticks)
    return [tick.aggregates["order"] for tick in run]


@pytest.mark.parametrize("seed", range(3))
def test_without_noise_all_go_the_same_way_in_the_end(seed: int) -> None:
    scenario = Flocking(agents=100, density=4.0, speed=0.3, noise=0.0)

    order = orders(scenario, seed, 600, 1)[0]

    assert order == pytest.approx(1.0, abs=1e-9)


def test_at_full_noise_order_is_that_of_chance() -> None:
    agents = 100
    scenario = Flocking(agents=agents, density=2.0, noise=TURN)

    means = [fmean(orders(scenario, seed, 1, 50)) for seed in range(30)]

    # The length of a mean of random directions is Rayleigh's, in the limit of many.
    error = np.std(means, ddof=1) / math.sqrt(len(means))
    assert abs(fmean(means) - math.sqrt(math.pi / (4 * agents))) < 3 * error


def test_order_falls_with_noise() -> None:
    found = [
        fmean(
            fmean(orders(Flocking(agents=200, density=4.0, noise=noise), seed, 200, 50))
            for seed in range(3)
        )
        for noise in (0.0, 1.0, 2.0, 3.0, 4.0, TURN)
    ]

    assert found == sorted(found, reverse=True)
    assert found[1] > 0.8
    assert found[-1] < 0.1


@pytest.mark.parametrize("agents", [10, 40, 600])
def test_a_tick_is_the_published_rule_for_each(agents: int) -> None:
    scenario = Flocking(agents=agents, density=3.0, speed=0.2, noise=0.0)
    simulation = Simulation(scenario, seed=5)
    before = simulation.tick().columns

    after = simulation.tick().columns

    for agent in range(agents):
        ways = [np.abs(before[name] - before[name][agent]) for name in ("x", "y")]
        across, down = (np.minimum(way, scenario.side - way) for way in ways)
        near = across**2 + down**2 <= 1
        heading = before["heading"][near]
        mean = math.atan2(np.sin(heading).sum(), np.cos(heading).sum())
        own = before["heading"][agent]
        assert abs(math.remainder(after["heading"][agent] - mean, TURN)) < 1e-9
        moved = (before["x"][agent] + 0.2 * math.cos(own)) % scenario.side
        assert after["x"][agent] == pytest.approx(moved)
        assert after["neighbours"][agent] == near.sum() - 1


def test_headings_spread_by_half_the_noise_to_each_side() -> None:
    scenario = Flocking(agents=20_000, density=0.01, noise=1.0)
    simulation = Simulation(scenario, seed=5)
    before, after = simulation.tick().columns, simulation.tick().columns

    alone = after["neighbours"] == 0
    turn = np.remainder(after["heading"] - before["heading"] + np.pi, TURN)[alone] - np.pi

    assert len(turn) > 10_000
    assert (turn.min(), turn.max()) == pytest.approx((-0.5, 0.5), abs=0.002)


def test_all_stay_within_the_square_that_is_shown() -> None:
    scenario = Flocking(agents=50, density=12.0, speed=1.0)
    simulation = Simulation(scenario, seed=2)

    for tick in islice(simulation, 100):
        for name in ("x", "y"):
            assert tick.columns[name].min() >= 0
            assert tick.columns[name].max() < scenario.side <= simulation.world.view.width - 1


@pytest.mark.parametrize("agents", [60, 600])
def test_a_run_goes_on_from_a_checkpoint_as_if_never_stopped(agents: int) -> None:
    resumed, whole = hashes_with_and_without_a_stop(Flocking(agents=agents), 5, 20)

    assert resumed == whole


def test_same_seed_same_run_and_another_seed_another() -> None:
    one, same, other = (hashes(Simulation(Flocking(agents=50), seed), 10) for seed in (1, 1, 2))

    assert one == same != other


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("agents", 0), ("agents", 200_001), ("density", 0.0), ("density", 12.5), ("speed", -0.1),
        ("noise", 6.3), ("noise", -1.0),
    ],
)  # fmt: skip
def test_a_parameter_out_of_bounds_is_refused(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match=f"`{name}` is "):
        build(Flocking, {name: value})
