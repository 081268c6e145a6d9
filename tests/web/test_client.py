"""The Python client: subscriptions, over connections that are lost too."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.event import Event as Told
from tests.settle import settle
from tests.web.staging import TOPIC, Services, cut, numbers, staging, taken, told
from tests.web.test_tls import make_contexts
from tests.web.wire import make_settings, make_token, serving
from web.client import Event, StageError, connect


@pytest.mark.parametrize("encoding", ["msgpack", "json"])
async def test_events_come_as_they_were_told_in_either_encoding(encoding: Any) -> None:
    async with (
        staging(encoding=encoding) as (wire, stage),
        stage.subscribe("run.*.tick") as events,
    ):
        wire.publish(Told(TOPIC, {"entropy": 0.5, "lost": None}, 7, 7.0, "e", 7))

        [event] = await taken(events, 1)

    assert event == Event(TOPIC, "e", 7, {"entropy": 0.5, "lost": None}, 7, 7.0)


async def test_arrays_of_floats_come_as_numpy_arrays() -> None:
    async with staging() as (wire, stage), stage.subscribe(TOPIC) as events:
        wire.publish(Told(TOPIC, {"x": np.array([[1.0, 2.0], [3.0, 4.0]])}))

        [event] = await taken(events, 1)

    assert isinstance(event, Event)
    x = event.data["x"]
    assert (x.dtype, x.tolist()) == (np.float32, [[1.0, 2.0], [3.0, 4.0]])


async def test_compressed_messages_are_read() -> None:
    async with staging(compression=True) as (wire, stage), stage.subscribe(TOPIC) as events:
        wire.publish(Told(TOPIC, "again " * 10_000))

        [event] = await taken(events, 1)

    assert isinstance(event, Event)
    assert len(event.data) == 60_000


async def test_a_certificate_of_ones_own_is_trusted_where_it_is_named(tmp_path: Path) -> None:
    theirs, own = make_contexts(tmp_path)
    wire = {"ssl_options": theirs}
    async with staging(wire=wire, tls=own) as (server, stage), stage.subscribe(TOPIC) as events:
        server.publish(*told(1, 1))

        assert numbers(await taken(events, 1)) == [1]


async def test_each_of_several_subscriptions_gets_its_own_events() -> None:
    async with (
        staging() as (wire, stage),
        stage.subscribe("run.a.*") as both,
        stage.subscribe("run.*.tick") as ticks,
        stage.subscribe("run.a.state") as states,
    ):
        wire.publish(Told("run.a.state", 1), Told("run.a.tick", 2), Told("run.b.tick", 3))

        found = [
            [event.data for event in await taken(events, count) if isinstance(event, Event)]
            for events, count in ((both, 2), (ticks, 2), (states, 1))
        ]

    assert found == [[1, 2], [2, 3], [1]]


@pytest.mark.parametrize("way", ["break", "with", "close"])
async def test_who_leaves_an_iteration_unsubscribes(way: str) -> None:
    async with staging(wire={"settings": make_settings(limits={"patterns": 1})}) as (wire, stage):
        if way == "break":
            wire.publish(*told(1, 1))
            async for _event in stage.subscribe(TOPIC, since={TOPIC: {"epoch": "e", "offset": 0}}):
                break
            await stage.info()
        elif way == "with":
            async with stage.subscribe(TOPIC):
                pass
        else:
            stage.subscribe(TOPIC).close()

        async with stage.subscribe("run.b.tick") as others:
            wire.publish(Told("run.b.tick", "there is room for it"))
            [event] = await taken(others, 1)

    assert isinstance(event, Event)


async def test_who_leaves_takes_nothing_from_who_shares_the_pattern() -> None:
    async with staging() as (wire, stage), stage.subscribe(TOPIC) as stays:
        async with stage.subscribe(TOPIC, mode="latest", max_hz=0.01):
            pass
        wire.publish(*told(1, 3))

        found = await taken(stays, 3)

    assert numbers(found) == [1, 2, 3]


async def test_a_refused_subscription_ends_with_the_error() -> None:
    async with serving(services=Services()) as wire:
        url = f"{wire.url}/ws"
        async with connect(url, token=make_token(topics=["run.a.>"])) as stage:
            with pytest.raises(StageError, match="PERMISSION_DENIED") as caught:
                await taken(stage.subscribe("run.b.tick"), 1)
            with pytest.raises(StageError, match="INVALID_TOPIC"):
                stage.subscribe("run..tick")

    assert caught.value.details["topic"] == "run.b.tick"
    assert not caught.value.temporary


async def test_latest_keeps_the_newest_event_of_each_topic_and_counts_the_others() -> None:
    async with staging() as (wire, stage), stage.subscribe("run.*.tick", mode="latest") as events:
        for event in told(1, 5):
            wire.publish(event)
            await settle()
        wire.publish(*told(1, 1, "run.b.tick"))
        await stage.info()

        found = await taken(events, 2)

    assert [(event.offset, event.skipped) for event in found if isinstance(event, Event)] == [
        (5, 4),
        (1, 0),
    ]


async def test_who_does_not_keep_up_with_all_is_told_where_it_stopped_and_can_go_on() -> None:
    async with staging() as (wire, stage):
        slow = stage.subscribe(TOPIC, queue=3)
        async with slow:
            for event in told(1, 9):
                wire.publish(event)
                await settle()
            await stage.info()

            found = await taken(slow, 3)
            with pytest.raises(StageError, match=f"SLOW_CONSUMER.*{TOPIC} 3") as caught:
                await anext(slow)

        async with stage.subscribe(TOPIC, since=caught.value.details["topics"]) as again:
            found += await taken(again, 6)

    assert numbers(found) == list(range(1, 10))


async def test_a_wait_for_an_event_can_be_given_up_without_losing_one() -> None:
    async with staging() as (wire, stage), stage.subscribe(TOPIC) as events:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await anext(events)
        wire.publish(*told(1, 1))

        assert numbers(await taken(events, 1)) == [1]


async def test_a_lost_connection_costs_no_event_and_repeats_none() -> None:
    async with staging() as (wire, stage), stage.subscribe("run.*.tick") as events:
        wire.publish(*told(1, 5))
        found = await taken(events, 5)
        for first in (6, 11, 16):
            cut(wire)
            wire.publish(*told(first, first + 4))
            found += await taken(events, 5)

    assert numbers(found) == list(range(1, 21))


async def test_subscriptions_that_overlap_are_resumed_each_where_it_stood() -> None:
    async with staging() as (wire, stage):
        wire.publish(*told(1, 4))
        await settle()
        async with (
            stage.subscribe("run.*.tick") as late,
            stage.subscribe(TOPIC, since={TOPIC: {"epoch": "e", "offset": 1}}) as early,
        ):
            wire.publish(*told(5, 6))
            found = [await taken(early, 5), await taken(late, 2)]
            cut(wire)
            wire.publish(*told(7, 9))
            found[0] += await taken(early, 3)
            found[1] += await taken(late, 3)

    assert [numbers(items) for items in found] == [[2, 3, 4, 5, 6, 7, 8, 9], [5, 6, 7, 8, 9]]


async def test_events_that_cannot_be_had_back_are_told_as_a_gap() -> None:
    async with staging() as (wire, stage), stage.subscribe(TOPIC) as events:
        wire.publish(*told(1, 2))
        found = await taken(events, 2)
        cut(wire)
        wire.publish(*told(3, 1000))  # more than the ring holds
        found += await taken(events, 1)
        wire.publish(*told(1001, 1002))

        found += await taken(events, 2)

    assert numbers(found) == [1, 2, "gap", 1001, 1002]
