"""The events that a tick becomes, and the questions that its last one answers."""

from typing import Any

import numpy as np
import pytest

from actors.belief_state import BeliefState
from actors.event import Event
from actors.publishing import Demand, Publish
from actors.questions import InvalidTable, NoBelief, NoSuchAgent, NoTickYet, ReadAgents, ReadBelief
from actors.steering import Acknowledge, Happened, Ticked
from actors.wanted import Wanted
from tests.actors.stage import Listener, Stage
from tests.actors.worlds import make_tick
from tests.settle import settle


class Scene:
    """BeliefState before a broadcaster that only remembers."""

    def __init__(self, watched: int = 1000) -> None:
        Stage()
        self.published: list[Publish] = []
        self.wanted = Wanted("r", watched)
        self.ref = BeliefState.start("r", "e", Listener.start(self.published), self.wanted)

    async def tell(self, *messages: object) -> None:
        for message in messages:
            self.ref.tell(message)
        await settle()

    async def ask(self, question: object) -> Any:
        return await self.ref.ask(question, block=False)

    @property
    def topics(self) -> list[str]:
        return [event.topic for event in self.published[-1].events]


async def test_a_tick_becomes_one_publish_with_all_its_events() -> None:
    scene = Scene()
    log = Event("run.r.log.beat", {}, epoch="e", offset=0)

    await scene.tell(Demand(frozenset({"run.r.belief.2"})), Ticked(make_tick(5), (log,)))

    [publish] = scene.published
    assert scene.topics == ["run.r.tick", "run.r.agents", "run.r.belief.2", "run.r.log.beat"]
    assert {(e.tick, e.time, e.epoch, e.offset) for e in publish.events[:3]} == {(5, 5.0, "e", 5)}


async def test_the_events_carry_aggregates_with_the_hash_and_the_columns() -> None:
    scene = Scene()

    await scene.tell(Ticked(make_tick(1)))

    tick, agents = scene.published[0].events
    assert tick.data == {"value": 2.5, "hash": "hash 1"}
    assert isinstance(agents.data, dict)
    assert np.array_equal(agents.data["value"], [1.0, 2.0, 3.0, 4.0])


async def test_the_origin_of_a_tick_is_told_that_it_is_published() -> None:
    scene = Scene()
    told: list[Any] = []

    await scene.tell(Ticked(make_tick(3), (), Listener.start(told)))

    assert told == [Acknowledge("published", 3)]


async def test_nobodys_belief_is_made_unless_it_is_wanted() -> None:
    scene = Scene(watched=2)
    await scene.tell(Ticked(make_tick(1)))
    before = scene.topics

    await scene.tell(Demand(frozenset({"run.*.belief.*"})), Ticked(make_tick(2)))

    assert before == ["run.r.tick", "run.r.agents"]
    assert scene.topics[2:] == ["run.r.belief.0", "run.r.belief.1"]


async def test_agents_without_minds_have_no_belief_to_tell() -> None:
    scene = Scene()

    await scene.tell(Demand(frozenset({"run.r.>"})), Ticked(make_tick(1, minds=False)))

    assert scene.topics == ["run.r.tick", "run.r.agents"]
    with pytest.raises(NoBelief):
        await scene.ask(ReadBelief("0"))


async def test_what_happens_outside_a_tick_is_published_in_its_order() -> None:
    scene = Scene()
    state = Event("run.r.state", {}, epoch="e", offset=1)

    await scene.tell(Ticked(make_tick(1)), Happened(state), Ticked(make_tick(2)))

    first = [publish.events[0].topic for publish in scene.published]
    assert first == ["run.r.tick", "run.r.state", "run.r.tick"]


async def test_a_belief_is_read_from_the_last_tick() -> None:
    scene = Scene()
    await scene.tell(Ticked(make_tick(1)), Ticked(make_tick(2)))

    belief = await scene.ask(ReadBelief("3"))

    assert belief["tick"] == 2
    assert belief["policies"] == [{"G": 3.0}]


async def test_the_table_is_read_from_the_last_tick() -> None:
    scene = Scene()
    await scene.tell(Ticked(make_tick(1)))

    found = await scene.ask(ReadAgents(sort="-value", limit=1))

    assert found == {
        "agents": [{"agent": "3", "value": 4.0, "action": 0, "even": True}],
        "total": 4,
        "tick": 1,
    }


async def test_a_question_that_cannot_be_answered_says_why_and_harms_nothing() -> None:
    scene = Scene()
    with pytest.raises(NoTickYet):
        await scene.ask(ReadAgents())
    await scene.tell(Ticked(make_tick(1)))

    with pytest.raises(NoSuchAgent, match="0 to 3"):
        await scene.ask(ReadBelief("4"))
    with pytest.raises(InvalidTable, match="value"):
        await scene.ask(ReadAgents(sort="nothing"))
    assert (await scene.ask(ReadBelief("3")))["tick"] == 1
