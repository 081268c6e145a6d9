"""A population thinks as its agents would one by one, whatever their order."""

import numpy as np
import pytest

from sim.policies import Draws
from sim.population import Character, Population
from sim.random import Streams
from sim.scenarios.tmaze import TMaze


def think_twice(order: np.ndarray) -> dict[str, np.ndarray]:
    """Two observations of eight agents in this order; the second tick's columns."""
    mind = TMaze().mind()
    population = Population(len(order), mind, Character())
    random = np.random.default_rng(8)
    draws = Draws(random.random(8)[order], random.random(8)[order])
    start = mind.likelihood.row(np.array([[0, 0, 0]] * 8))
    population.think(start[order], draws)
    cue = mind.likelihood.row(np.array([[4, 0, 1 + i % 2] for i in range(8)]))
    return population.think(cue[order], draws).columns


def test_permuting_agents_permutes_results() -> None:
    order = np.random.default_rng(3).permutation(8)

    straight, permuted = think_twice(np.arange(8)), think_twice(order)

    for name, column in straight.items():
        assert permuted[name] == pytest.approx(column[order])


def test_the_same_seed_draws_the_same_and_purposes_do_not_share() -> None:
    one, two = Streams(7), Streams(7)
    one.action.random(100)

    assert one.ties.random(5).tolist() == two.ties.random(5).tolist()
    assert Streams(7).ties.random(5).tolist() != Streams(8).ties.random(5).tolist()
    assert Streams(7, 1).ties.random(5).tolist() != Streams(7).ties.random(5).tolist()


def test_streams_go_on_from_where_they_were_saved() -> None:
    one, two = Streams(7), Streams(0)
    one.action.random(3)
    two.restore(one.state())

    assert one.action.random(4).tolist() == two.action.random(4).tolist()
