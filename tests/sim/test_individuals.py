"""Agents with minds of their own think as each would in a population of its like."""

import numpy as np
import pytest

from sim.errors import ImpossibleObservation, ModelError
from sim.individual_detail import Considered
from sim.individuals import Individuals
from sim.learning import Knowledge, Learning
from sim.mean_field import MeanField
from sim.model import Model
from sim.own_models import OwnModels
from sim.policies import Draws
from sim.population import Character, Population
from sim.pymdp_model import plain_info, plain_mind
from tests.sim.models import random_model

TICKS = 3


def draws(tick: int, agents: np.ndarray) -> Draws:
    random = np.random.default_rng(tick)
    return Draws(random.random(8)[agents], random.random(8)[agents])


def outcomes(tick: int, agents: np.ndarray) -> np.ndarray:
    everybody = np.random.default_rng(100 + tick).integers(0, 2, (8, 2))
    return np.asarray(everybody[agents])


def individuals(models: list[Model], knowledge: Knowledge | None = None) -> Individuals:
    engine, info = OwnModels(models), plain_info(models[0], 16)
    return Individuals(len(models), engine, info, Character(), 2, knowledge)


def last(population: Individuals, agents: np.ndarray) -> Considered:
    """What they thought in the last of a few ticks."""
    for tick in range(TICKS):
        considered = population.think(outcomes(tick, agents), draws(tick, agents))
    return considered


def test_each_thinks_as_it_would_with_a_model_shared_by_all() -> None:
    models = [random_model(seed) for seed in range(4)]

    together = last(individuals(models), np.arange(4))

    for agent, model in enumerate(models):
        mind, those = plain_mind(model, depth=2), np.array([agent])
        population = Population(1, mind, Character())
        for tick in range(TICKS):
            rows = mind.likelihood.row(outcomes(tick, those))
            alone = population.think(rows, draws(tick, those))
        for name, column in alone.columns.items():
            assert together.columns[name][agent] == pytest.approx(column[0], abs=1e-10), name
        one, other = together.detail.belief(agent), alone.detail.belief(0)
        assert one["observation"] == other["observation"]
        assert one["policies"][0]["actions"] == other["policies"][0]["actions"]
        assert one["belief"]["factor 1"] == pytest.approx(other["belief"]["factor 1"])


def test_permuting_agents_permutes_results() -> None:
    models = [random_model(seed) for seed in range(8)]
    order = np.random.default_rng(3).permutation(8)

    straight = last(individuals(models), np.arange(8))
    permuted = last(individuals([models[i] for i in order]), order)

    for name, column in straight.columns.items():
        assert permuted.columns[name] == pytest.approx(column[order], abs=1e-12)


def test_models_of_different_shapes_are_refused() -> None:
    with pytest.raises(ModelError, match=r"models\[1\] has shape \(2, 2\) where models\[0\]"):
        OwnModels([random_model(0), random_model(0, (2, 2))])


def test_an_impossible_observation_is_raised_where_the_rule_says_so() -> None:
    model = Model([np.eye(2)], [np.eye(2)[:, :, None]], [[0, 0]], [[1, 0]])
    engine, info = OwnModels([model, model]), plain_info(model, 1)
    seen, chance = np.array([[0], [1]]), draws(0, np.arange(2))

    with pytest.raises(ImpossibleObservation, match=r"1 agents \(1\)"):
        Individuals(2, engine, info, Character(rule="error")).think(seen, chance)

    assert Individuals(2, engine, info, Character()).think(seen, chance).impossible == [1]


def coin() -> Model:
    """A coin whose side is always 0; nothing is known of how it looks."""
    return Model([np.full((2, 2), 0.5)], [np.eye(2)[:, :, None]], [[0, 0]], [[1, 0]])


def test_a_coin_that_always_shows_one_side_surprises_less_and_less() -> None:
    knowledge = Knowledge(coin(), 2, Learning(strength=2.0))
    population = individuals_of_coins(knowledge)

    surprises = [
        population.think(np.array([[0], [0]]), draws(0, np.arange(2))).columns["surprise"][0]
        for _ in range(4)
    ]

    by_hand = [-np.log((1 + k) / (2 + k)) for k in range(4)]
    assert surprises == pytest.approx(by_hand, abs=1e-12)
    assert knowledge.A[0].values[0].tolist() == [[5, 1], [1, 1]]
    assert knowledge.B[0].values[0, :, :, 0].tolist() == [[2 + 3, 0], [0, 2]]
    assert knowledge.D[0].values[0].tolist() == [3, 0]


def individuals_of_coins(knowledge: Knowledge, owners: int = 2) -> Individuals:
    engine = OwnModels([coin()] * owners)
    return Individuals(2, engine, plain_info(coin(), 1), Character(), 1, knowledge)


def test_agents_that_share_learn_twice_as_fast() -> None:
    knowledge = Knowledge(coin(), 2, Learning(strength=2.0, is_shared=True))
    population = individuals_of_coins(knowledge, owners=1)

    population.think(np.array([[0], [0]]), draws(0, np.arange(2)))
    second = population.think(np.array([[0], [0]]), draws(0, np.arange(2)))

    assert second.columns["surprise"] == pytest.approx([-np.log(3 / 4)] * 2)


def test_a_stopped_agent_neither_learns_nor_expects_anew() -> None:
    knowledge = Knowledge(coin(), 2, Learning())
    population = individuals_of_coins(knowledge)
    population.stopped[1] = True

    population.think(np.array([[0], [0]]), draws(0, np.arange(2)))

    assert knowledge.A[0].values[1].tolist() == knowledge.A[0].prior.tolist()
    assert knowledge.A[0].values[0].tolist() != knowledge.A[0].prior.tolist()


def test_what_was_learned_goes_on_from_a_checkpoint() -> None:
    model = random_model(2)

    def learner() -> Individuals:
        return individuals([model] * 8, Knowledge(model, 8, Learning(forgetting=0.1)))

    one, two, everybody = learner(), learner(), np.arange(8)
    last(one, everybody)
    two.restore(one.state())

    first, second = last(one, everybody), last(two, everybody)
    assert {k: v.tolist() for k, v in first.columns.items()} == {
        k: v.tolist() for k, v in second.columns.items()
    }


def test_mean_field_has_its_gap_as_a_column() -> None:
    model = random_model(1)
    population = Individuals(3, MeanField(model), plain_info(model, 4), Character())

    columns = population.think(outcomes(0, np.arange(3)), draws(0, np.arange(3))).columns

    assert columns["gap"] == pytest.approx(columns["free_energy"] - columns["surprise"])
    assert (columns["gap"] > 0).all()


def test_only_exact_models_can_be_learned() -> None:
    model = random_model(1)
    knowledge = Knowledge(model, 1, Learning())

    with pytest.raises(TypeError, match="only OwnModels can be learned"):
        Individuals(1, MeanField(model), plain_info(model, 4), Character(), 1, knowledge)
