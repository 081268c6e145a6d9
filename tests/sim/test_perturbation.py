"""Interventions: they change what they say and nothing else, and a checkpoint keeps them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.packing import pack, unpack
from sim.perturbation import PerturbationError
from sim.scenario import Scenario
from sim.scenarios.foragers import Foragers
from sim.scenarios.metronome import Metronome
from sim.scenarios.tmaze import TMaze
from sim.simulation import Simulation
from sim.tick import Tick
from tests.sim.zoo import ACTING, ALIKE, APPROXIMATE, LEARNING, Zoo

MAZE = TMaze(agents=6, cue_validity=0.9)
FIELD = Foragers(agents=6, start="corner")
ZOO = Zoo()


def after(scenario: Scenario, ticks: int, seed: int = 3) -> Simulation:
    simulation = Simulation(scenario, seed)
    run(simulation, ticks)
    return simulation


def run(simulation: Simulation, ticks: int) -> list[Tick]:
    return [simulation.tick() for _ in range(ticks)]


def belief(tick: Tick, agent: int) -> dict[str, Any]:
    return tick.detail.belief(agent)


CHANGES: list[tuple[Scenario, int | None, dict[str, Any]]] = [
    (MAZE, 2, {"observation": {"cue": "left"}}),
    (MAZE, 2, {"belief": {"context": [0.2, 0.8]}}),
    (MAZE, 2, {"belief": {"context": "reward left"}, "observation": {"outcome": "nothing"}}),
    (MAZE, 2, {"reset": True}),
    (MAZE, None, {"precision": 0.0}),
    (MAZE, None, {"preferences": {"outcome": [0.0, -3.0, 3.0]}}),
    (MAZE, 2, {"move": "cue"}),
    (MAZE, 2, {"stop": True}),
    (MAZE, None, {"stop": True}),
    (MAZE, 2, {"restart": True}),
    (FIELD, 2, {"belief": {"reward": [0.9, 0.1]}}),
    (FIELD, None, {"preferences": {"outcome": [0.0, -3.0, 3.0]}}),
    (FIELD, 2, {"move": 7}),
    (FIELD, 2, {"stop": True}),
    (FIELD, 2, {"restart": True}),
    *[
        (ZOO, number, change)
        for number, *_ in (ALIKE, LEARNING, APPROXIMATE, ACTING)
        for change in (
            {"observation": {"cue": "left"}},
            {"belief": {"context": [0.2, 0.8]}},
            {"reset": True},
            {"move": "junction"},
            {"stop": True},
            {"restart": True},
        )
    ],
    (ZOO, None, {"precision": 0.0}),
    (ZOO, None, {"preferences": {"outcome": [0.0, -3.0, 3.0]}}),
    (ZOO, None, {"belief": {"context": "reward left"}}),
    (ZOO, None, {"stop": True}),
]


@pytest.mark.parametrize(("scenario", "agent", "change"), CHANGES)
def test_a_checkpoint_after_a_change_leads_to_the_same_future(
    scenario: Scenario, agent: int | None, change: dict[str, Any]
) -> None:
    simulation = after(scenario, 4)
    simulation.perturb(agent, change)
    kept = unpack(pack(simulation.checkpoint()))
    future = [tick.hash for tick in run(simulation, 8)]

    again = Simulation(scenario, 3)
    again.restore(kept)

    assert [tick.hash for tick in run(again, 8)] == future


@pytest.mark.parametrize(("scenario", "agent", "change"), CHANGES)
def test_a_change_is_seen_in_the_hash_and_made_again_gives_the_same(
    scenario: Scenario, agent: int | None, change: dict[str, Any]
) -> None:
    changed, again, untouched = (after(scenario, 4) for _ in range(3))
    for simulation in (changed, again):
        simulation.perturb(agent, change)

    futures = [[tick.hash for tick in run(s, 8)] for s in (changed, again, untouched)]

    assert futures[0] == futures[1]
    assert futures[0] != futures[2] or "reset" in change or "restart" in change


def test_going_back_before_a_change_undoes_it() -> None:
    for scenario, agent, change in CHANGES:
        simulation = after(scenario, 4)
        before = simulation.checkpoint()
        simulation.perturb(agent, change)
        run(simulation, 3)

        simulation.restore(before)

        expected = [tick.hash for tick in run(after(scenario, 4), 6)]
        assert [tick.hash for tick in run(simulation, 6)] == expected, change


def test_a_belief_is_clamped_for_one_agent_and_for_one_factor() -> None:
    simulation, untouched = after(MAZE, 4), after(MAZE, 4)

    simulation.perturb(2, {"belief": {"context": [0.2, 0.8]}})

    changed, same = simulation.tick(), untouched.tick()
    assert belief(changed, 2)["prior"]["context"] == pytest.approx([0.2, 0.8])
    assert belief(changed, 2)["prior"]["location"] == pytest.approx(
        belief(same, 2)["prior"]["location"]
    )
    for agent in (0, 1, 3, 4, 5):
        assert belief(changed, agent)["prior"]["context"] == pytest.approx(
            belief(same, agent)["prior"]["context"]
        )


def test_an_observation_is_set_once() -> None:
    simulation = after(MAZE, 3)
    simulation.perturb(2, {"observation": {"cue": "right", "location": "cue"}})

    first, second = run(simulation, 2)

    assert first.detail.agent(2)["observation"]["cue"] == "right"
    assert first.detail.agent(2)["observation"]["location"] == "cue"
    assert second.detail.agent(2)["observation"]["location"] != "cue"


def test_without_precision_all_policies_are_as_likely() -> None:
    simulation = after(MAZE, 3)

    simulation.perturb(None, {"precision": 0.0})

    policies = belief(simulation.tick(), 0)["policies"]
    assert {round(policy["probability"], 9) for policy in policies} == {round(1 / 25, 9)}


def test_who_prefers_the_loss_goes_for_it() -> None:
    scenario = Foragers(agents=50, start="corner")
    simulation = after(scenario, 1)
    simulation.perturb(None, {"preferences": {"outcome": [0.0, -4.0, 4.0]}})

    rewards = np.concatenate([tick.columns["reward"] for tick in run(simulation, 60)])

    # Those who had the first observation before the change search on as the others do.
    assert (rewards < 0).sum() > 10 * (rewards > 0).sum()


def test_who_is_stopped_neither_moves_nor_learns_until_it_is_begun_anew() -> None:
    simulation = after(FIELD, 3)
    simulation.perturb(2, {"stop": True})

    ticks = run(simulation, 20)

    places = {tick.detail.agent(2)["place"] for tick in ticks}
    priors = {belief(tick, 2)["prior"]["reward"].tobytes() for tick in ticks}
    assert (len(places), len(priors)) == (1, 1)
    others = {tick.detail.agent(3)["place"] for tick in ticks}
    assert len(others) > 3
    simulation.perturb(2, {"restart": True})
    ticks = run(simulation, 20)
    assert ticks[0].columns["moves"][2] == 0
    assert len({tick.detail.agent(2)["place"] for tick in ticks}) > 3


def test_who_is_moved_is_there_and_the_others_are_not() -> None:
    simulation = after(FIELD, 3)
    label = simulation.world.places[11]  # type: ignore[attr-defined]

    simulation.perturb(2, {"move": label})

    tick = simulation.tick()
    assert tick.detail.agent(2)["place"] == label
    assert tick.detail.agent(3)["place"] != label


@pytest.mark.parametrize(
    ("agent", "change", "field", "says"),
    [
        (0, {}, "", "there is no change; known are observation"),
        (0, {"nix": 1}, "nix", "known are observation"),
        (6, {"reset": True}, "agent", "0 to 5"),
        (-1, {"reset": True}, "agent", "0 to 5"),
        (0, {"reset": 1}, "reset", "allowed is true"),
        (0, {"precision": 1.0}, "precision", "for all agents"),
        (None, {"precision": -1}, "precision", "0 to 1000"),
        (None, {"precision": True}, "precision", "0 to 1000"),
        (None, {"precision": float("nan")}, "precision", "0 to 1000"),
        (0, {"move": "nowhere"}, "move", "known are start, junction"),
        (0, {"move": 5}, "move", "known are"),
        (0, {"observation": {}}, "observation", "at least one name"),
        (0, {"observation": "left"}, "observation", "a map"),
        (0, {"observation": {"smell": 1}}, "observation", "known are location, outcome, cue"),
        (0, {"observation": {"cue": "up"}}, "observation.cue", "known are nothing, left, right"),
        (0, {"belief": {"mood": "good"}}, "belief", "known are location, context"),
        (0, {"belief": {"context": [0.5, 0.6]}}, "belief.context", "sum to 1, not to 1.1"),
        (0, {"belief": {"context": [1.5, -0.5]}}, "belief.context", "probabilities"),
        (0, {"belief": {"context": [1.0]}}, "belief.context", "2 finite numbers"),
        (0, {"belief": {"context": ["a", "b"]}}, "belief.context", "2 numbers"),
        (None, {"preferences": {"outcome": [1, 2]}}, "preferences.outcome", "3 finite numbers"),
    ],
)
def test_what_cannot_be_changed_is_said_and_nothing_is(
    agent: int | None, change: dict[str, Any], field: str, says: str
) -> None:
    simulation = after(MAZE, 3)
    before = simulation.hash

    with pytest.raises(PerturbationError) as error:
        # Of a change all parts are made, or none.
        simulation.perturb(agent, {"stop": True, **change} if change else change)

    assert (error.value.field, says in str(error.value)) == (field, True), str(error.value)
    assert simulation.hash == before


def test_a_belief_by_which_nobody_could_plan_is_refused() -> None:
    simulation = after(FIELD, 3)
    uncertain = np.full(35, 1 / 35).tolist()

    with pytest.raises(PerturbationError, match="nothing to plan by"):
        simulation.perturb(0, {"belief": {"place": uncertain}})


def test_a_scenario_without_minds_says_so() -> None:
    with pytest.raises(PerturbationError, match="metronome"):
        Simulation(Metronome()).perturb(None, {"stop": True})


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=2).filter(lambda p: sum(p) > 0.01),
    st.integers(0, 12),
)
@settings(max_examples=60, deadline=None)
def test_clamped_beliefs_stay_beliefs(weights: list[float], ticks: int) -> None:
    simulation = after(MAZE, ticks)
    wanted = (np.array(weights) / sum(weights)).tolist()

    simulation.perturb(None, {"belief": {"context": wanted}})

    tick = simulation.tick()
    for agent in range(6):
        prior = belief(tick, agent)["prior"]
        assert prior["location"].sum() == pytest.approx(1.0)
        assert prior["context"] == pytest.approx(wanted, abs=1e-12)
