"""Who is found for a topic, who counts as one audience, and what viewers want."""

import pykka
from hypothesis import given
from hypothesis import strategies as st

from actors.audience import Ref, Subscriptions
from actors.event import Event, Mode, Subscription
from actors.topics import Pattern
from tests.actors.test_topics import TOPICS, patterns


class Seat(pykka.ThreadingActor):
    """Gives a reference to subscribe with; never started."""


def seat() -> Ref:
    return Seat().actor_ref


def wish(*texts: str, mode: Mode = "all", max_hz: float | None = None) -> frozenset[Subscription]:
    return frozenset(Subscription(Pattern.parse(text), mode, max_hz) for text in texts)


def told(store: Subscriptions, topic: str) -> set[Ref]:
    return {ref for audience, _ in store.for_topic(topic) for ref in audience.members}


def test_those_who_ask_for_the_same_are_one_audience() -> None:
    store = Subscriptions()
    for _ in range(100):
        store.put(seat(), wish("run.a.tick", "run.a.state"), "json")

    [(audience, gate)] = store.for_topic("run.a.tick")

    assert len(audience.members) == 100
    assert gate is None


def test_another_encoding_or_mode_is_another_audience() -> None:
    store = Subscriptions()
    store.put(seat(), wish("a"), "json")
    store.put(seat(), wish("a"), "msgpack")
    store.put(seat(), wish("a", mode="latest"), "json")

    assert len(store.for_topic("a")) == 3


def test_a_topic_is_told_once_to_whom_two_patterns_match() -> None:
    store = Subscriptions()
    store.put(seat(), wish("run.a.>", "run.*.tick"), "json")

    assert len(store.for_topic("run.a.tick")) == 1


def test_of_two_matching_patterns_the_more_generous_counts() -> None:
    store = Subscriptions()
    slow = wish("run.>", mode="latest", max_hz=1.0)
    store.put(seat(), slow | wish("run.a.tick", max_hz=5.0) | wish("run.b.tick"), "json")

    [(_, of_a)] = store.for_topic("run.a.tick")
    [(_, of_b)] = store.for_topic("run.b.tick")
    [(_, of_c)] = store.for_topic("run.c.tick")

    assert of_a is not None
    assert (of_a.mode, of_a.interval) == ("all", 0.2)
    assert of_b is None
    assert of_c is not None
    assert (of_c.mode, of_c.interval) == ("latest", 1.0)


@given(st.data())
def test_the_cached_answer_is_what_trying_everybody_gives(data: st.DataObject) -> None:
    store = Subscriptions()
    seats = [seat() for _ in range(4)]
    wishes: dict[Ref, frozenset[Subscription]] = {}

    for _ in range(data.draw(st.integers(1, 12))):
        ref = data.draw(st.sampled_from(seats))
        wanted = data.draw(st.lists(patterns(3), unique=True, max_size=3))
        wishes[ref] = wish(*(pattern.text for pattern in wanted))
        store.put(ref, wishes[ref], "json")
        for topic in data.draw(st.lists(st.sampled_from(TOPICS[:39]), max_size=5)):
            expected = {
                member
                for member, own in wishes.items()
                if any(s.pattern.matches(topic) for s in own)
            }
            assert told(store, topic) == expected


def test_nothing_is_left_of_subscribers_that_went() -> None:
    store = Subscriptions()
    seats = [seat() for _ in range(10)]
    for number, ref in enumerate(seats):
        store.put(ref, wish("run.>", f"run.a.agent.{number}"), "json")

    for ref in seats:
        store.put(ref, frozenset(), None)

    assert (len(store), list(store.audiences()), store.wanted()) == (0, [], frozenset())
    assert store._by_pattern._branches == {}


def test_only_viewers_count_as_wanting_something() -> None:
    store = Subscriptions()
    store.put(seat(), wish(">"), None)

    store.put(seat(), wish("run.a.tick"), "json")

    assert store.wanted() == {"run.a.tick"}


def test_what_is_wanted_changes_with_the_first_and_the_last_viewer_only() -> None:
    store = Subscriptions()
    one, two = seat(), seat()
    changes = []

    for ref, own in ((one, wish("a")), (two, wish("a")), (one, wish()), (two, wish())):
        store.wanted_changed = False
        store.put(ref, own, "json")
        changes.append(store.wanted_changed)

    assert changes == [True, False, False, True]


def test_who_changes_its_patterns_is_given_what_was_held_back_and_is_still_wanted() -> None:
    store = Subscriptions()
    ref = seat()
    store.put(ref, wish("a", "b", max_hz=1.0), "json")
    for topic in ("a", "b"):
        [(_, gate)] = store.for_topic(topic)
        assert gate is not None
        gate.hold(Event(topic, {}))

    owed = store.put(ref, wish("b", "c"), "json")

    assert [event.topic for event in owed] == ["b"]
