"""The T-maze's published figures (Friston et al. 2015; Parr, Pezzulo & Friston 2022)."""

from math import log

import numpy as np
import pytest

from sim.inference import infer
from sim.likelihood import entropy
from sim.policies import judge
from sim.scenarios.tmaze import CUE, JUNCTION, LEFT, RIGHT, START, TMaze
from sim.simulation import Simulation


def first_prospects(**params: object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Epistemic and pragmatic value of each single move from the start, and its cost."""
    mind = TMaze(depth=1, **params).mind()  # type: ignore[arg-type]
    belief = mind.model.initial()[None]
    prospects = mind.planner.prospects(belief)
    judged = judge(prospects, mind.planner.actions, 1.0, None, curious=True)
    return prospects.epistemic[0], prospects.pragmatic[0], judged.cost[0]


def test_at_first_the_cue_is_worth_ln_2_and_an_arm_less_by_the_entropy_of_its_reward() -> None:
    epistemic, pragmatic, cost = first_prospects()

    noise = float(entropy(np.array([0.98, 0.02]), axis=0))
    assert epistemic[[START, JUNCTION]] == pytest.approx([0, 0], abs=1e-12)
    assert epistemic[[LEFT, RIGHT]] == pytest.approx([log(2) - noise] * 2, abs=1e-12)
    assert round(float(epistemic[LEFT]), 4) == 0.5951
    assert round(float(epistemic[CUE]), 4) == 0.6931
    assert pragmatic == pytest.approx(np.zeros(5), abs=1e-12)
    assert cost == pytest.approx(-epistemic, abs=1e-12)
    assert int(cost.argmin()) == CUE


def test_after_the_cue_the_right_arm_is_worth_5_76_over_two_steps_and_the_wrong_one_costs_it() -> (
    None
):
    mind = TMaze().mind()
    belief = np.zeros((1, 10))
    belief[0, CUE * 2] = 1.0

    prospects = mind.planner.prospects(belief)

    sequences = [mind.planner.path(belief[0], policy) for policy in range(mind.planner.policies)]
    right, wrong = sequences.index([LEFT, LEFT]), sequences.index([RIGHT, RIGHT])
    assert prospects.pragmatic[0, right] == pytest.approx(5.76)
    assert prospects.pragmatic[0, wrong] == pytest.approx(-5.76)


def test_minds_look_at_the_cue_first_and_win_98_of_100_trials() -> None:
    simulation = Simulation(TMaze(agents=2000), seed=4)

    ticks = [simulation.tick() for _ in range(15)]

    assert all(tick.aggregates["at_cue"] == 1.0 for tick in ticks[1::3])
    trials = 2000 * 5
    error = 3 * (0.98 * 0.02 / trials) ** 0.5
    assert ticks[-1].aggregates["reward_rate"] == pytest.approx(0.98, abs=error)


def test_without_epistemic_value_the_first_choice_is_uniform() -> None:
    simulation = Simulation(TMaze(agents=5000, depth=1, epistemic=False), seed=5)

    actions = simulation.tick().columns["action"]

    shares = np.bincount(actions, minlength=5) / 5000
    assert shares == pytest.approx(np.full(5, 0.2), abs=3 * (0.2 * 0.8 / 5000) ** 0.5)


def test_cues_of_validity_95_lead_to_the_exact_posteriors_and_surprises() -> None:
    table = np.array([[0.95, 0.05], [0.05, 0.95]])  # rows: cue left, right; columns: contexts
    belief = np.array([[0.5, 0.5]])
    posteriors, surprises = [], []
    for cue in (0, 0, 1):
        inferred = infer(belief, table[[cue]])
        belief = inferred.posterior
        posteriors.append(float(belief[0, 0]))
        surprises.append(float(inferred.surprise[0]))

    assert posteriors == pytest.approx([0.95, 0.997238, 0.95], abs=5e-7)
    assert surprises == pytest.approx([0.693147, 0.099820, 2.947205], abs=5e-7)


def test_most_decisions_of_the_incurious_are_ties() -> None:
    simulation = Simulation(TMaze(agents=100, epistemic=False), seed=1)

    ties = [simulation.tick().aggregates["ties"] for _ in range(30)]

    assert np.mean(ties) > 0.5
