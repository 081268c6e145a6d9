"""A broadcaster that fails comes back under its supervisor, and goes on where it was."""

from typing import Any

import pykka

from actors.broadcaster import Broadcaster
from actors.child import Child
from actors.event import Position
from actors.publishing import Publish, WatchDemand
from actors.supervisor import StartChild, Supervisor
from tests.actors.stage import Stage, tick
from tests.settle import settle


async def supervised() -> Stage:
    """A stage whose broadcaster is a supervisor's child."""
    made: list[tuple[Any, ...]] = []

    def later(*args: Any) -> pykka.ActorRef[Any]:
        made.append(args)
        return Supervisor.start(name="server")

    stage = Stage(start=later)
    child = Child("broadcaster", (Broadcaster, made[0], {}))
    stage.broadcaster = await stage.broadcaster.ask(StartChild(child), block=False)
    return stage


async def crash(stage: Stage) -> None:
    await stage.publish(tick(1, "run.a.crash", "poison"))
    await stage.advance(1.0)


async def test_subscribers_hear_on_after_a_crash_and_numbers_go_on() -> None:
    stage = await supervised()
    seat = stage.seat()
    await stage.subscribe(seat, "run.a.>")
    await stage.publish(tick(1))

    await crash(stage)
    await stage.publish(tick(1), tick(2))

    assert stage.broadcaster.restarts == 1  # type: ignore[attr-defined]
    assert seat.offsets == [1, 2]
    assert stage.history.position("run.a.tick") == Position("e", 2)


async def test_messages_that_waited_behind_the_bad_one_are_handled() -> None:
    stage = await supervised()
    seat = stage.seat()
    await stage.subscribe(seat, "run.a.>")

    stage.broadcaster.tell(Publish((tick(1, "run.a.crash", "poison"),)))
    stage.broadcaster.tell(Publish((tick(1),)))
    await settle()
    await stage.advance(1.0)

    assert seat.offsets == [1]


async def test_values_held_back_are_still_delivered_in_time() -> None:
    stage = await supervised()
    slow, other = stage.seat(), stage.seat()
    await stage.subscribe(slow, "run.a.tick", mode="latest", max_hz=0.1)
    await stage.subscribe(other, "run.a.crash")
    for number in (1, 2, 3):
        await stage.publish(tick(number))

    await crash(stage)
    await stage.advance(10.0)

    assert [(event.offset, event.skipped) for event in slow.events] == [(1, 0), (3, 1)]


async def test_watchers_of_demand_are_told_on() -> None:
    stage = await supervised()
    watcher, seat = stage.seat(), stage.seat()
    stage.broadcaster.tell(WatchDemand(watcher.ref))
    await stage.subscribe(seat, "run.a.crash")

    await crash(stage)
    await stage.subscribe(seat, "run.a.belief.1")
    await settle()

    assert watcher.demands[-1] == {"run.a.crash", "run.a.belief.1"}
