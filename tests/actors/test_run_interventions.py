"""Going on until a condition holds, and changes between two ticks."""

from typing import Any

import pytest

from actors.simulated import Begun
from actors.steering import (
    CommandRefused,
    Kept,
    Pause,
    Perturb,
    Ping,
    Resume,
    SaveCheckpoint,
    Step,
    Stop,
    Until,
)
from sim.condition import Condition, ConditionError
from sim.perturbation import PerturbationError
from tests.actors.course import Course, begin
from tests.actors.worlds import CountingSimulation
from tests.settle import settle


def log(course: Course, kind: str) -> list[Any]:
    return [e.data for e in course.events if e.topic == f"run.r.log.{kind}"]


async def test_a_run_goes_on_until_the_condition_holds_and_says_who_met_it() -> None:
    course = await begin()

    status = await course.ask(Until(Condition("any(value) > 9 and tick >= 5")))
    await settle()

    # Agent i has the value i + tick.
    assert (status.state, status.until) == ("running", "any(value) > 9 and tick >= 5")
    assert course.simulation.made[-1] == 7
    assert log(course, "breakpoint") == [
        {"condition": "any(value) > 9 and tick >= 5", "agents": [3], "count": 1}
    ]
    assert (await course.ask(Ping())).state == "paused"
    assert (await course.ask(Ping())).until is None
    assert course.states[-2:] == ["running", "paused"]


async def test_the_breakpoint_is_told_after_its_tick_and_before_the_pause() -> None:
    course = await begin()

    await course.ask(Until(Condition("tick = 3")))
    await settle()

    names = [(event.topic.rpartition(".")[2], event.tick) for event in course.events][-3:]
    assert names == [("beat", 3), ("breakpoint", 3), ("state", 3)]


@pytest.mark.parametrize("command", [Pause(), Stop()])
async def test_a_pause_or_a_stop_ends_it(command: object) -> None:
    course = await begin(lead=3)
    await course.ask(Until(Condition("tick = 1000")))
    await settle()

    assert (await course.ask(command)).until is None
    assert log(course, "breakpoint") == []


async def test_a_later_condition_takes_the_place_of_an_earlier_one() -> None:
    course = await begin(lead=3)
    await course.ask(Until(Condition("tick = 2000")))

    status = await course.ask(Until(Condition("tick = 1000")))

    assert status.until == "tick = 1000"


async def test_a_condition_on_what_ticks_do_not_have_is_refused_or_pauses_at_the_first() -> None:
    course = await begin()

    await course.ask(Until(Condition("any(nix) > 1")))
    await settle()
    with pytest.raises(ConditionError, match="nix is no column"):
        await course.ask(Until(Condition("any(nix) > 1")))

    [told] = log(course, "breakpoint")
    assert "nix is no column" in told["reason"]
    assert course.simulation.made == [1]


async def test_a_run_that_is_taken_up_again_still_goes_on_until_then() -> None:
    simulation = CountingSimulation()
    course = await begin(Begun(simulation, until=Condition("tick = 4")))

    assert simulation.made == [1, 2, 3, 4]
    assert log(course, "breakpoint")[0]["condition"] == "tick = 4"


async def test_a_change_is_answered_and_told_when_it_is_on_record_and_no_tick_is_made_before() -> (
    None
):
    course = await begin()
    await course.ask(Step(2))

    answer = course.ref.ask(Perturb(1, {"value": 7}, "ada"), block=False)
    course.ref.tell(Resume())
    await settle()

    [kept] = course.checkpoints
    assert (course.simulation.made, log(course, "perturbation")) == ([1, 2], [])
    assert kept.simulation["changes"] == [(1, {"value": 7})]
    assert [event.data for event in kept.events] == [
        {"agent": 1, "change": {"value": 7}, "by": "ada"}
    ]
    assert kept.counts["perturbation"] == 1

    course.ref.tell(Kept(2))
    await settle()

    assert (await answer).tick == 2
    assert [event.offset for event in kept.events] == [0]
    assert log(course, "perturbation") == [kept.events[0].data]
    assert course.simulation.made[:3] == [1, 2, 3]


async def test_a_change_waits_for_its_record_no_longer_than_it_has_patience() -> None:
    course = await begin(patience=0.05)

    status = await course.ask(Perturb(None, {"value": 7}, "ada"))

    assert status.tick == 0
    assert log(course, "perturbation") == [{"agent": None, "change": {"value": 7}, "by": "ada"}]


async def test_one_change_after_the_other() -> None:
    course = await begin()
    first = course.ref.ask(Perturb(1, {"value": 7}, "ada"), block=False)

    with pytest.raises(CommandRefused, match="another change"):
        await course.ask(Perturb(2, {"value": 8}, "bob"))
    await course.ask(SaveCheckpoint())
    course.ref.tell(Kept(0))

    assert (await first).tick == 0
    assert course.simulation.changes == [(1, {"value": 7})]


async def test_a_change_that_the_world_refuses_leaves_nothing_behind() -> None:
    course = await begin()

    with pytest.raises(PerturbationError, match="value is missing"):
        await course.ask(Perturb(1, {"nix": 7}, "ada"))

    assert (course.checkpoints, log(course, "perturbation")) == ([], [])
    assert (await course.ask(Ping())).state == "paused"


async def test_a_run_that_has_ended_takes_no_change() -> None:
    course = await begin()
    await course.ask(Stop())

    for command in (Perturb(1, {"value": 7}, "ada"), Until(Condition("tick > 1"))):
        with pytest.raises(CommandRefused, match="ended"):
            await course.ask(command)


async def test_a_paused_run_is_brought_to_the_last_tick_that_anybody_saw() -> None:
    simulation = CountingSimulation(number=5)
    course = await begin(Begun(simulation, resumed=True, paused=True, known=8))

    assert simulation.made == [6, 7, 8]
    assert (await course.ask(Ping())).tick == 8
    assert (await course.ask(Step(1))).tick == 9
