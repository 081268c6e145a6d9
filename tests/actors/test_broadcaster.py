"""What subscribers are told, once each, encoded once for all of them."""

from typing import Any

import pytest

from actors.event import Event, Position
from actors.history import HistoryLimits
from actors.publishing import ForgetRun, Leave, Publish, ReadHistory, Unsubscribe
from actors.topics import Pattern
from tests.actors.stage import Stage, Text, tick
from tests.settle import settle


async def test_an_event_reaches_those_who_subscribed_and_nobody_else() -> None:
    stage = Stage()
    one, other = stage.seat(), stage.seat()
    await stage.subscribe(one, "run.a.*")
    await stage.subscribe(other, "run.b.*")

    await stage.publish(tick(1))

    assert one.events == [tick(1)]
    assert other.told == []


async def test_a_hundred_events_to_a_thousand_are_one_encoding_and_a_delivery_each() -> None:
    stage = Stage()
    seats = [stage.seat() for _ in range(1000)]
    for seat in seats:
        await stage.subscribe(seat, "run.a.>")

    await stage.publish(*(tick(1, f"run.a.agent.{number}") for number in range(100)))

    assert stage.encoder.calls == ["json"]
    assert {len(seat.deliveries) for seat in seats} == {1}
    assert {len(seat.events) for seat in seats} == {100}


async def test_audiences_that_get_the_same_events_share_the_frame() -> None:
    stage = Stage()
    one, two, other = stage.seat(), stage.seat(), stage.seat()
    await stage.subscribe(one, "run.a.tick", "run.a.agent.1")
    await stage.subscribe(two, "run.a.tick", "run.a.agent.2")
    await stage.subscribe(other, "run.a.tick", encoding="msgpack")

    await stage.publish(tick(1))

    assert stage.encoder.calls == ["json", "msgpack"]
    assert one.deliveries[0].frame is two.deliveries[0].frame
    assert other.deliveries[0].frame == Text("msgpack", ("run.a.tick",))


async def test_an_actor_without_an_encoding_gets_events_and_no_frame() -> None:
    stage = Stage()
    recorder = stage.seat()
    await stage.subscribe(recorder, ">", encoding=None)

    await stage.publish(tick(1))

    assert recorder.deliveries[0].frame is None
    assert recorder.events == [tick(1)]
    assert stage.encoder.calls == []


async def test_an_event_matched_by_two_patterns_comes_once() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.subscribe(seat, "run.a.*", "run.*.tick")

    await stage.publish(tick(1))

    assert seat.offsets == [1]


async def test_an_event_that_comes_again_is_passed_on_once() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.subscribe(seat, ">")

    await stage.publish(tick(1), tick(2))
    await stage.publish(tick(2), tick(3))
    await stage.publish(Event("run.a.tick", None, epoch="f", offset=1))

    assert [(e.epoch, e.offset) for e in seat.events] == [("e", 1), ("e", 2), ("e", 3), ("f", 1)]


async def test_events_of_its_own_get_an_epoch_and_count() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.subscribe(seat, "system.metrics")

    await stage.publish(Event("system.metrics", {}), Event("system.metrics", {}))

    assert [(e.epoch, e.offset) for e in seat.events] == [("own", 0), ("own", 1)]


async def test_a_subscription_is_told_where_its_topics_stand() -> None:
    stage = Stage()
    await stage.publish(tick(7), tick(3, "run.a.state"), tick(1, "run.b.tick"))

    subscribed = await stage.subscribe(stage.seat(), "run.a.*", "run.none")

    assert [sorted(topics) for topics in subscribed.topics] == [
        [("run.a.state", Position("e", 3), None), ("run.a.tick", Position("e", 7), None)],
        [],
    ]


async def test_no_more_than_a_thousand_topics_are_listed() -> None:
    stage = Stage()
    await stage.publish(*(tick(1, f"run.a.agent.{number}") for number in range(1500)))

    subscribed = await stage.subscribe(stage.seat(), "run.a.>", "run.>")

    assert [len(topics) for topics in subscribed.topics] == [1000, 0]


async def test_what_was_missed_comes_back_before_anything_newer() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.publish(*(tick(number) for number in range(1, 6)))

    stage.broadcaster.tell(Publish((tick(6),)))
    subscribed = await stage.subscribe(seat, "run.a.*", since={"run.a.tick": Position("e", 3)})
    await stage.publish(tick(7))

    assert subscribed.topics == ((("run.a.tick", Position("e", 6), True),),)
    assert seat.offsets == [4, 5, 6, 7]


@pytest.mark.parametrize("since", [Position("e", 2), Position("other", 9), Position("e", 99)])
async def test_where_something_is_missing_nothing_comes_back_and_it_is_said(
    since: Position,
) -> None:
    stage = Stage(HistoryLimits(events=3))
    seat = stage.seat()
    await stage.publish(*(tick(number) for number in range(1, 10)))

    subscribed = await stage.subscribe(seat, "run.a.tick", since={"run.a.tick": since})

    assert subscribed.topics == ((("run.a.tick", Position("e", 9), False),),)
    assert seat.told == []


async def test_a_topic_that_is_not_known_any_more_is_not_recovered() -> None:
    stage = Stage()

    subscribed = await stage.subscribe(stage.seat(), ">", since={"gone": Position("e", 2)})

    assert [(topic, recovered) for topic, _, recovered in subscribed.topics[0]] == [("gone", False)]


async def test_more_than_a_connection_could_take_at_once_is_not_recovered() -> None:
    stage = Stage()
    seat = stage.seat()
    for number in range(1, 11):
        await stage.publish(tick(number, data="x" * 100_000), tick(number, "small"))

    subscribed = await stage.subscribe(
        seat, ">", since={"run.a.tick": Position("e", 1), "small": Position("e", 9)}
    )

    assert {s.topic: s.recovered for s in subscribed.topics[0]} == {
        "run.a.tick": False,
        "small": True,
    }
    assert [event.topic for event in seat.events] == ["small"]


async def test_a_latest_subscription_gets_the_newest_of_what_it_missed() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.publish(*(tick(number) for number in range(1, 6)))

    await stage.subscribe(seat, ">", mode="latest", since={"run.a.tick": Position("e", 2)})
    await settle()

    assert [(e.offset, e.skipped) for e in seat.events] == [(5, 2)]


async def test_who_unsubscribes_is_told_nothing_more_of_it() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.subscribe(seat, "run.a.tick", "run.a.state")

    gone = await stage.broadcaster.ask(
        Unsubscribe(seat.ref, (Pattern.parse("run.a.tick"), Pattern.parse("never.had"))),
        block=False,
    )
    await stage.publish(tick(1), tick(1, "run.a.state"))

    assert [pattern.text for pattern in gone] == ["run.a.tick"]
    assert [event.topic for event in seat.events] == ["run.a.state"]


async def test_unsubscribing_from_nothing_in_particular_ends_everything() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.subscribe(seat, "b", "a")

    gone = await stage.broadcaster.ask(Unsubscribe(seat.ref), block=False)

    assert [pattern.text for pattern in gone] == ["a", "b"]
    assert len(stage.subscriptions) == 0


async def test_who_left_without_a_word_disturbs_nobody_and_is_forgotten() -> None:
    stage = Stage()
    gone, there = stage.seat(), stage.seat()
    await stage.subscribe(gone, ">")
    await stage.subscribe(there, ">")
    gone.ref.stop(block=False)
    await settle()

    await stage.publish(tick(1))
    await stage.advance(60.0)

    assert there.offsets == [1]
    assert stage.subscriptions.subscribers() == [there.ref]


async def test_leaving_ends_all_subscriptions() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.subscribe(seat, ">")

    stage.broadcaster.tell(Leave(seat.ref))
    await stage.publish(tick(1))

    assert seat.told == []


async def test_history_is_read_by_offsets() -> None:
    stage = Stage()
    await stage.publish(*(tick(number) for number in range(1, 10)))

    found: list[Any] = await stage.broadcaster.ask(
        ReadHistory("run.a.tick", first=3, last=8, limit=4), block=False
    )

    assert [event.offset for event in found] == [5, 6, 7, 8]


async def test_a_run_that_is_forgotten_leaves_nothing() -> None:
    stage = Stage()
    await stage.publish(tick(1), tick(1, "run.b.tick"))

    stage.broadcaster.tell(ForgetRun("a"))
    await settle()

    assert stage.history.position("run.a.tick") is None
    assert stage.history.position("run.b.tick") == Position("e", 1)
