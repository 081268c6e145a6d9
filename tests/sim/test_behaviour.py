"""Agents written in Python act beside arrays of agents, and leave the same traces."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from sim.behaviour import Acting, Agent
from sim.errors import BehaviourError
from sim.individual_detail import Considered
from sim.model import Array
from sim.packing import pack, unpack
from sim.policies import Draws
from sim.population import Character, Population
from sim.scenarios.tmaze import ACTIONS, CUE, LEFT, START, TMaze
from sim.society import Alike, Member, Society

SEEN = {START: [START, 0, 0], CUE: [CUE, 0, 1]}
CHANCE = Draws(np.full(4, 0.5), np.full(4, 0.5))


class Cautious(Agent):
    """Looks at the cue until it is certain of the side, and counts how often it looked."""

    def __init__(self) -> None:
        self.looked = 0

    def act(self, observation: Mapping[str, str | None], belief: Mapping[str, Array]) -> str:
        if belief["context"].max() > 0.9:
            return "go to left arm" if belief["context"][0] > 0.5 else "go to right arm"
        self.looked += 1
        return "go to cue"


class Stubborn(Agent):
    """Does always the same."""

    def __init__(self, action: Any) -> None:
        self.action = action

    def act(self, observation: Mapping[str, str | None], belief: Mapping[str, Array]) -> Any:
        return self.action


class Broken(Agent):
    def act(self, observation: Mapping[str, str | None], belief: Mapping[str, Array]) -> str:
        return belief["contxt"].tobytes().hex()


def mixed() -> tuple[Society, Acting]:
    """Agents 0 and 2 are arrays, 1 and 3 are Python."""
    mind = TMaze().mind()
    acting = Acting([Cautious(), Stubborn(LEFT)], mind, Character())
    arrays = Population(2, mind, Character())
    return Society([Member([0, 2], Alike(arrays)), Member([1, 3], Alike(acting))]), acting


def see(society: Society, place: int) -> Considered:
    return society.think(np.array([SEEN[place]] * 4), CHANCE)


def test_python_agents_act_by_what_they_believe() -> None:
    society, acting = mixed()

    first, second = see(society, START), see(society, CUE)

    assert first.action.tolist() == [CUE, CUE, CUE, LEFT]
    assert second.action.tolist()[1] == LEFT
    assert acting.behaviours[0].state() == {"looked": 1}


def test_both_kinds_have_the_same_columns_and_details() -> None:
    considered = see(mixed()[0], START)

    told = [considered.detail.belief(agent) for agent in range(4)]
    for name in ("entropy", "surprise", "free_energy", "epistemic", "action"):
        assert considered.columns[name][0] == considered.columns[name][1], name
    assert told[0].keys() == told[1].keys()
    assert [own["action"] for own in told] == [ACTIONS[u] for u in considered.action]
    assert told[0]["observation"] == told[1]["observation"]


def test_both_kinds_tell_of_the_impossible() -> None:
    society = mixed()[0]

    considered = society.think(np.array([[START, 0, 1]] * 4), CHANCE)

    assert considered.impossible == [0, 1, 2, 3]


def test_what_python_agents_remember_goes_on_from_a_checkpoint() -> None:
    one, acting = mixed()
    see(one, START)
    two, other = mixed()

    two.restore(unpack(pack(one.state())))

    assert other.behaviours[0].state() == acting.behaviours[0].state() == {"looked": 1}
    assert see(one, CUE).action.tolist() == see(two, CUE).action.tolist()


def test_who_is_stopped_is_not_asked() -> None:
    society, acting = mixed()
    acting.stopped = np.array([True, False])

    see(society, START)

    assert acting.behaviours[0].state() == {"looked": 0}


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (Stubborn("go home"), r"Stubborn\.act of agent 1 gave 'go home'; known are go to start"),
        (Stubborn(7), r"Stubborn\.act of agent 1 gave 7; known are"),
        (Stubborn(None), r"Stubborn\.act of agent 1 gave None"),
        (Stubborn(True), r"Stubborn\.act of agent 1 gave True"),
        (Broken(), r"Broken\.act of agent 1 raised KeyError\('contxt'\)"),
    ],
)
def test_what_goes_wrong_in_an_agent_is_told_with_its_number(agent: Agent, said: str) -> None:
    acting = Acting([Cautious(), agent], TMaze().mind(), Character())
    rows = acting.mind.likelihood.row(np.array([SEEN[START]] * 2))

    with pytest.raises(BehaviourError, match=said):
        acting.think(rows, Draws(np.zeros(2), np.zeros(2)))


def test_in_a_society_it_is_told_with_the_number_there() -> None:
    society, acting = mixed()
    acting.behaviours[1].restore({"action": "go home"})

    with pytest.raises(BehaviourError, match=r"of agent 3 gave 'go home'"):
        see(society, START)
