"""What a run tells, hands to its recorder, and how it begins and ends."""

from typing import Any

import pytest

from actors.event import Event
from actors.run import Run
from actors.runtime import Runtime
from actors.simulated import Begun, RunSettings
from actors.steering import (
    Acknowledge,
    Checkpoint,
    CommandRefused,
    Report,
    RunStatus,
    SaveCheckpoint,
    Step,
    Stop,
    Suspend,
    Ticked,
)
from sim.tick import Log
from tests.actors.course import begin
from tests.actors.stage import Listener
from tests.actors.worlds import CountingSimulation
from tests.settle import settle


async def test_log_events_are_numbered_per_kind_with_tick_and_time() -> None:
    course = await begin()

    await course.ask(Step(2))
    course.ref.tell(Report(Log("failure", {"what": "recording"})))
    await settle()

    logs = [event for event in course.events if ".log." in event.topic]
    assert logs == [
        Event("run.r.log.beat", {"n": 1}, 1, 1.0, "e", 0),
        Event("run.r.log.beat", {"n": 2}, 2, 2.0, "e", 1),
        Event("run.r.log.failure", {"what": "recording"}, 2, None, "e", 0),
    ]


async def test_checkpoints_are_taken_every_so_many_ticks_and_at_the_end() -> None:
    course = await begin(checkpoint_ticks=4)

    await course.ask(Step(9))
    await course.ask(Stop())
    await settle()

    assert [c.tick for c in course.checkpoints] == [4, 8, 9]
    assert course.checkpoints[1] == Checkpoint(8, {"number": 8}, {"beat": 8})


async def test_a_checkpoint_is_taken_when_asked_for() -> None:
    course = await begin()
    await course.ask(Step(1))

    await course.ask(SaveCheckpoint())
    await settle()

    assert [c.tick for c in course.checkpoints] == [1]


async def test_a_suspended_run_leaves_its_state_as_it_is_on_record() -> None:
    course = await begin(Begun(CountingSimulation()), lead=3)

    status = await course.ask(Suspend())
    course.ref.tell(Acknowledge("published", 3))
    await settle()

    assert course.states == ["starting", "running"]
    assert [c.tick for c in course.checkpoints] == [status.tick] == [3]
    assert len([m for m in course.told if isinstance(m, Ticked)]) == 3


async def test_a_run_that_was_taken_up_again_says_so_and_counts_on() -> None:
    simulation = CountingSimulation(number=40)
    course = await begin(
        Begun(simulation, {"beat": 40}, states=7, resumed=True, paused=True, hz=3.0)
    )

    status = await course.ask(Step(1))
    await settle()

    assert status == RunStatus("paused", 41, 3.0)
    assert [(e.topic, e.offset) for e in course.events] == [
        ("run.r.state", 7),
        ("run.r.state", 8),
        ("run.r.log.beat", 40),
    ]
    assert course.states == ["restarted", "paused"]


async def test_a_simulation_that_fails_ends_the_run_with_its_reason_in_one_line() -> None:
    course = await begin(fails_at=3)

    with pytest.raises(CommandRefused, match="the run failed: ZeroDivisionError"):
        await course.ask(Step(5))
    await settle()

    assert course.states[-1] == "failed"
    assert course.events[-1].data == {
        "state": "failed",
        "tick": 2,
        "hz": 0.0,
        "reason": "ZeroDivisionError: the world ended",
    }
    assert not course.ref.is_alive()


async def test_a_run_that_cannot_begin_fails_with_the_reason() -> None:
    Runtime()
    told: list[Any] = []

    def impossible() -> Begun:
        raise ValueError("no such world")

    ref = Run.start(RunSettings("r", "e", 1.0), impossible, Listener.start(told))
    await settle()

    assert [m.event.data["reason"] for m in told] == ["ValueError: no such world"]
    assert not ref.is_alive()
