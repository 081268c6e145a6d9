"""The dialogue over a real socket: what the protocol promises, row by row."""

import re
from typing import Any

import numpy as np
import pytest

from actors.event import Event
from tests.settle import until
from tests.web.wire import ScriptedServices, serving
from web.announcement import Announcement
from web.notices import Direct, Drain

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
both = pytest.mark.parametrize("packed", [False, True], ids=["json", "msgpack"])


def tick(number: int, run: str = "a", **data: Any) -> Event:
    return Event(f"run.{run}.tick", data, number, float(number), "e", number)


@both
async def test_the_first_message_says_who_one_is_and_what_holds(packed: bool) -> None:
    protocol = "stagewatch.v1.msgpack" if packed else "stagewatch.v1.json"
    async with serving() as wire, wire.open(protocols=(protocol,)) as client:
        told = await client.receive()

        assert told["type"] == "connection_established"
        assert UTC.fullmatch(told["timestamp"])
        assert (told["protocol"], told["server"]["name"]) == (1, "stagewatch")
        assert (told["user"], told["scopes"]) == ("anonymous", ["control", "observe"])
        assert told["heartbeat"] == {"interval": 25, "timeout": 60}
        assert (told["limits"]["patterns"], told["topics"]) == (32, [">"])
        assert told["expires_at"] is None
        assert [member.client_id for member in wire.stage.pool] == [told["client_id"]]


@both
async def test_a_ping_is_answered_with_its_id_and_data(packed: bool) -> None:
    async with serving() as wire, wire.connect(packed=packed) as client:
        pong = await client.ask("ping", id="7", data={"x": [1, None]})

        assert UTC.fullmatch(pong.pop("timestamp"))
        assert pong == {"type": "pong", "id": "7", "data": {"x": [1, None]}}
        assert set(await client.ask("ping")) == {"type", "timestamp"}


async def test_a_client_may_send_either_kind_of_frame_and_is_answered_in_its_own() -> None:
    async with serving() as wire, wire.connect(packed=True) as client:
        await client.socket.send('{"type": "ping", "id": "7"}')

        assert (await client.expect("pong"))["id"] == "7"


async def test_data_that_the_answers_encoding_lacks_is_refused() -> None:
    async with serving() as wire, wire.connect(packed=True) as client:
        await client.socket.send('{"type": "ping", "id": "7", "data": ' + "9" * 40 + "}")

        error = await client.expect("error")
        assert (error["code"], error["id"]) == ("VALIDATION_ERROR", "7")


@both
async def test_events_come_as_one_message_per_cause(packed: bool) -> None:
    async with serving() as wire, wire.connect(packed=packed) as client:
        answer = await client.ask("subscribe", id="1", events=["run.a.>", "run.*.state"])
        wire.publish(
            tick(1, x=float("inf")), tick(1, "b"), Event("run.b.state", {"state": "paused"})
        )

        assert answer["result"]["subscriptions"] == [
            {"pattern": "run.a.>", "mode": "all", "max_hz": None, "topics": []},
            {"pattern": "run.*.state", "mode": "all", "max_hz": None, "topics": []},
        ]
        message = await client.expect("event")
        assert message["events"] == [
            {"topic": "run.a.tick", "epoch": "e", "offset": 1, "tick": 1, "time": 1,
             "data": {"x": None}},
            {"topic": "run.b.state", "epoch": "e1", "offset": 0, "data": {"state": "paused"}},
        ]  # fmt: skip


async def test_float_arrays_are_lists_in_json_and_packed_in_messagepack() -> None:
    async with serving() as wire, wire.connect() as one, wire.connect(packed=True) as other:
        for client in (one, other):
            await client.ask("subscribe", events=["run.a.tick"])

        wire.publish(tick(1, p=np.array([0.5, 1.0])))

        assert (await one.receive())["events"][0]["data"] == {"p": [0.5, 1.0]}
        packed = (await other.receive())["events"][0]["data"]["p"]
        assert packed == {"f32": np.array([0.5, 1.0], "<f4").tobytes(), "shape": [2]}


async def test_subscribing_tells_where_the_topics_stand() -> None:
    async with serving() as wire, wire.connect() as client:
        wire.publish(tick(1), tick(2))

        answer = await client.ask("subscribe", events=["run.*.tick"])

        (subscription,) = answer["result"]["subscriptions"]
        assert subscription["topics"] == [
            {"topic": "run.a.tick", "epoch": "e", "offset": 2, "recovered": None}
        ]


@pytest.mark.parametrize(("epoch", "recovered"), [("e", True), ("older", False)])
async def test_a_client_that_comes_back_gets_what_it_missed_or_is_told(
    epoch: str, recovered: bool
) -> None:
    async with serving() as wire, wire.connect() as client:
        wire.publish(*(tick(number) for number in range(1, 6)))

        answer = await client.ask(
            "subscribe", events=["run.a.*"], since={"run.a.tick": {"epoch": epoch, "offset": 3}}
        )
        wire.publish(tick(6))

        (topic,) = answer["result"]["subscriptions"][0]["topics"]
        assert topic["recovered"] is recovered
        offsets = []
        while 6 not in offsets:
            offsets += [event["offset"] for event in (await client.expect("event"))["events"]]
        assert offsets == ([4, 5, 6] if recovered else [6])


async def test_unsubscribing_ends_the_patterns_named_or_all() -> None:
    async with serving() as wire, wire.connect() as client:
        await client.ask("subscribe", events=["run.a.*", "run.b.*", "run.c.*"])

        one = await client.ask("unsubscribe", events=["run.a.*", "never.asked"])
        wire.publish(tick(1))
        rest = await client.ask("unsubscribe")
        wire.publish(tick(1, "b"))
        await client.send("ping")

        assert one["result"] == {"unsubscribed": ["run.a.*"]}
        assert rest["result"] == {"unsubscribed": ["run.b.*", "run.c.*"]}
        await client.expect("pong")


async def test_broadcasts_reach_everybody_whatever_they_subscribed_to() -> None:
    async with serving() as wire, wire.connect() as one, wire.connect(packed=True) as other:
        announcement = Announcement("run.started", {"run": "a"})
        for member in wire.stage.pool:
            assert member.connection is not None
            member.connection.tell(announcement)

        for client in (one, other):
            told = await client.expect("broadcast")
            assert (told["topic"], told["data"]) == ("run.started", {"run": "a"})


async def test_what_is_sent_to_one_alone_comes_as_events() -> None:
    async with serving() as wire, wire.worker() as worker:
        (member,) = wire.stage.pool
        assert member.connection is not None
        member.connection.tell(Direct((Event("worker.r1", {"kind": "demand"}, offset=0),)))

        (event,) = (await worker.expect("event"))["events"]
        assert (event["topic"], event["data"]) == ("worker.r1", {"kind": "demand"})


async def test_a_draining_server_says_so_and_closes_with_1001_after_all_events() -> None:
    async with serving() as wire, wire.connect() as client:
        await client.ask("subscribe", events=["run.a.*"])
        (member,) = wire.stage.pool
        assert member.connection is not None

        member.connection.tell(Drain(retry_after=2.5))

        told = await client.expect("broadcast")
        assert (told["topic"], told["data"]) == ("server.draining", {"retry_after": 2.5})
        assert await client.closed() == 1001


async def test_a_client_that_leaves_is_forgotten() -> None:
    async with serving() as wire:
        async with wire.connect() as client:
            await client.ask("subscribe", events=["run.a.*"])

        await until(lambda: not len(wire.stage.pool))
        await until(lambda: len(wire.services.departures) == 1)
        assert wire.stage.pool.traffic.closes == {1000: 1}


async def test_a_connection_that_fails_tells_its_client_and_leaves_the_others() -> None:
    class Breaking(ScriptedServices):
        def publish(self, *_: Any) -> None:
            raise ZeroDivisionError

    async with serving(services=Breaking()) as wire, wire.connect() as other:
        async with wire.worker() as worker:
            error = await worker.ask(
                "command", command="publish", params={"run": "r1", "events": []}
            )

            assert error["code"] == "INTERNAL_ERROR"
            assert await worker.closed() == 1011
        assert (await other.ask("ping"))["type"] == "pong"
        await until(lambda: len(wire.stage.pool) == 1)
