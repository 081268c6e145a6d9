"""Echo chambers: what bias and volatility lead to, and that beliefs are what Bayes says."""

import itertools
from typing import Any

import numpy as np
import pytest

from sim.packing import pack, unpack
from sim.perturbation import PerturbationError
from sim.scenarios.echo_chambers import EchoChambers, EchoWorld
from sim.simulation import Simulation
from sim.tick import Tick

SEEDS = range(40)
PAIR = "0-1"


def after(ticks: int, seed: int = 0, **params: Any) -> Tick:
    """The last of so many ticks."""
    simulation = Simulation(EchoChambers(**params), seed)
    while simulation.number < ticks - 1:
        simulation.tick()
    return simulation.tick()


def polarisation(**params: Any) -> np.ndarray[Any, Any]:
    """At the end, by seed: the same networks and first beliefs whatever the parameters."""
    network = {"agents": 40, "neighbours": 8, "rewiring": 0.2}
    return np.array(
        [after(150, seed, **network, **params).aggregates["polarisation"] for seed in SEEDS]
    )


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"bias": 0.0}, {"bias": 4.0}),
        ({"bias": 4.0, "volatility": 0.01}, {"bias": 4.0, "volatility": 0.001}),
    ],
    ids=["more confirmation bias: two camps", "more volatility: consensus"],
)
def test_the_direction_of_the_paper_over_forty_seeds(
    less: dict[str, Any], more: dict[str, Any]
) -> None:
    difference = polarisation(**more) - polarisation(**less)

    error = difference.std(ddof=1) / len(difference) ** 0.5
    assert difference.mean() > 3 * error
    assert difference.mean() > 0.1


def test_a_reading_is_inferred_as_by_enumeration() -> None:
    bias, trust, openness = 1.5, 0.8, 1.2
    given: dict[str, Any] = {"bias": bias, "trust": trust, "openness": openness, "volatility": 0.0}
    simulation = Simulation(EchoChambers(agents=2, edges=PAIR, social_volatility=0.0, **given), 3)
    for _ in range(5):
        world = simulation.world
        assert isinstance(world, EchoWorld)
        idea, views = world.idea.copy(), world.views.copy()
        tick = simulation.tick()
        for agent in (0, 1):
            own, view = idea[agent], views[agent]
            agreement = own * view + (1 - own) * (1 - view)
            precision = trust * np.exp(bias * (2 * agreement - 1))
            post = tick.columns["post"][1 - agent]
            weights = {}
            for truth, other in itertools.product((0, 1), repeat=2):
                logit = openness * (2 * other - 1) + precision * (2 * truth - 1)
                says_for = 1 / (1 + np.exp(-logit))
                prior = (own if truth else 1 - own) * (view if other else 1 - view)
                weights[truth, other] = prior * (says_for if post else 1 - says_for)
            evidence = sum(weights.values())

            assert world.idea[agent] == pytest.approx((weights[1, 0] + weights[1, 1]) / evidence)
            assert world.views[agent] == pytest.approx((weights[0, 1] + weights[1, 1]) / evidence)
            assert tick.columns["surprise"][agent] == pytest.approx(-np.log(evidence))


def test_the_curious_read_who_would_tell_them_most() -> None:
    tick = after(30, agents=30)

    detail: Any = tick.detail
    for agent in range(30):
        first, last = detail.network.start[agent : agent + 2]
        assert detail.gain[detail.read[agent]] == pytest.approx(detail.gain[first:last].max())
        best = tick.detail.belief(agent)["policies"][0]
        assert best["epistemic"] == pytest.approx(tick.columns["epistemic"][agent])


def test_beliefs_stay_probabilities_and_certainty_is_no_trouble() -> None:
    certain: dict[str, Any] = {"volatility": 0.0, "openness": 20.0, "trust": 6.0}
    for params in (certain, {"leaning": 10.0}):
        tick = after(80, agents=50, bias=10.0, **params)

        for name, column in tick.columns.items():
            assert np.isfinite(column).all(), name
        assert (tick.columns["belief"] >= 0).all()
        assert (tick.columns["belief"] <= 1).all()


def test_who_hears_nobody_believes_on_by_itself() -> None:
    tick = after(3, agents=3, edges=PAIR, volatility=0.0)

    assert tick.columns["action"][2] == -1
    assert tick.columns["surprise"][2] == 0
    assert tick.detail.belief(2)["policies"] == []


def test_edges_are_cut_and_added_and_a_belief_is_set_and_all_is_in_the_checkpoint() -> None:
    simulation = Simulation(EchoChambers(agents=20), 1)
    for _ in range(5):
        before = simulation.tick()
    source = int(before.columns["action"][4])

    simulation.perturb(4, {"cut": source})
    simulation.perturb(4, {"add": 13 if source != 13 else 12})
    simulation.perturb(7, {"belief": {"idea": "for"}})
    other = Simulation(EchoChambers(agents=20), 1)
    other.restore(unpack(pack(simulation.checkpoint())))

    assert other.hash == simulation.hash
    assert [other.tick().hash for _ in range(5)] == [simulation.tick().hash for _ in range(5)]
    policies = before.detail.belief(4)["policies"]
    assert f"read {source}" in {policy["actions"][0] for policy in policies}


@pytest.mark.parametrize(
    "change",
    [{}, {"cut": 4}, {"belief": {"truth": 1}}, {"belief": {"idea": [0.4, 0.4]}}, {"move": 3}],
)
def test_what_cannot_be_changed_is_refused_and_changes_nothing(change: dict[str, Any]) -> None:
    simulation = Simulation(EchoChambers(agents=10), 1)
    simulation.tick()
    before = simulation.hash

    with pytest.raises(PerturbationError):
        simulation.perturb(4, change)

    assert simulation.hash == before
