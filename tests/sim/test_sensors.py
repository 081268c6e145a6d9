"""Sensors: together as one that sees all, apart when cut, and drawn by the stubborn."""

import numpy as np
import pytest

from sim.parameters import ParameterError, build
from sim.scenarios.sensors import Sensors, SensorsWorld
from sim.simulation import Simulation
from tests.sim.going_on import hashes, hashes_with_and_without_a_stop


def begun(scenario: Sensors, seed: int = 3) -> tuple[Simulation, np.ndarray]:
    """A simulation, and the evidence that its sensors begin with."""
    run = Simulation(scenario, seed)
    assert isinstance(run.world, SensorsWorld)
    return run, run.world.evidence.copy()


def sigmoid(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


@pytest.mark.parametrize("network", ["ring", "small_world", "complete"])
def test_all_end_at_the_posterior_of_one_that_saw_every_measurement(network: str) -> None:
    run, evidence = begun(Sensors(agents=20, network=network, prior=0.3))

    for _ in range(1500):
        tick = run.tick()

    central = sigmoid(np.log(0.3 / 0.7) + evidence.sum())
    assert np.abs(tick.columns["belief"] - central).max() < 1e-12


def test_a_network_that_is_cut_ends_at_a_belief_for_each_part() -> None:
    run, evidence = begun(Sensors(agents=6, edges="0-1, 1-2, 2-3, 3-4, 4-5"))

    run.perturb(2, {"cut": 3})
    for _ in range(500):
        tick = run.tick()

    left, right = (sigmoid(6 * part.mean()) for part in (evidence[:3], evidence[3:]))
    assert abs(left - right) > 0.01
    assert tick.columns["belief"] == pytest.approx([left] * 3 + [right] * 3, abs=1e-12)


def test_a_stubborn_sensor_shifts_all_by_as_much_as_it_differs_from_the_mean() -> None:
    stubborn = Sensors(agents=12, network="ring", stubborn=1, conviction=-0.2)
    run, _ = begun(stubborn)
    free, evidence = begun(Sensors(agents=12, network="ring"))

    for _ in range(1500):
        one, other = run.tick(), free.tick()

    shift = one.columns["evidence"] - other.columns["evidence"]
    assert np.abs(shift - (-0.2 - evidence.mean())).max() < 1e-12


def test_the_panel_is_told_what_a_sensor_believes() -> None:
    run, _ = begun(Sensors(agents=12))
    tick = run.tick()

    told = tick.detail.belief(4)

    assert told["belief"]["object"][1] == tick.columns["belief"][4]
    assert told["entropy"] == tick.columns["entropy"][4]


def test_a_run_goes_on_from_a_checkpoint_as_if_never_stopped() -> None:
    resumed, whole = hashes_with_and_without_a_stop(Sensors(agents=50, stubborn=2), 5, 20)

    assert resumed == whole


def test_same_seed_same_run_and_another_seed_another() -> None:
    one, same, other = (hashes(Simulation(Sensors(agents=50), seed), 10) for seed in (1, 1, 2))

    assert one == same != other


@pytest.mark.parametrize(
    ("name", "value"),
    [("agents", 0), ("noise", 0.0), ("prior", 1.0), ("stubborn", -1), ("conviction", 101.0)],
)
def test_a_parameter_out_of_bounds_is_refused(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match=f"`{name}` is "):
        build(Sensors, {name: value})
