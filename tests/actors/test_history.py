"""Numbers, rings and their bounds."""

import msgspec
import numpy as np
import pytest

from actors.event import Event, Position
from actors.history import History, HistoryLimits, weigh
from actors.topics import Pattern


def tick(number: int, topic: str = "run.a.tick", epoch: str = "e", size: int = 1) -> Event:
    return Event(topic, "x" * size, tick=number, epoch=epoch, offset=number)


def filled(*numbers: int, limits: HistoryLimits | None = None) -> History:
    history = History("own", limits)
    for number in numbers:
        history.add(tick(number))
    return history


def offsets(events: list[Event] | None) -> list[int] | None:
    return None if events is None else [event.offset for event in events]


def test_an_event_without_an_epoch_gets_the_own_one_and_the_next_offset() -> None:
    history = History("own")

    numbered = [history.add(Event(topic, {})) for topic in ("a", "a", "b", "a")]

    assert [(e.epoch, e.offset) for e in numbered if e] == [
        ("own", 0),
        ("own", 1),
        ("own", 0),
        ("own", 2),
    ]


def test_an_event_with_an_epoch_keeps_its_number_and_is_passed_on_once() -> None:
    history = filled(1, 2, 3)

    assert history.add(tick(2)) is None
    assert history.add(tick(3)) is None
    assert history.add(tick(4)) == tick(4)


def test_a_new_epoch_begins_the_topic_anew() -> None:
    history = filled(1, 2, 3)

    assert history.add(tick(1, epoch="f")) == tick(1, epoch="f")
    assert history.position("run.a.tick") == Position("f", 1)
    assert history.since("run.a.tick", Position("e", 2)) is None


def test_everything_after_a_position_comes_back_in_order() -> None:
    history = filled(1, 2, 3, 4)

    assert offsets(history.since("run.a.tick", Position("e", 2))) == [3, 4]
    assert offsets(history.since("run.a.tick", Position("e", 4))) == []
    assert offsets(history.since("run.a.tick", Position("e", 0))) == [1, 2, 3, 4]


@pytest.mark.parametrize("offset", [-1, 0, 1, 5, 99])
def test_nothing_comes_back_when_something_is_missing_or_the_position_is_ahead(
    offset: int,
) -> None:
    history = filled(1, 2, 3, 4, limits=HistoryLimits(events=2))

    assert history.since("run.a.tick", Position("e", offset)) is None


def test_a_gap_in_the_offsets_counts_as_missing() -> None:
    history = filled(1, 2, 7, 8)

    assert history.since("run.a.tick", Position("e", 2)) is None
    assert offsets(history.since("run.a.tick", Position("e", 6))) == [7, 8]


def test_what_came_before_the_first_event_seen_counts_as_missing() -> None:
    history = filled(500, 501)

    assert history.since("run.a.tick", Position("e", 450)) is None
    assert offsets(history.since("run.a.tick", Position("e", 499))) == [500, 501]


def test_a_ring_is_bounded_by_its_count() -> None:
    history = filled(*range(1, 100), limits=HistoryLimits(events=10))

    assert offsets(history.read("run.a.tick", None, None, 1000)) == list(range(90, 100))


def test_a_ring_is_bounded_by_its_bytes() -> None:
    history = History("own", HistoryLimits(topic_bytes=3000))

    for number in range(1, 20):
        history.add(tick(number, size=1000))

    assert offsets(history.read("run.a.tick", None, None, 1000)) == [18, 19]
    assert history.bytes <= 3000


def test_an_event_too_large_to_keep_still_moves_the_position() -> None:
    history = History("own", HistoryLimits(topic_bytes=1000))

    history.add(tick(1, size=5000))

    assert history.position("run.a.tick") == Position("e", 1)
    assert history.since("run.a.tick", Position("e", 0)) is None
    assert history.bytes == 0


def test_the_topic_used_least_lately_goes_when_there_are_too_many() -> None:
    history = History("own", HistoryLimits(topics=2))
    for topic in ("a", "b", "a", "c"):
        history.add(Event(topic, {}))

    assert history.position("b") is None
    assert history.position("a") == Position("own", 1)
    assert len(history) == 2


def test_all_rings_together_are_bounded_by_bytes() -> None:
    history = History("own", HistoryLimits(bytes=5000))

    for number in range(20):
        history.add(Event(f"topic.{number}", "x" * 1000))

    assert history.bytes <= 5000
    assert history.position("topic.19") is not None
    assert history.position("topic.0") is None


def test_a_topic_that_was_dropped_counts_in_a_new_epoch() -> None:
    history = History("own", HistoryLimits(topics=1))
    history.add(Event("a", {}))
    history.add(Event("b", {}))

    again = history.add(Event("a", {}))

    assert again is not None
    assert again.offset == 0
    assert again.epoch != "own"


def test_a_range_is_read_with_the_newest_first_to_stay() -> None:
    history = filled(*range(1, 11))

    assert offsets(history.read("run.a.tick", 3, 8, 100)) == [3, 4, 5, 6, 7, 8]
    assert offsets(history.read("run.a.tick", 3, 8, 2)) == [7, 8]
    assert offsets(history.read("run.a.tick", None, None, 0)) == []
    assert history.read("unknown", None, None, 10) == []


def test_forgetting_a_run_leaves_the_others() -> None:
    history = History("own")
    for topic in ("run.a.tick", "run.a.log.beat", "run.b.tick", "system.metrics"):
        history.add(Event(topic, {}))

    history.forget_run("a")

    topics = {topic for topic, _ in history.positions(Pattern.parse(">"))}
    assert topics == {"run.b.tick", "system.metrics"}


def test_forgetting_everything_leaves_no_bytes() -> None:
    history = filled(1, 2, 3)

    history.forget_run("a")

    assert (len(history), history.bytes) == (0, 0)


def test_an_array_weighs_what_it_keeps_alive() -> None:
    assert weigh(np.zeros(1000)) >= 8000
    assert weigh(msgspec.Raw(b"x" * 500)) >= 500
    assert weigh({"a": [np.zeros(100), "text"]}) >= 800


def test_a_topic_that_is_settled_has_everything_that_comes_after_and_nothing_before() -> None:
    history = History("own")

    history.settle({"run.a.tick": Position("e", 7)})

    assert history.position("run.a.tick") == Position("e", 7)
    assert history.since("run.a.tick", Position("e", 6)) is None
    assert history.add(tick(7)) is None
    assert history.add(tick(8)) == tick(8)
    assert offsets(history.since("run.a.tick", Position("e", 7))) == [8]


def test_settling_behind_what_is_known_changes_nothing_and_ahead_of_it_leaves_a_gap() -> None:
    history = filled(1, 2, 3)

    history.settle({"run.a.tick": Position("e", 2)})
    assert offsets(history.since("run.a.tick", Position("e", 1))) == [2, 3]

    history.settle({"run.a.tick": Position("e", 5)})
    history.add(tick(6))
    assert history.since("run.a.tick", Position("e", 3)) is None
    assert offsets(history.since("run.a.tick", Position("e", 5))) == [6]


def test_settling_in_another_epoch_begins_the_topic_anew_within_the_bound_of_topics() -> None:
    history = filled(1, 2, limits=HistoryLimits(topics=2))

    history.settle({"run.a.tick": Position("f", 4), "b": Position("e", 1), "c": Position("e", 1)})

    assert len(history) == 2
    assert history.position("run.a.tick") is None
    assert history.position("c") == Position("e", 1)
