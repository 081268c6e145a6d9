"""What one subscription takes of the stream, without a connection."""

from collections.abc import Iterable
from typing import Any

from actors.topics import Pattern
from web.client_feed import SINCE_BYTES, Feed, Mode
from web.client_results import Event, Gap, Item, Position

TOPIC = "run.a.tick"


def make_feed(
    mode: Mode = "all", pattern: str = "run.>", since: dict[str, Position] | None = None
) -> Feed:
    return Feed([Pattern.parse(pattern)], mode, None, since or {}, 10_000)


def begin(feed: Feed, *topics: tuple[str, str, int, bool | None]) -> None:
    """The server's answer: topic, epoch, offset, recovered."""
    names = ("topic", "epoch", "offset", "recovered")
    feed.begin({"subscriptions": [{"topics": [dict(zip(names, t, strict=True)) for t in topics]}]})


def open_feed(mode: Mode = "all") -> Feed:
    feed = make_feed(mode)
    begin(feed)
    return feed


def give(feed: Feed, *offsets: int, topic: str = TOPIC, epoch: str = "e") -> None:
    feed.take([Event(topic, epoch, offset) for offset in offsets])


async def waiting(feed: Feed, count: int) -> list[Item]:
    return [await feed.next() for _ in range(count)]


def told(items: Iterable[Item]) -> list[Any]:
    return [item.offset if isinstance(item, Event) else item for item in items]


async def test_what_comes_before_the_server_has_answered_is_for_others() -> None:
    feed = make_feed()
    give(feed, 1)
    begin(feed)

    give(feed, 2)

    assert told(await waiting(feed, 1)) == [2]


async def test_what_was_seen_is_not_taken_twice() -> None:
    feed = open_feed()

    give(feed, 1, 2)
    give(feed, 1, 2, 3)

    assert told(await waiting(feed, 3)) == [1, 2, 3]


async def test_a_hole_in_the_offsets_is_a_gap() -> None:
    feed = open_feed()

    give(feed, 1, 2, 5)

    assert told(await waiting(feed, 4)) == [1, 2, Gap(TOPIC), 5]


async def test_latest_leaves_out_without_a_gap() -> None:
    feed = open_feed("latest")

    give(feed, 1)
    first = await waiting(feed, 1)
    give(feed, 5)

    assert told(first + await waiting(feed, 1)) == [1, 5]


async def test_a_new_epoch_is_a_gap_and_begins_its_own_count() -> None:
    feed = open_feed()

    give(feed, 7)
    give(feed, 1, 2, epoch="f")

    assert told(await waiting(feed, 4)) == [7, Gap(TOPIC), 1, 2]


async def test_it_asks_for_what_comes_after_the_last_it_took() -> None:
    feed = open_feed()
    give(feed, 1, 2)

    feed.cut_off()

    assert feed.since() == {TOPIC: {"epoch": "e", "offset": 2}}


async def test_it_asks_from_where_a_topic_stood_when_nothing_came_of_it() -> None:
    feed = make_feed()
    begin(feed, (TOPIC, "e", 41, None))

    feed.cut_off()

    assert feed.since() == {TOPIC: {"epoch": "e", "offset": 41}}


async def test_the_first_event_of_a_topic_that_stood_still_may_have_any_offset() -> None:
    feed = make_feed()
    begin(feed, (TOPIC, "e", 41, None))

    give(feed, 90, 91)

    assert told(await waiting(feed, 2)) == [90, 91]


async def test_what_is_recovered_goes_before_what_others_get_meanwhile() -> None:
    feed = make_feed(since={TOPIC: Position("e", 3)})
    feed.since()
    begin(feed, (TOPIC, "e", 6, True))

    give(feed, 6)  # for a subscription beside it
    give(feed, 4, 5, 6)
    give(feed, 7)

    assert told(await waiting(feed, 4)) == [4, 5, 6, 7]


async def test_what_cannot_be_recovered_is_a_gap_once() -> None:
    feed = make_feed(since={TOPIC: Position("e", 3)})
    feed.since()

    begin(feed, (TOPIC, "f", 9, False), (TOPIC, "f", 9, False))
    give(feed, 10, epoch="f")

    assert told(await waiting(feed, 2)) == [Gap(TOPIC), 10]


async def test_a_topic_that_began_while_the_connection_was_away_has_a_gap() -> None:
    feed = open_feed()
    feed.cut_off()

    begin(feed, ("run.b.tick", "e", 4, None))
    give(feed, 5, topic="run.b.tick")

    assert told(await waiting(feed, 2)) == [Gap("run.b.tick"), 5]


async def test_positions_that_do_not_fit_into_a_message_are_told_as_gaps() -> None:
    many = {f"run.{n}.{'x' * 200}": Position("e", n) for n in range(400)}
    feed = make_feed(since=many)

    since = feed.since()

    gaps = await waiting(feed, len(many) - len(since))
    assert sum(len(topic) for topic in since) < SINCE_BYTES
    assert {gap.topic for gap in gaps if isinstance(gap, Gap)} == many.keys() - since.keys()
    assert min(position["offset"] for position in since.values()) == len(many) - len(since)
