"""Mean field against exact inference: a bound, equal where factors are independent."""

from itertools import pairwise
from math import log, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import TooManyStates
from sim.inference import Inference, infer
from sim.likelihood import Likelihood
from sim.mean_field import Approximation, MeanField, marginals
from sim.model import Model
from sim.sequences import Sequences
from tests.sim.models import distributions, random_model

SEEDS = st.integers(0, 10_000)


def both(model: Model, outcomes: np.ndarray) -> tuple[Approximation, Inference]:
    """By mean field, and exactly, after the same outcomes."""
    field, likelihood = MeanField(model), Likelihood(model)
    approximate = field.infer(field.initial(len(outcomes)), outcomes)
    prior = np.tile(model.initial(), (len(outcomes), 1))
    return approximate, infer(prior, likelihood.table[likelihood.row(outcomes)])


def independent_model(seed: int, shape: tuple[int, ...], most: int = 4096) -> Model:
    """Each modality tells of one factor alone."""
    random = np.random.default_rng(seed)
    likelihoods = []
    for f, size in enumerate(shape):
        a = distributions(random, 3, size).reshape(
            3, *(size if g == f else 1 for g in range(len(shape)))
        )
        likelihoods.append(np.broadcast_to(a, (3, *shape)))
    return Model(
        A=likelihoods,
        B=[distributions(random, size, size, 2) for size in shape],
        C=[random.normal(size=3) for _ in shape],
        D=[distributions(random, size) for size in shape],
        method="exact" if prod(shape) <= most else "mean_field",
    )


@given(SEEDS)
def test_free_energy_is_a_bound_and_the_gap_what_it_exceeds_the_surprise_by(seed: int) -> None:
    outcomes = np.array([[0, 0], [1, 1], [2, 0]])

    approximate, exact = both(random_model(seed), outcomes)

    assert approximate.surprise == pytest.approx(exact.surprise, abs=1e-9)
    assert (approximate.free_energy >= exact.surprise - 1e-12).all()
    assert approximate.gap == pytest.approx(approximate.free_energy - exact.surprise, abs=1e-12)
    assert approximate.is_summed


@given(SEEDS)
def test_the_gap_is_the_divergence_from_the_exact_posterior(seed: int) -> None:
    model = random_model(seed)

    approximate, exact = both(model, np.array([[1, 0]]))

    one, two = approximate.posterior[0, :3], approximate.posterior[0, 3:]
    q, p = np.outer(one, two).reshape(-1), exact.posterior[0]
    assert approximate.gap[0] == pytest.approx(float((q * np.log(q / p)).sum()), abs=1e-9)


@given(SEEDS)
def test_where_modalities_tell_of_one_factor_each_it_is_exact(seed: int) -> None:
    model = independent_model(seed, (3, 2, 4))

    approximate, exact = both(model, np.array([[0, 2, 1], [1, 1, 0]]))

    assert approximate.posterior == pytest.approx(marginals(exact.posterior, model), abs=1e-12)
    assert approximate.gap == pytest.approx(np.zeros(2), abs=1e-12)


@given(SEEDS)
def test_a_round_never_raises_the_free_energy(seed: int) -> None:
    field = MeanField(random_model(seed, (3, 4)))
    prior, outcomes = field.initial(), np.array([[2, 1]])
    full = field.infer(prior, outcomes)

    energies = []
    with pytest.MonkeyPatch.context() as patch:
        for most in range(1, 4):
            patch.setattr("sim.mean_field.MOST_ROUNDS", most)
            energies.append(float(field.infer(prior, outcomes).free_energy[0]))

    assert all(b <= a + 1e-12 for a, b in pairwise(energies))
    assert full.free_energy[0] <= energies[-1] + 1e-12


def test_two_switches_that_only_together_light_a_lamp() -> None:
    lamp = np.zeros((2, 2, 2))
    lamp[1], lamp[0] = [[0.1, 0.1], [0.1, 0.9]], [[0.9, 0.9], [0.9, 0.1]]
    model = Model(A=[lamp], B=[np.eye(2)[:, :, None]] * 2, C=[[0, 0]], D=[[0.5, 0.5]] * 2)

    approximate, exact = both(model, np.array([[1]]))

    assert exact.surprise[0] == pytest.approx(-log((0.1 * 3 + 0.9) / 4))
    assert approximate.gap[0] > 0.01
    assert marginals(exact.posterior, model)[0, 1] == pytest.approx(1.0 / 1.2)


def test_information_of_independent_factors_is_that_of_the_joint_outcome() -> None:
    model = independent_model(4, (3, 2))
    field, planner = MeanField(model), Sequences(model, Likelihood(model), depth=1)
    exact = planner.prospects(model.initial()[None])

    for action in range(model.actions):
        epistemic, pragmatic = field.information(field.predict(field.initial(), action))
        assert epistemic[0] == pytest.approx(exact.epistemic[0, action], abs=1e-12)
        assert pragmatic[0] == pytest.approx(exact.pragmatic[0, action], abs=1e-12)


def test_prediction_is_that_of_the_joint() -> None:
    model = random_model(3)
    field = MeanField(model)

    for action in range(model.actions):
        moved = field.predict(field.initial(), action)
        joint = model.predict(model.initial()[None], action)
        assert moved == pytest.approx(marginals(joint, model), abs=1e-14)


def test_a_model_above_the_limit_is_refused_but_for_mean_field() -> None:
    with pytest.raises(TooManyStates, match=r'Model\(…, method="mean_field"\)'):
        independent_model(1, (20, 20, 20), most=10_000)

    model = independent_model(1, (20, 20, 20))
    approximate = MeanField(model).infer(MeanField(model).initial(), np.array([[0, 1, 2]]))

    assert approximate.posterior.sum() == pytest.approx(3.0)
    assert approximate.gap[0] == pytest.approx(0.0, abs=1e-9)


def test_a_surprise_that_is_not_summed_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.mean_field.MOST_STATES_SUMMED", 5)
    model = random_model(2)

    approximate, exact = both(model, np.array([[0, 1]]))

    assert not approximate.is_summed
    assert approximate.surprise[0] >= exact.surprise[0]
    assert approximate.gap.tolist() == approximate.free_energy.tolist()


@pytest.mark.parametrize("rule", ["prior", "uniform"])
def test_an_impossible_observation_leaves_finite_numbers_and_a_flag(rule: str) -> None:
    model = Model(A=[np.eye(2)], B=[np.eye(2)[:, :, None]], C=[[0, 0]], D=[[1.0, 0.0]])

    inferred = MeanField(model).infer(np.array([[1.0, 0.0]]), np.array([[1]]), rule)  # type: ignore[arg-type]

    assert inferred.impossible.tolist() == [True]
    assert inferred.posterior[0].tolist() == ([1, 0] if rule == "prior" else [0.5, 0.5])
    assert np.isfinite([*inferred.surprise, *inferred.gap, *inferred.free_energy]).all()


def free_energy(model: Model, one: np.ndarray, two: np.ndarray, outcomes: list[int]) -> float:
    """F of the belief one ⊗ two by enumeration of the joint states."""
    q, prior = np.outer(one, two), np.outer(*model.D)
    likelihood = np.ones(model.shape)
    for a, o in zip(model.A, outcomes, strict=True):
        likelihood = likelihood * a[o]
    return float((q * np.log(q / (prior * likelihood))).sum())


@given(SEEDS)
def test_no_other_belief_about_one_factor_has_less_free_energy(seed: int) -> None:
    model, random = random_model(seed), np.random.default_rng(seed + 1)
    found = both(model, np.array([[2, 1]]))[0]
    one, two = found.posterior[0, :3], found.posterior[0, 3:]
    least = free_energy(model, one, two, [2, 1])

    others = [
        free_energy(model, one + 0.01 * (distributions(random, 3) - one), two, [2, 1]),
        free_energy(model, one, two + 0.01 * (distributions(random, 2) - two), [2, 1]),
    ]

    assert found.free_energy[0] == pytest.approx(least, abs=1e-9)
    assert min(others) >= least - 1e-12
