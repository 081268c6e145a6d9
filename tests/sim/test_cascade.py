"""Information cascades: how often they are right, and that they are deaf to signals."""

import math
from statistics import mean

import pytest

from sim.parameters import ParameterError, build
from sim.scenarios.cascade import Cascade
from sim.simulation import Simulation
from tests.sim.going_on import hashes, hashes_with_and_without_a_stop


@pytest.mark.parametrize(("p", "stated"), [(0.6, 0.632), (0.7, 0.753), (0.8, 0.857)])
def test_cascades_are_right_as_often_as_the_theory_says(p: float, stated: float) -> None:
    queues, length, seeds = 5_000, 40, 4
    ends = []
    for seed in range(seeds):
        run = Simulation(Cascade(agents=queues * length, length=length, precision=p), seed)
        for _ in range(length):
            aggregates = run.tick().aggregates
        ends.append(aggregates)

    theory = p * (p + 1) / (2 * (1 - p + p * p))
    error = math.sqrt(theory * (1 - theory) / (queues * seeds))
    assert theory == pytest.approx(stated, abs=0.0005)
    assert [end["cascades"] for end in ends] == [1.0] * seeds
    assert abs(mean(end["correct_cascades"] for end in ends) - theory) < 3 * error


def test_whoever_follows_does_what_the_one_before_did() -> None:
    run = Simulation(Cascade(agents=2000, length=20), 2)

    for _ in range(20):
        columns = run.tick().columns

    action, follows = (columns[name].reshape(100, 20) for name in ("action", "follows"))
    assert follows[:, 1:].sum() > 1000
    assert (action[:, 1:] == action[:, :-1])[follows[:, 1:]].all()


def test_the_belief_of_the_first_is_its_signal_and_it_is_told() -> None:
    tick = Simulation(Cascade(agents=40, length=20, precision=0.8), 2).tick()

    told = tick.detail.belief(20)

    assert sorted(told["belief"]["quality"]) == pytest.approx([0.2, 0.8])
    assert told["prior"]["quality"] == pytest.approx([0.5, 0.5])
    assert told["surprise"] == pytest.approx(math.log(2))


def test_a_run_goes_on_from_a_checkpoint_as_if_never_stopped() -> None:
    resumed, whole = hashes_with_and_without_a_stop(Cascade(agents=105), 5, 25)

    assert resumed == whole


def test_same_seed_same_run_and_another_seed_another() -> None:
    one, same, other = (hashes(Simulation(Cascade(agents=50), seed), 10) for seed in (1, 1, 2))

    assert one == same != other


@pytest.mark.parametrize(
    ("name", "value"), [("agents", 0), ("length", 0), ("precision", 0.5), ("precision", 1.0)]
)
def test_a_parameter_out_of_bounds_is_refused(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match=f"`{name}` is "):
        build(Cascade, {name: value})
