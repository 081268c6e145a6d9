"""Events that come while many are still being told join the next; what is older comes first."""

from typing import Any

from actors.event import Position, Subscription
from actors.publishing import Publish, Subscribe, Subscribed
from actors.topics import Pattern
from tests.actors.stage import Seat, Stage, tick
from tests.settle import settle


async def asked(stage: Stage, seat: Seat, **more: Any) -> Subscribed:
    wishes = (Subscription(Pattern.parse("run.a.tick"), more.pop("mode", "all")),)
    question = Subscribe(seat.ref, wishes, "json", **more)
    answer: Subscribed = await stage.broadcaster.ask(question, block=False)
    await settle()
    return answer


async def test_ticks_that_arrive_while_one_is_on_its_way_come_as_one_frame() -> None:
    stage = Stage()
    seats = [stage.seat() for _ in range(3)]
    for seat in seats:
        await stage.subscribe(seat, "run.a.tick")

    for number in range(1, 6):
        stage.broadcaster.tell(Publish((tick(number),)))
    await settle()

    assert [seat.offsets for seat in seats] == [[1, 2, 3, 4, 5]] * 3
    assert [len(seat.deliveries) for seat in seats] == [2] * 3
    assert len(stage.encoder.calls) == 2


async def test_who_subscribes_meanwhile_gets_only_what_comes_after_its_answer() -> None:
    stage = Stage()
    early, late = stage.seat(), stage.seat()
    await stage.subscribe(early, "run.a.tick")

    for number in (1, 2):
        stage.broadcaster.tell(Publish((tick(number),)))
    answer = stage.subscribe(late, "run.a.tick")
    found = await answer
    stage.broadcaster.tell(Publish((tick(3),)))
    await settle()

    assert found.topics[0][0].position == Position("e", 2)
    assert (early.offsets, late.offsets) == ([1, 2, 3], [3])


async def test_what_was_read_elsewhere_comes_before_what_the_ring_has() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.publish(tick(8), tick(9))

    answer = await asked(
        stage,
        seat,
        since={"run.a.tick": Position("e", 5)},
        older={"run.a.tick": [tick(6), tick(7)]},
    )

    assert answer.topics[0][0].recovered
    assert seat.offsets == [6, 7, 8, 9]


async def test_a_hole_between_what_was_read_and_the_ring_is_no_recovery() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.publish(tick(9))

    answer = await asked(
        stage, seat, since={"run.a.tick": Position("e", 5)}, older={"run.a.tick": [tick(6)]}
    )

    assert answer.topics[0][0].recovered is False
    assert seat.offsets == []


async def test_a_topic_that_nobody_tells_any_more_is_recovered_from_what_was_read() -> None:
    stage = Stage()
    seat = stage.seat()

    answer = await asked(
        stage,
        seat,
        since={"run.a.tick": Position("e", 5)},
        older={"run.a.tick": [tick(6), tick(7)]},
    )

    assert answer.topics[0][0] == ("run.a.tick", Position("e", 7), True)
    assert seat.offsets == [6, 7]


async def test_nothing_came_after_the_last_event_of_a_run_that_is_over() -> None:
    stage = Stage()
    seat = stage.seat()

    answer = await asked(
        stage, seat, since={"run.a.tick": Position("e", 5)}, older={"run.a.tick": []}
    )

    assert answer.topics[0][0] == ("run.a.tick", Position("e", 5), True)


async def test_of_a_latest_topic_the_newest_comes_with_the_number_of_the_others() -> None:
    stage = Stage()
    seat = stage.seat()
    await stage.publish(tick(8))

    await asked(
        stage,
        seat,
        mode="latest",
        since={"run.a.tick": Position("e", 5)},
        older={"run.a.tick": [tick(6), tick(7)]},
    )

    assert [(event.offset, event.skipped) for event in seat.events] == [(8, 2)]
