"""The queue of events that wait for the server."""

from actors.event import Event
from web.outgoing import Outgoing


def tick(number: int, size: int = 0) -> Event:
    return Event("run.r.tick", "x" * size, number, float(number), "e", number)


def state(offset: int, number: int) -> Event:
    return Event("run.r.state", {"state": "paused"}, number, None, "e", offset)


def all_of(outgoing: Outgoing) -> list[tuple[Event, ...]]:
    return list(iter(outgoing.take, None))


def test_what_one_tick_brought_stays_together_and_in_order() -> None:
    outgoing = Outgoing()
    batches = [(tick(1), state(7, 1)), (tick(2),)]

    for batch in batches:
        outgoing.put(batch)

    assert all_of(outgoing) == batches
    assert outgoing.bytes == 0


def test_a_full_queue_keeps_the_newest_tick_and_every_change_of_state() -> None:
    outgoing = Outgoing(limit=8000)

    for number in range(1, 21):
        outgoing.put((tick(number, 800), state(number + 100, number)))

    kept = [event for batch in all_of(outgoing) for event in batch]
    assert [e.offset for e in kept if e.topic == "run.r.state"] == list(range(101, 121))
    ticks = [e.offset for e in kept if e.topic == "run.r.tick"]
    assert ticks[-1] == 20
    assert ticks == list(range(ticks[0], 21))
    assert outgoing.dropped == 20 - len(ticks)


def test_memory_is_bounded_even_where_nothing_can_be_conflated() -> None:
    outgoing = Outgoing(limit=10_000)

    for number in range(1000):
        outgoing.put((state(number + 5000, number),))

    assert outgoing.bytes <= 10_000
    assert all_of(outgoing)[-1] == (state(5999, 999),)


def test_a_single_batch_larger_than_the_bound_is_sent() -> None:
    outgoing = Outgoing(limit=100)

    outgoing.put((tick(1, 5000),))

    assert all_of(outgoing) == [(tick(1, 5000),)]
