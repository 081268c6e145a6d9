"""The commands of a run: what they do, and when they are refused."""

import pytest

from actors.simulated import Begun
from actors.steering import (
    Acknowledge,
    Attach,
    CommandRefused,
    Pause,
    Ping,
    Resume,
    RunStatus,
    SetSpeed,
    Step,
    Stop,
    Ticked,
)
from tests.actors.course import begin
from tests.actors.worlds import CountingSimulation
from tests.settle import settle


async def test_steps_are_answered_when_they_are_done() -> None:
    course = await begin()

    status = await course.ask(Step(3))

    assert status == RunStatus("paused", 3, 0.0)
    assert course.simulation.made == [1, 2, 3]


async def test_a_paused_run_makes_no_tick() -> None:
    course = await begin()

    await settle()

    assert course.simulation.made == []
    assert (await course.ask(Ping())).state == "paused"


async def test_a_run_is_never_more_than_its_lead_ahead_of_those_who_take_its_ticks() -> None:
    course = await begin(Begun(CountingSimulation()), lead=4)
    first = [m.tick.number for m in course.told if isinstance(m, Ticked)]

    course.ref.tell(Acknowledge("published", 2))
    await settle()

    assert first == [1, 2, 3, 4]
    assert [m.tick.number for m in course.told if isinstance(m, Ticked)] == [1, 2, 3, 4, 5, 6]


async def test_a_run_is_never_too_far_ahead_of_its_recorder() -> None:
    course = await begin(Begun(CountingSimulation()), recorded_lead=6)

    course.ref.tell(Acknowledge("recorded", 1))
    await settle()

    assert len([m for m in course.told if isinstance(m, Ticked)]) == 7


async def test_who_never_acknowledges_holds_a_run_up_only_for_a_while() -> None:
    course = await begin(lead=2, patience=0.0)

    status = await course.ask(Step(20))

    assert status.tick == 20
    assert course.recorded.count(Attach(course.ref)) > 1


async def test_commands_are_obeyed_while_a_run_goes_as_fast_as_it_can() -> None:
    course = await begin(lead=10**9, recorded_lead=10**9)

    await course.ask(Resume())
    status = await course.ask(Pause())
    await settle()

    assert status.state == "paused"
    assert course.simulation.made == list(range(1, status.tick + 1))


async def test_every_change_of_state_is_told_once_and_counted() -> None:
    course = await begin()

    for command in (Pause(), Resume(), Resume(), Pause(), SetSpeed(5.0), Stop()):
        await course.ask(command)
    await settle()

    assert course.states == ["starting", "paused", "running", "paused", "paused", "finished"]
    states = [event for event in course.events if event.topic == "run.r.state"]
    assert [event.offset for event in states] == [0, 1, 2, 3, 4, 5]
    assert states[-2].data == {"state": "paused", "tick": states[-2].tick, "hz": 5.0}
    assert {event.epoch for event in states} == {"e"}


async def test_single_steps_are_refused_while_it_runs() -> None:
    course = await begin(Begun(CountingSimulation()), lead=2)

    with pytest.raises(CommandRefused, match="only while it is paused"):
        await course.ask(Step(1))


@pytest.mark.parametrize("ticks", [0, -1, 10_000_000])
async def test_a_senseless_number_of_steps_is_refused(ticks: int) -> None:
    course = await begin()

    with pytest.raises(CommandRefused, match="allowed are 1 to"):
        await course.ask(Step(ticks))


@pytest.mark.parametrize("hz", [-1.0, float("nan"), float("inf"), 1e9])
async def test_a_senseless_speed_is_refused(hz: float) -> None:
    course = await begin()

    with pytest.raises(CommandRefused, match="allowed are 0 to"):
        await course.ask(SetSpeed(hz))


async def test_a_later_command_ends_the_steps_and_whoever_asked_is_told() -> None:
    course = await begin(lead=2)
    steps = course.ref.ask(Step(100), block=False)
    await settle()

    with pytest.raises(CommandRefused, match="not done yet"):
        await course.ask(Step(1))
    await course.ask(Pause())

    with pytest.raises(CommandRefused, match="told to pause"):
        await steps
    assert course.simulation.made == [1, 2]


async def test_steps_that_the_end_of_the_actor_cuts_short_are_answered() -> None:
    course = await begin(lead=2)
    steps = course.ref.ask(Step(100), block=False)
    await settle()

    await course.ref.stop(block=False)

    with pytest.raises(CommandRefused, match="stopped before"):
        await steps


@pytest.mark.parametrize("command", [Pause(), Resume(), Step(1), SetSpeed(1.0), Stop()])
async def test_a_run_that_has_ended_refuses_every_command_but_ping(command: object) -> None:
    course = await begin()
    await course.ask(Stop())

    with pytest.raises(CommandRefused, match="has ended"):
        await course.ask(command)
    assert (await course.ask(Ping())).state == "finished"
