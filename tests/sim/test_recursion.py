"""The search over first actions against a walk through the whole tree, one branch at a time."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import TooManyBranches
from sim.likelihood import Likelihood
from sim.model import Model
from sim.policies import judge
from sim.recursion import Recursion, Search, pruned
from sim.scenarios.tmaze import CUE, TMaze, make_model
from sim.sequences import Sequences
from tests.sim.models import distributions, random_model

PRECISION = 4.0


def walk(model: Model, belief: np.ndarray, depth: int) -> list[float]:
    """G of each first action by enumeration of all actions, joint states and joint outcomes."""
    costs = []
    for action in range(model.actions):
        controls = np.unravel_index(action, model.controls)
        joint: np.ndarray = np.ones((1, 1))
        for b, control in zip(model.B, controls, strict=True):
            joint = np.kron(joint, b[:, :, control])
        moved, cost = joint @ belief, 0.0
        for outcome in product(*map(range, model.outcomes)):
            likelihood = np.ones(model.states)
            for a, o in zip(model.A, outcome, strict=True):
                likelihood = likelihood * a[o].reshape(-1)
            evidence = float(moved @ likelihood)
            posterior = moved * likelihood / evidence
            cost -= evidence * float((posterior * np.log(posterior / moved)).sum())
            cost -= evidence * sum(float(c[o]) for c, o in zip(model.C, outcome, strict=True))
            if depth > 1:
                later = np.array(walk(model, posterior, depth - 1))
                choice = np.exp(-PRECISION * (later - later.min()))
                cost += evidence * float(choice @ later / choice.sum())
        costs.append(cost)
    return costs


@pytest.mark.parametrize(("seed", "depth"), [(0, 1), (1, 2), (2, 2), (3, 3)])
def test_the_search_agrees_with_a_walk_through_the_tree(seed: int, depth: int) -> None:
    model = random_model(seed, (2, 2) if depth == 3 else (3, 2), controls=1 if depth == 3 else 2)
    planner = Recursion(model, Likelihood(model), Search(depth, threshold=0.0, precision=PRECISION))

    prospects = planner.prospects(model.initial()[None])

    cost = -(prospects.epistemic + prospects.pragmatic)[0]
    assert cost == pytest.approx(walk(model, model.initial(), depth), abs=1e-10)


def test_three_steps_of_two_actions_agree_with_the_tree() -> None:
    model = random_model(5, (3,))
    planner = Recursion(model, Likelihood(model), Search(3, threshold=0.0, precision=PRECISION))

    prospects = planner.prospects(model.initial()[None])

    cost = -(prospects.epistemic + prospects.pragmatic)[0]
    assert cost == pytest.approx(walk(model, model.initial(), 3), abs=1e-10)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_a_batch_is_a_loop(seed: int) -> None:
    model = random_model(seed)
    planner = Recursion(model, Likelihood(model), Search(2))
    beliefs = distributions(np.random.default_rng(seed), model.states, 4).T.copy()

    together = planner.prospects(beliefs)

    for i in range(4):
        alone = planner.prospects(beliefs[i : i + 1])
        assert together.epistemic[i] == pytest.approx(alone.epistemic[0], abs=1e-13)
        assert together.pragmatic[i] == pytest.approx(alone.pragmatic[0], abs=1e-13)


def test_one_step_is_what_sequences_of_one_step_expect() -> None:
    model = random_model(7)
    likelihood, beliefs = Likelihood(model), model.initial()[None]

    recursive = Recursion(model, likelihood, Search(1)).prospects(beliefs)

    enumerated = Sequences(model, likelihood, 1).prospects(beliefs)
    assert recursive.epistemic == pytest.approx(enumerated.epistemic, abs=1e-12)
    assert recursive.pragmatic == pytest.approx(enumerated.pragmatic, abs=1e-12)


def test_in_the_maze_the_cue_is_worth_the_reward_that_it_leads_to() -> None:
    mind = TMaze().mind()
    start = mind.model.initial()[None]
    planner = Recursion(mind.model, mind.likelihood, Search(2))

    judged = judge(planner.prospects(start), planner.actions, 16.0, None, curious=True)

    assert judged.cost[0].argmin() == CUE
    assert judged.cost[0, CUE] == pytest.approx(-(np.log(2) + 2.88), abs=1e-9)


def test_depth_beyond_what_could_be_enumerated_is_searched() -> None:
    model = make_model(1.0, 0.98, 3.0)

    prospects = Recursion(model, Likelihood(model), Search(8)).prospects(model.initial()[None])

    assert prospects.pragmatic[0, CUE] == pytest.approx(7 * 2.88, abs=1e-6)


def test_pruning_leaves_out_what_is_improbable_and_never_everything() -> None:
    rows = np.array([[0.9, 0.06, 0.04], [0.04, 0.04, 0.92], [0.4, 0.3, 0.3]])

    kept = pruned(rows, 0.05)

    assert kept[0] == pytest.approx([0.9375, 0.0625, 0.0])
    assert kept[1].tolist() == [0.0, 0.0, 1.0]
    assert pruned(rows[2:], 0.5).tolist() == [[1.0, 0.0, 0.0]]


def test_a_search_that_grows_too_wide_is_counted() -> None:
    model = random_model(1)
    planner = Recursion(model, Likelihood(model), Search(3, threshold=0.0, most=20))

    with pytest.raises(TooManyBranches, match=r"2 steps still.*24 beliefs; 20 at most.*threshold"):
        planner.prospects(model.initial()[None])


@pytest.mark.parametrize("search", [Search(0), Search(2, threshold=1.0), Search(2, threshold=-1)])
def test_a_search_that_cannot_be_is_refused(search: Search) -> None:
    model = random_model(1)

    with pytest.raises(ValueError, match=r"depth is 0|threshold is"):
        Recursion(model, Likelihood(model), search)
