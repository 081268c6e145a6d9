"""Beliefs and expected free energy beside pymdp's own, with the extra `pymdp`."""

from typing import Any

import numpy as np
import pytest

from sim.inference import infer
from sim.likelihood import Likelihood
from sim.mean_field import MeanField, marginals
from sim.model import Model
from sim.pymdp_model import from_pymdp
from sim.scenarios.tmaze import CUE, LEFT, START, make_model
from sim.sequences import Sequences
from tests.sim.models import distributions, random_model

jax = pytest.importorskip("jax", reason="pymdp is not installed: pip install stagewatch[pymdp]")
agents = pytest.importorskip(
    "pymdp.agent", reason="pymdp is not installed: pip install stagewatch[pymdp]"
)

BELIEFS, ENERGY = 1e-6, 1e-5


@pytest.fixture(autouse=True)
def _double_precision() -> Any:
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)


def peer(model: Model, depth: int, rounds: int = 64) -> Any:
    """pymdp's agent of the same model, which thinks by mean field."""
    as_jax = {
        letter: [jax.numpy.array(m)[None] for m in getattr(model, letter)] for letter in "ABCD"
    }
    return agents.Agent(**as_jax, policy_len=depth, gamma=16.0, num_iter=rounds, batch_size=1)


def observe(agent: Any, prior: Any, outcomes: list[int]) -> Any:
    return agent.infer_states([jax.numpy.array([[o]]) for o in outcomes], empirical_prior=prior)


def flat(beliefs: Any) -> np.ndarray[Any, Any]:
    """The marginals of the last step, side by side."""
    return np.concatenate([np.asarray(q)[0, -1] for q in beliefs])


def test_along_a_trajectory_in_the_maze() -> None:
    model = make_model(0.95, 0.98, 3.0)
    likelihood = Likelihood(model)
    planner, agent = Sequences(model, likelihood, 2), peer(model, 2)
    prior, empirical = model.initial()[None], agent.D

    for outcomes, action in (([START, 0, 0], CUE), ([CUE, 0, 1], LEFT), ([LEFT, 1, 0], LEFT)):
        seen = likelihood.table[likelihood.row(np.array([outcomes]))]
        inferred = infer(prior, seen)
        qs = observe(agent, empirical, outcomes)
        prospects = planner.prospects(inferred.posterior)
        _, negative = agent.infer_policies(qs)

        ours = (prospects.epistemic + prospects.pragmatic)[0]
        theirs = every_action(agent, np.asarray(negative)[0], ours)
        assert marginals(inferred.posterior, model)[0] == pytest.approx(flat(qs), abs=BELIEFS)
        assert ours == pytest.approx(theirs, abs=ENERGY)

        prior = model.predict(inferred.posterior, action)
        empirical = agent.update_empirical_prior(jax.numpy.array([[action, 0]]), qs)


def every_action(agent: Any, values: Any, ours: Any) -> np.ndarray[Any, Any]:
    """Their values, whose order is ours: first action slowest, last factor fastest."""
    sequences = np.asarray(agent.policies.policy_arr)
    assert len(values) == len(ours)
    assert np.array_equal(np.lexsort(sequences.reshape(len(sequences), -1).T[::-1]),
                          np.arange(len(sequences)))  # fmt: skip
    return np.asarray(values)


@pytest.mark.parametrize("seed", range(5))
def test_on_random_models_of_one_factor(seed: int) -> None:
    """One modality: pymdp adds up what each modality tells, we weigh the joint outcome."""
    random = np.random.default_rng(seed)
    matrices = ([distributions(random, 4, 5)], [distributions(random, 5, 5, 3)],
                [random.normal(size=4)], [distributions(random, 5)])  # fmt: skip
    model = from_pymdp(*matrices)
    likelihood, agent = Likelihood(model), peer(model, 3)
    outcome = int(random.integers(4))

    inferred = infer(model.initial()[None], likelihood.table[likelihood.row(np.array([[outcome]]))])
    qs = observe(agent, agent.D, [outcome])
    prospects = Sequences(model, likelihood, 3).prospects(inferred.posterior)
    _, negative = agent.infer_policies(qs)

    ours = (prospects.epistemic + prospects.pragmatic)[0]
    assert inferred.posterior[0] == pytest.approx(flat(qs), abs=BELIEFS)
    assert ours == pytest.approx(every_action(agent, np.asarray(negative)[0], ours), abs=ENERGY)


@pytest.mark.parametrize("seed", range(5))
def test_mean_field_on_random_models_of_coupled_factors(seed: int) -> None:
    model = random_model(seed, (3, 2, 2))
    field, agent = MeanField(model), peer(model, 1)

    ours = field.infer(field.initial(), np.array([[1, 0]]))
    qs = observe(agent, agent.D, [1, 0])
    _, negative = agent.infer_policies(qs)

    assert ours.posterior[0] == pytest.approx(flat(qs), abs=BELIEFS)
    for action in range(model.actions):
        epistemic, pragmatic = field.information(field.predict(ours.posterior, action))
        total = float(epistemic[0] + pragmatic[0])
        assert total == pytest.approx(float(np.asarray(negative)[0, action]), abs=ENERGY)
