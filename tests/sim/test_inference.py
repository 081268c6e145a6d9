"""Exact inference against enumeration, fractions and the properties that must always hold."""

from fractions import Fraction
from itertools import product
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.inference import infer
from sim.likelihood import Likelihood
from sim.model import Model
from sim.policies import judge
from sim.sequences import Sequences
from tests.sim.models import distributions, random_model

SEEDS = st.integers(0, 10_000)


def beliefs_and_likelihoods(seed: int, number: int = 6, states: int = 5) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(seed)
    return distributions(random, states, number).T.copy(), random.random((number, states)) + 1e-6


@given(SEEDS)
def test_beliefs_sum_to_one_and_free_energy_equals_surprise(seed: int) -> None:
    prior, likelihood = beliefs_and_likelihoods(seed)

    inferred = infer(prior, likelihood)

    assert inferred.posterior.sum(axis=1) == pytest.approx(np.ones(6))
    assert inferred.free_energy == pytest.approx(inferred.surprise, abs=1e-12)
    assert (inferred.entropy >= 0).all()


@given(SEEDS)
def test_any_other_belief_has_more_free_energy(seed: int) -> None:
    prior, likelihood = beliefs_and_likelihoods(seed, number=1)
    other = distributions(np.random.default_rng(seed + 1), 5)

    free_energy = float((other * (np.log(other) - np.log(prior * likelihood))).sum())

    assert free_energy >= float(infer(prior, likelihood).surprise[0]) - 1e-12


@given(SEEDS)
def test_a_batch_is_a_loop(seed: int) -> None:
    prior, likelihood = beliefs_and_likelihoods(seed)

    together = infer(prior, likelihood)

    for i in range(len(prior)):
        alone = infer(prior[i : i + 1], likelihood[i : i + 1])
        assert together.posterior[i] == pytest.approx(alone.posterior[0], abs=1e-15)
        assert together.surprise[i] == pytest.approx(alone.surprise[0], abs=1e-15)


def test_a_tiny_model_agrees_with_arithmetic_in_fractions() -> None:
    prior = [Fraction(1, 3), Fraction(2, 3)]
    likelihood = [Fraction(9, 10), Fraction(1, 5)]
    evidence = sum(p * q for p, q in zip(prior, likelihood, strict=True))

    inferred = infer(np.array([prior], dtype=float), np.array([likelihood], dtype=float))

    exact = [float(p * q / evidence) for p, q in zip(prior, likelihood, strict=True)]
    assert inferred.posterior[0] == pytest.approx(exact, abs=1e-15)
    assert inferred.surprise[0] == pytest.approx(-log(evidence), abs=1e-15)


@pytest.mark.parametrize("rule", ["prior", "uniform"])
def test_an_impossible_observation_leaves_finite_numbers_and_a_flag(rule: str) -> None:
    prior = np.array([[1.0, 0.0], [0.5, 0.5]])
    likelihood = np.array([[0.0, 1.0], [1.0, 0.0]])

    inferred = infer(prior, likelihood, rule)  # type: ignore[arg-type]

    assert inferred.impossible.tolist() == [True, False]
    assert inferred.posterior[0].tolist() == ([1.0, 0.0] if rule == "prior" else [0.5, 0.5])
    for values in (inferred.posterior, inferred.surprise, inferred.free_energy):
        assert np.isfinite(values).all()


def expected_free_energy(model: Model, belief: np.ndarray, policy: list[int]) -> float:
    """G by enumeration of all joint states and joint outcomes, one action after the other."""
    states = list(product(*map(range, model.shape)))
    cost, current = 0.0, belief.reshape(model.shape)
    for action in policy:
        controls = np.unravel_index(action, model.controls)
        moved = np.zeros(model.shape)
        for before, after in product(states, states):
            chance = current[before]
            for f, b in enumerate(model.B):
                chance *= b[after[f], before[f], controls[f]]
            moved[after] += chance
        current = moved
        for outcome in product(*map(range, model.outcomes)):
            likelihood = np.ones(model.shape)
            for m, a in enumerate(model.A):
                likelihood = likelihood * a[outcome[m]]
            evidence = float((current * likelihood).sum())
            posterior = current * likelihood / evidence
            gain = float((posterior * np.log(posterior / current)).sum())
            wanted = sum(float(c[outcome[m]]) for m, c in enumerate(model.C))
            cost -= evidence * (gain + wanted)
    return cost


@pytest.mark.parametrize("seed", range(4))
def test_expected_free_energy_agrees_with_enumeration(seed: int) -> None:
    model = random_model(seed)
    planner = Sequences(model, Likelihood(model), depth=2)
    belief = model.initial()

    prospects = planner.prospects(belief[None])
    cost = judge(prospects, planner.actions, 1.0, None, curious=True).cost[0]

    for policy in range(0, planner.policies, 3):
        by_hand = expected_free_energy(model, belief, planner.path(belief, policy))
        assert cost[policy] == pytest.approx(by_hand, abs=1e-10)


@given(SEEDS)
def test_prediction_by_factor_agrees_with_the_joint_transition(seed: int) -> None:
    model = random_model(seed)
    beliefs = distributions(np.random.default_rng(seed), model.states, 3).T.copy()

    for action in range(model.actions):
        one, two = np.unravel_index(action, model.controls)
        joint = np.kron(model.B[0][:, :, one], model.B[1][:, :, two])
        assert model.predict(beliefs, action) == pytest.approx(beliefs @ joint.T, abs=1e-14)
