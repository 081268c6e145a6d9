"""Agents come when they are spoken to and go when they are not."""

from typing import Any

import pytest

from actors.agent import REMEMBERED
from actors.agents import RECALLED, Agents, Figures
from actors.event import Event
from actors.publishing import Demand
from actors.questions import NoSuchAgent, NoTickYet, ReadAgent
from actors.steering import Happened, Ticked
from actors.supervisor import Supervisor
from actors.wanted import Wanted
from tests.actors.stage import Listener, Stage
from tests.actors.worlds import make_tick
from tests.settle import settle


class Scene(Stage):
    """Agents before a follower that only remembers."""

    def __init__(self, **figures: Any) -> None:
        super().__init__()
        self.told: list[Any] = []
        self.home = Supervisor.start(name="agents", escalate=False)
        self.agents = Agents.start(
            "r",
            "e",
            Listener.start(self.told),
            self.home,
            Wanted("r", 1000),
            ("stay", "go"),
            Figures(**figures),
        )

    async def tell(self, *messages: object) -> None:
        for message in messages:
            self.agents.tell(message)
        await settle()

    async def read(self, agent: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.agents.ask(ReadAgent(agent), block=False)
        return found

    @property
    def active(self) -> list[str]:
        return sorted(self.home.children or ())


async def test_a_tick_is_handed_on_with_the_events_of_the_agents_that_are_watched() -> None:
    scene = Scene()
    log = Event("run.r.log.beat", {}, epoch="e", offset=0)

    await scene.tell(Demand(frozenset({"run.r.agent.2"})), Ticked(make_tick(5), (log,)))

    [ticked] = scene.told
    assert ticked.tick.number == 5
    data = {"value": 7.0, "action": 1, "even": False, "context": "of 2"}
    assert ticked.events == (log, Event("run.r.agent.2", data, 5, 5.0, "e", 5))


async def test_what_happens_outside_a_tick_keeps_its_place() -> None:
    scene = Scene()
    happened = Happened(Event("run.r.state", {}))

    await scene.tell(Ticked(make_tick(1)), happened, Ticked(make_tick(2)))

    assert scene.told[1] == happened


async def test_a_million_agents_are_none_until_one_is_spoken_to() -> None:
    scene = Scene()
    await scene.tell(Ticked(make_tick(1, agents=1_000_000)))
    before = scene.active

    found = await scene.read("999999")

    assert before == []
    assert scene.active == ["agent-999999"]
    assert found["state"]["value"] == 1_000_000.0


async def test_an_agent_tells_its_state_belief_policies_and_last_actions() -> None:
    scene = Scene()
    await scene.tell(*(Ticked(make_tick(number)) for number in (1, 2)))

    found = await scene.read("3")

    assert (found["run"], found["agent"], found["tick"]) == ("r", "3", 2)
    assert found["state"] == {"value": 5.0, "action": 1, "even": False, "context": "of 3"}
    assert found["policies"] == found["belief"]["policies"] == [{"G": 3.0}]
    assert found["history"] == [{"tick": 1, "action": "stay"}, {"tick": 2, "action": "go"}]


async def test_an_active_agent_remembers_more_actions_but_not_all() -> None:
    scene = Scene()
    await scene.tell(*(Ticked(make_tick(number)) for number in range(1, 101)))
    first = (await scene.read("0"))["history"]

    await scene.tell(*(Ticked(make_tick(number)) for number in range(101, 201)))
    later = (await scene.read("0"))["history"]

    assert [acted["tick"] for acted in first] == list(range(101 - RECALLED, 101))
    assert [acted["tick"] for acted in later] == list(range(201 - REMEMBERED, 201))


async def test_a_viewer_of_one_agent_activates_it_and_a_viewer_of_all_does_not() -> None:
    scene = Scene()
    await scene.tell(Ticked(make_tick(1)))

    await scene.tell(Demand(frozenset({"run.r.belief.1", "run.r.>"})))

    assert scene.active == ["agent-1"]


async def test_who_is_not_spoken_to_goes_and_who_is_watched_stays() -> None:
    scene = Scene(idle=60.0)
    await scene.tell(Ticked(make_tick(1)), Demand(frozenset({"run.r.agent.1"})))
    await scene.read("2")
    await scene.advance(50.0)
    await scene.read("3")

    await scene.advance(40.0)

    assert scene.active == ["agent-1", "agent-3"]


async def test_the_one_spoken_to_longest_ago_goes_when_there_are_too_many() -> None:
    scene = Scene(active=2)
    await scene.tell(Ticked(make_tick(1)))

    for agent in ("0", "1", "0", "2"):
        await scene.read(agent)

    assert scene.active == ["agent-0", "agent-2"]


async def test_an_agent_that_died_is_begun_anew() -> None:
    scene = Scene()
    await scene.tell(Ticked(make_tick(1)))
    await scene.read("0")
    assert scene.home.children is not None
    await scene.home.children["agent-0"].ref.stop(block=False)
    await settle()

    assert (await scene.read("0"))["tick"] == 1


async def test_a_question_about_nobody_is_refused() -> None:
    scene = Scene()
    with pytest.raises(NoTickYet):
        await scene.read("0")
    await scene.tell(Ticked(make_tick(1)))

    with pytest.raises(NoSuchAgent):
        await scene.read("4")
    assert scene.active == []
