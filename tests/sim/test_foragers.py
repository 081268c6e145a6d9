"""Epistemic chaining (Heins et al. 2022): all contexts, shortest ways, and why."""

import numpy as np
import pytest

from sim.scenarios.foragers import KNOWLEDGE, Foragers, ForagersWorld
from sim.simulation import Simulation


def world_of(simulation: Simulation) -> ForagersWorld:
    assert isinstance(simulation.world, ForagersWorld)
    return simulation.world


def test_every_context_is_solved_by_the_shortest_way_through_both_cues() -> None:
    scenario = Foragers(agents=200, start="corner")
    simulation = Simulation(scenario, seed=2)
    places = scenario.places
    lengths: dict[tuple[str, str], set[int]] = {}

    for _ in range(25):
        tick = simulation.tick()
        for agent in np.flatnonzero(tick.columns["reward"] != 0).tolist():
            context = tick.detail.agent(agent)
            assert tick.columns["reward"][agent] == 1
            key = (context["second cue"], context["reward at"])
            lengths.setdefault(key, set()).add(int(tick.columns["moves"][agent]))

    distance = places.grid.distance
    shortest = {
        (f"place {i + 1}", name): {
            int(
                distance(0, places.first_cue)
                + distance(places.first_cue, cue)
                + distance(cue, goal)
            )
        }
        for i, cue in enumerate(places.second_cues)
        for name, goal in zip(("upper", "lower"), places.rewards, strict=True)
    }
    assert lengths == shortest


def test_at_each_cue_the_belief_becomes_certain_of_what_the_cue_tells() -> None:
    scenario = Foragers(agents=100, start="corner")
    simulation = Simulation(scenario, seed=3)
    seen = 0

    for _ in range(12):
        tick = simulation.tick()
        for agent in range(100):
            observed = tick.detail.agent(agent)["observation"]
            belief = tick.detail.belief(agent)["belief"]
            for cue, factor in (("first cue", "second cue"), ("second cue", "reward")):
                if observed[cue] != "nothing":
                    assert sorted(belief[factor])[-1] == pytest.approx(1.0)
                    seen += 1

    assert seen > 100


def test_without_epistemic_value_fewer_are_solved_than_by_a_gamble() -> None:
    curious, incurious = (
        Simulation(Foragers(agents=300, start="corner", epistemic=epistemic), seed=6)
        for epistemic in (True, False)
    )

    for _ in range(150):
        with_value, without = curious.tick(), incurious.tick()

    assert with_value.aggregates["solved"] == 1.0
    assert without.aggregates["solved"] < 0.55


def test_what_an_agent_knows_is_named_from_its_belief() -> None:
    simulation = Simulation(Foragers(agents=50, start="corner"), seed=1)

    first = simulation.tick()
    for _ in range(2):
        at_the_cue = simulation.tick()

    assert set(first.columns["knows"]) == {KNOWLEDGE.index("nothing")}
    assert set(at_the_cue.columns["knows"]) == {KNOWLEDGE.index("the second cue's place")}


def test_a_search_that_takes_too_long_begins_anew() -> None:
    simulation = Simulation(Foragers(agents=20, start="corner", moves=5), seed=1)

    moves = [simulation.tick().columns["moves"].max() for _ in range(30)]

    assert max(moves) == 5
    assert world_of(simulation).state()["searches"] > 20


@pytest.mark.parametrize(("rows", "columns"), [(5, 7), (8, 12), (12, 20)])
def test_things_stand_apart_on_grids_of_any_size(rows: int, columns: int) -> None:
    places = Foragers(rows=rows, columns=columns).places

    cells = [places.first_cue, *places.second_cues, *places.rewards]

    assert len(set(cells)) == 7
    assert max(cells) < rows * columns
