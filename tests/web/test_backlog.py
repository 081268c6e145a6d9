"""What waits for one client, and what may wait for all."""

from hypothesis import given
from hypothesis import strategies as st

from actors.event import Event
from web.backlog import MOST_TOPICS, Backlog, QueueBounds, Waiting


def event(offset: int, topic: str = "run.a.tick") -> Event:
    return Event(topic, None, epoch="e", offset=offset)


steps = st.one_of(
    st.tuples(st.just("put"), st.integers(1, 500)),
    st.tuples(st.just("conflate"), st.integers(1, 500), st.sampled_from("abc")),
    st.tuples(st.sampled_from(["take_frame", "take_newest", "clear"])),
)


@given(st.lists(steps, max_size=60))
def test_what_waits_for_all_is_the_sum_of_what_waits_for_each(
    done: list[tuple[object, ...]],
) -> None:
    waiting = Waiting()
    backlogs = [Backlog(waiting), Backlog(waiting)]

    for number, step in enumerate(done):
        backlog = backlogs[number % 2]
        match step:
            case ("put", int(size)):
                backlog.put(bytes(size), [event(number)])
            case ("conflate", int(size), str(topic)):
                backlog.conflate(event(number, topic), size)
            case ("take_frame",):
                if backlog.has_frames:
                    backlog.take_frame()
            case (str(name),):
                getattr(backlog, name)()
        assert waiting.bytes == sum(own.size for own in backlogs)
        assert all(bool(own) == (own.size > 0) for own in backlogs)


def test_a_backlog_stopped_before_the_first_event_that_waits_of_each_topic() -> None:
    backlog = Backlog(Waiting())
    backlog.put(b"1", [event(7), event(3, "run.b.tick")])
    backlog.put(b"2", [event(8)])
    backlog.conflate(event(9, "run.c.tick"), 1)

    backlog.take_frame()

    assert backlog.stopped_at() == {"run.a.tick": {"epoch": "e", "offset": 7}}


def test_no_more_positions_are_told_than_a_client_may_be_shown() -> None:
    backlog = Backlog(Waiting())
    backlog.put(b"1", [event(1, f"run.a.agent.{n}") for n in range(MOST_TOPICS + 5)])

    assert len(backlog.stopped_at()) == MOST_TOPICS


def test_the_less_room_there_is_for_all_the_less_may_wait_for_one() -> None:
    bounds = QueueBounds(each=100, all=1000)

    found = [bounds.now(Waiting(waits)) for waits in (0, 900, 950, 2000)]

    assert found == [100, 100, 50, 0]


def test_zero_is_no_bound() -> None:
    assert QueueBounds(0, 0).now(Waiting(10**12)) is None
    assert QueueBounds(0, 10).now(Waiting(3)) == 7
    assert QueueBounds(5, 0).now(Waiting(10**12)) == 5
