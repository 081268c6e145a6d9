"""Events held back: what is conflated, what is kept, and what newcomers are told."""

from hypothesis import given
from hypothesis import strategies as st

from actors.event import Event
from actors.gate import MOST_EVENTS, Gate


def event(number: int, topic: str = "t") -> Event:
    return Event(topic, {"n": number}, epoch="e", offset=number)


def summary(events: list[Event]) -> list[tuple[str, int, int]]:
    return [(e.topic, e.offset, e.skipped) for e in events]


def test_latest_keeps_the_newest_per_topic_and_counts_the_others() -> None:
    gate: Gate[str] = Gate("latest", max_hz=1.0)
    for number in (1, 2, 3):
        gate.hold(event(number))
    gate.hold(event(7, "other"))

    [(members, events)] = gate.take(["one"], now=0.0)

    assert members == ["one"]
    assert summary(events) == [("t", 3, 2), ("other", 7, 0)]


def test_all_keeps_every_event_in_order() -> None:
    gate: Gate[str] = Gate("all", max_hz=1.0)
    for number in (1, 2, 3):
        gate.hold(event(number))

    [(_, events)] = gate.take(["one"], now=0.0)

    assert summary(events) == [("t", 1, 0), ("t", 2, 0), ("t", 3, 0)]


def test_a_gate_opens_again_when_its_interval_has_passed() -> None:
    gate: Gate[str] = Gate("latest", max_hz=4.0)
    gate.hold(event(1))
    list(gate.take(["one"], now=10.0))
    gate.hold(event(2))

    assert not gate.is_due(10.2)
    assert gate.is_due(10.25)


def test_an_empty_gate_is_never_due() -> None:
    gate: Gate[str] = Gate("all", max_hz=1.0)

    assert not gate.is_due(99.0)


def test_too_many_held_events_go_early_since_none_may_be_lost() -> None:
    gate: Gate[str] = Gate("all", max_hz=0.001)
    gate.hold(event(0))
    list(gate.take(["one"], now=0.0))

    for number in range(MOST_EVENTS):
        assert not gate.is_due(0.1)
        gate.hold(event(number))

    assert gate.is_due(0.1)


def test_who_joins_meanwhile_is_told_nothing_from_before() -> None:
    gate: Gate[str] = Gate("latest", max_hz=1.0)
    gate.hold(event(1, "before"))
    gate.hold(event(2))
    gate.join("new")
    gate.hold(event(3))
    gate.hold(event(4))

    told = {tuple(m): summary(e) for m, e in gate.take(["old", "new"], now=0.0)}

    assert told == {
        ("old",): [("before", 1, 0), ("t", 4, 2)],
        ("new",): [("t", 4, 1)],
    }


def test_newcomers_are_like_the_others_after_the_gate_opened_once() -> None:
    gate: Gate[str] = Gate("all", max_hz=1.0)
    gate.hold(event(1))
    gate.join("new")
    list(gate.take(["old", "new"], now=0.0))
    gate.hold(event(2))

    [(members, _)] = gate.take(["old", "new"], now=1.0)

    assert members == ["old", "new"]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("event"), st.sampled_from("abc")),
            st.tuples(st.just("join"), st.just("")),
            st.tuples(st.just("take"), st.just("")),
        ),
        max_size=40,
    )
)
def test_told_and_skipped_together_are_exactly_what_happened_since_joining(
    steps: list[tuple[str, str]],
) -> None:
    gate: Gate[str] = Gate("latest", max_hz=1.0)
    members = ["first"]
    happened: dict[str, dict[str, int]] = {"first": {}}
    accounted: dict[str, dict[str, int]] = {"first": {}}

    for number, (what, topic) in enumerate([*steps, ("take", "")]):
        if what == "event":
            gate.hold(event(number, topic))
            for counts in happened.values():
                counts[topic] = counts.get(topic, 0) + 1
        elif what == "join":
            members.append(f"member {number}")
            gate.join(members[-1])
            happened[members[-1]], accounted[members[-1]] = {}, {}
        else:
            for told, events in gate.take(members, now=float(number)):
                for member in told:
                    for e in events:
                        before = accounted[member].get(e.topic, 0)
                        accounted[member][e.topic] = before + 1 + e.skipped

    assert accounted == happened
