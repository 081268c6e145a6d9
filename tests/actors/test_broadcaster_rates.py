"""Subscriptions that are told no more often than they asked for."""

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.event import Event
from actors.publishing import Unsubscribe
from actors.topics import Pattern
from tests.actors.stage import Stage, tick


def summary(events: list[Event]) -> list[tuple[int, int]]:
    return [(event.offset, event.skipped) for event in events]


async def test_latest_gets_the_newest_when_its_interval_has_passed() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.subscribe(seat, "run.a.tick", mode="latest", max_hz=10.0)

    await stage.publish(tick(1))
    await stage.publish(tick(2))
    await stage.publish(tick(3))
    await stage.advance(0.099)
    early = summary(seat.events)
    await stage.advance(0.001)

    assert early == [(1, 0)]
    assert summary(seat.events) == [(1, 0), (3, 1)]


async def test_latest_is_at_once_when_nothing_came_for_an_interval() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.subscribe(seat, "run.a.tick", mode="latest", max_hz=10.0)

    for number in (1, 2, 3):
        await stage.publish(tick(number))
        await stage.advance(0.2)

    assert summary(seat.events) == [(1, 0), (2, 0), (3, 0)]


async def test_all_with_a_rate_gets_everything_in_batches() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.subscribe(seat, "run.a.tick", max_hz=2.0)

    for number in range(1, 11):
        await stage.publish(tick(number))
        await stage.advance(0.125)
    await stage.advance(0.5)

    assert seat.offsets == list(range(1, 11))
    assert [len(deliver.events) for deliver in seat.deliveries] == [1, 3, 4, 2]


async def test_topics_that_go_together_are_one_delivery() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.subscribe(seat, "run.a.tick")
    await stage.subscribe(seat, "run.a.agents", mode="latest", max_hz=5.0)

    await stage.publish(tick(1), tick(1, "run.a.agents"))

    assert len(seat.deliveries) == 1
    assert [event.topic for event in seat.events] == ["run.a.tick", "run.a.agents"]


async def test_who_joins_while_values_are_held_is_told_only_of_those_after() -> None:
    stage = Stage()
    old, new = stage.seat(), stage.seat()
    await stage.subscribe(old, "run.a.>", mode="latest", max_hz=1.0)
    await stage.publish(tick(1))
    await stage.publish(tick(2), tick(2, "run.a.state"))
    await stage.subscribe(new, "run.a.>", mode="latest", max_hz=1.0)
    await stage.publish(tick(3))
    await stage.publish(tick(4))

    await stage.advance(1.0)

    assert summary(new.events) == [(4, 1)]
    assert sorted(summary(old.events)) == [(1, 0), (2, 0), (4, 2)]


async def test_who_changes_its_subscriptions_loses_nothing_that_was_held() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.subscribe(seat, "run.a.tick", "run.a.state", max_hz=1.0)
    await stage.publish(tick(1))
    await stage.publish(tick(2), tick(2, "run.a.state"))

    stage.broadcaster.tell(Unsubscribe(seat.ref, (Pattern.parse("run.a.state"),)))
    await stage.publish(tick(3))
    await stage.advance(2.0)

    assert seat.offsets == [1, 2, 3]


async def test_conflated_values_are_counted_per_receiver() -> None:
    stage = Stage()
    for _ in range(3):
        await stage.subscribe(stage.seat(), "run.a.tick", mode="latest", max_hz=1.0)

    for number in range(1, 6):
        await stage.publish(tick(number))
    await stage.advance(1.0)

    assert stage.subscriptions.conflated == 3 * 3


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["event", "wait", "join"]), min_size=1, max_size=30))
async def test_skipped_accounts_for_every_event_since_the_subscription(steps: list[str]) -> None:
    stage = Stage()
    seats = [stage.seat()]
    await stage.subscribe(seats[0], "run.a.tick", mode="latest", max_hz=10.0)
    began = [0]
    number = 0
    for step in [*steps, "wait"]:
        if step == "event":
            number += 1
            await stage.publish(tick(number))
        elif step == "join":
            seats.append(stage.seat())
            began.append(number)
            await stage.subscribe(seats[-1], "run.a.tick", mode="latest", max_hz=10.0)
        else:
            await stage.advance(0.1)

    accounted = [sum(1 + event.skipped for event in seat.events) for seat in seats]

    assert accounted == [number - begin for begin in began]
