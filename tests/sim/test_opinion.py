"""DeGroot's model: where it ends, and how fast."""

from collections.abc import Mapping

import numpy as np
import pytest

from sim.parameters import ParameterError, build
from sim.perturbation import PerturbationError
from sim.scenarios.opinion import Opinion, OpinionWorld
from sim.simulation import Simulation
from tests.sim.going_on import hashes, hashes_with_and_without_a_stop

CASES: list[Mapping[str, object]] = [
    {"agents": 12, "network": "ring", "neighbours": 4},
    {"agents": 30, "network": "complete"},
    {"agents": 40, "network": "small_world", "rewiring": 0.3},
    {"agents": 40, "network": "random", "neighbours": 10},
    {"agents": 4, "edges": "0>1:2, 1>2, 2>0, 0>3:0.5, 3>1, 2>3:4", "stubbornness": 0.4},
]


def begun(params: Mapping[str, object]) -> tuple[Simulation, OpinionWorld, np.ndarray]:
    """A simulation, its world, and its matrix W."""
    scenario = build(Opinion, params)
    run = Simulation(scenario, 3)
    assert isinstance(run.world, OpinionWorld)
    dense = run.world.network.dense()
    own = scenario.stubbornness
    matrix = own * np.eye(scenario.agents) + (1 - own) * dense / dense.sum(axis=1, keepdims=True)
    return run, run.world, matrix


@pytest.mark.parametrize("params", CASES)
def test_consensus_is_the_left_unit_eigenvector_times_the_first_opinions(
    params: Mapping[str, object],
) -> None:
    run, world, matrix = begun(params)
    values, vectors = np.linalg.eig(matrix.T)
    influence = np.real(vectors[:, np.argmin(np.abs(values - 1))])
    expected = influence @ world.opinion / influence.sum()

    for _ in range(1500):
        tick = run.tick()

    assert np.abs(tick.columns["opinion"] - expected).max() < 1e-12


@pytest.mark.parametrize("params", CASES)
def test_opinions_near_consensus_at_the_rate_of_the_second_eigenvalue(
    params: Mapping[str, object],
) -> None:
    run, world, matrix = begun(params)
    values, vectors = np.linalg.eig(matrix.T)
    second = np.sort(np.abs(values))[-2]
    influence = np.real(vectors[:, np.argmin(np.abs(values - 1))])
    consensus = influence @ world.opinion / influence.sum()
    # Long enough that the slowest part alone is left, and short enough for it to be seen.
    ticks = int(np.log(1e-10) / np.log(second))

    distance = [np.linalg.norm(run.tick().columns["opinion"] - consensus) for _ in range(ticks)]

    half = ticks // 2
    assert (distance[-1] / distance[half]) ** (1 / (ticks - 1 - half)) == pytest.approx(
        second, rel=0.02
    )


def test_two_halves_that_are_cut_apart_end_at_two_opinions() -> None:
    run, world, _ = begun({"agents": 4, "edges": "0-1, 1-2, 2-3"})
    first = world.opinion.copy()

    run.perturb(1, {"cut": 2})
    for _ in range(300):
        tick = run.tick()

    left, right = first[:2].mean(), first[2:].mean()
    assert tick.columns["opinion"] == pytest.approx([left, left, right, right], abs=1e-12)


@pytest.mark.parametrize("change", [{"cut": 3}, {"add": 1}, {"cut": 9}, {"cut": "1"}, {}])
def test_an_edge_that_cannot_be_changed_is_refused(change: Mapping[str, object]) -> None:
    run, _, _ = begun({"agents": 4, "edges": "0-1, 1-2, 2-3"})

    with pytest.raises(PerturbationError):
        run.perturb(0, change)


def test_a_run_goes_on_from_a_checkpoint_as_if_never_stopped() -> None:
    resumed, whole = hashes_with_and_without_a_stop(Opinion(agents=50), 5, 20)

    assert resumed == whole


def test_same_seed_same_run_and_another_seed_another() -> None:
    one, same, other = (hashes(Simulation(Opinion(agents=50), seed), 10) for seed in (1, 1, 2))

    assert one == same != other


@pytest.mark.parametrize(
    ("name", "value"),
    [("agents", 0), ("neighbours", 1), ("rewiring", 1.1), ("stubbornness", -0.1),
     ("network", "star"), ("edges", "0-100"), ("edges", "0=1")],
)  # fmt: skip
def test_a_parameter_out_of_bounds_is_refused(name: str, value: object) -> None:
    with pytest.raises(ParameterError, match=f"`{name}` is "):
        build(Opinion, {name: value})
