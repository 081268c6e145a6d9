"""All kinds of minds in one world: each can be looked into, and none is a special case."""

import numpy as np
import pytest

from sim.perturbation import PerturbationError
from sim.simulation import Simulation
from sim.template import Moths
from tests.sim.zoo import ACTING, ALIKE, APPROXIMATE, LEARNING, Zoo, ZooWorld

EVERYBODY = [*ALIKE, *LEARNING, *APPROXIMATE, *ACTING]


def after(ticks: int) -> Simulation:
    simulation = Simulation(Zoo(), seed=4)
    for _ in range(ticks):
        simulation.tick()
    return simulation


@pytest.mark.parametrize("agent", EVERYBODY)
@pytest.mark.parametrize("ticks", [1, 2, 3, 5])
def test_what_each_believes_follows_from_prior_and_likelihood(agent: int, ticks: int) -> None:
    tick = after(ticks - 1).tick()

    told = tick.detail.belief(agent)

    for name, posterior in told["belief"].items():
        weight = told["prior"][name] * told["likelihood"][name]
        assert posterior == pytest.approx(weight / weight.sum(), abs=1e-9), name
    for name, predicted in told["predicted"].items():
        assert predicted.sum() == pytest.approx(1.0), name
    assert told["surprise"] == pytest.approx(tick.columns["surprise"][agent])


@pytest.mark.parametrize("kind", [ALIKE, LEARNING, APPROXIMATE])
def test_a_clamped_belief_is_what_is_expected_by_those_alone(kind: list[int]) -> None:
    changed, same = after(4), after(4)

    changed.perturb(kind[0], {"belief": {"context": [0.3, 0.7]}})

    one, other = changed.tick(), same.tick()
    assert one.detail.belief(kind[0])["prior"]["context"] == pytest.approx([0.3, 0.7])
    for agent in set(EVERYBODY) - {kind[0]}:
        prior = one.detail.belief(agent)["prior"]["context"]
        assert prior == pytest.approx(other.detail.belief(agent)["prior"]["context"])


def test_an_observation_is_set_once_for_each_kind() -> None:
    simulation = after(3)
    for agent in EVERYBODY:
        simulation.perturb(agent, {"observation": {"cue": "right", "location": "cue"}})

    first, second = simulation.tick(), simulation.tick()

    seen = [first.detail.agent(agent)["observation"] for agent in EVERYBODY]
    assert {(s["cue"], s["location"]) for s in seen} == {("right", "cue")}
    later = [second.detail.agent(agent)["observation"]["cue"] for agent in EVERYBODY]
    assert set(later) != {"right"}


def test_without_precision_all_policies_of_all_kinds_are_as_likely() -> None:
    simulation = after(3)

    simulation.perturb(None, {"precision": 0.0})

    tick = simulation.tick()
    for agent in EVERYBODY:
        found = {round(p["probability"], 9) for p in tick.detail.belief(agent)["policies"]}
        assert found == {round(1 / 25, 9)}


def test_who_is_stopped_is_known_to_the_society() -> None:
    simulation = after(3)
    for agent in (LEARNING[1], ACTING[0]):
        simulation.perturb(agent, {"stop": True})

    world = simulation.world
    assert isinstance(world, ZooWorld)
    assert np.flatnonzero(world.society.stopped).tolist() == sorted([LEARNING[1], ACTING[0]])


def test_preferences_that_cannot_be_changed_are_said_to_be_so() -> None:
    simulation = Simulation(Moths(), seed=1)
    simulation.tick()
    before = simulation.hash

    with pytest.raises(PerturbationError, match=r"^preferences cannot be changed in this scenario"):
        simulation.perturb(None, {"stop": True, "preferences": {"brightness": [0.0, 1.0]}})

    assert simulation.hash == before
