"""Classes of agents together give what each gives alone."""

import numpy as np
import pytest

from sim.errors import ImpossibleObservation, ModelError
from sim.individuals import Individuals
from sim.mean_field import MeanField
from sim.model import Model
from sim.policies import Draws
from sim.population import Character, Population
from sim.pymdp_model import plain_info, plain_mind
from sim.society import Alike, Member, Minds, Society
from tests.sim.models import random_model

FIRST, SECOND, THIRD = [4, 0], [1, 5, 2], [3]
EVERYBODY = np.arange(6)


def members() -> list[Member]:
    """Curious ones, incurious ones with another model, and one who thinks by mean field."""
    one, two = plain_mind(random_model(1), depth=2), plain_mind(random_model(2), depth=1)
    model = random_model(3, (2, 3))
    return [
        Member(FIRST, Alike(Population(2, one, Character()))),
        Member(SECOND, Alike(Population(3, two, Character(precision=2.0, curious=False)))),
        Member(THIRD, Individuals(1, MeanField(model), plain_info(model, 4), Character())),
    ]


def think(minds: Minds, agents: np.ndarray, ticks: int = 3) -> dict[str, np.ndarray]:
    """The last tick's columns of these agents of the society."""
    random = np.random.default_rng(9)
    for _ in range(ticks):
        seen, chance = random.integers(0, 2, (6, 2)), random.random((2, 6))
        considered = minds.think(seen[agents], Draws(chance[0][agents], chance[1][agents]))
    return considered.columns


def test_a_society_gives_what_each_class_gives_alone() -> None:
    together = think(Society(members()), EVERYBODY)

    for member in members():
        alone = think(member.minds, np.array(member.agents))
        for name, column in alone.items():
            assert together[name][member.agents].tolist() == column.tolist(), name


def test_the_gap_of_exact_agents_is_zero() -> None:
    columns = think(Society(members()), EVERYBODY)

    assert columns["gap"][FIRST + SECOND].tolist() == [0.0] * 5
    assert columns["gap"][3] > 0
    assert columns["action"].dtype == np.int32
    assert columns["tie"].dtype == np.bool_


def test_details_are_found_by_the_number_in_the_society() -> None:
    society = Society(members())
    seen = np.array([[i % 2, (i + 1) % 2] for i in range(6)])

    considered = society.think(seen, Draws(np.zeros(6), np.zeros(6)))

    for agent in range(6):
        told = considered.detail.belief(agent)
        assert told["observation"] == {
            "modality 0": f"outcome {agent % 2}",
            "modality 1": f"outcome {(agent + 1) % 2}",
        }
        assert told["surprise"] == considered.columns["surprise"][agent]


def test_a_society_goes_on_from_its_state() -> None:
    one, two = Society(members()), Society(members())
    think(one, EVERYBODY)

    two.restore(one.state())

    first, second = think(one, EVERYBODY), think(two, EVERYBODY)
    assert {n: c.tolist() for n, c in first.items()} == {n: c.tolist() for n, c in second.items()}


def test_those_who_forget_are_named_by_their_number_in_the_society() -> None:
    society = Society(members())
    fresh = think(society, EVERYBODY, ticks=1)["entropy"][5]
    society.forget(EVERYBODY == 5)

    again = think(society, EVERYBODY, ticks=1)

    assert again["entropy"][5] == fresh
    assert again["entropy"][1] != think(Society(members()), EVERYBODY, ticks=1)["entropy"][1]


def test_an_impossible_observation_names_the_agent_of_the_society() -> None:
    model = Model([np.eye(2)], [np.eye(2)[:, :, None]], [[0, 0]], [[1, 0]])
    strict = Population(2, plain_mind(model), Character(rule="error"))
    easy = Population(1, plain_mind(model), Character())
    society = Society([Member([2, 0], Alike(strict)), Member([1], Alike(easy))])
    chance = Draws(np.zeros(3), np.zeros(3))

    assert society.think(np.array([[0], [1], [0]]), chance).impossible == [1]
    with pytest.raises(ImpossibleObservation) as caught:
        society.think(np.array([[0], [0], [1]]), chance)

    assert caught.value.agents == (2,)


@pytest.mark.parametrize("agents", [[0, 0], [1, 2], [0]])
def test_who_is_in_no_class_or_in_two_is_refused(agents: list[int]) -> None:
    population = Population(2, plain_mind(random_model(1)), Character())

    with pytest.raises(ModelError, match=r"members"):
        Society([Member(agents, Alike(population))])
