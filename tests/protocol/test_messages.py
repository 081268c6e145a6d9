"""What a client says, and how it is answered."""

import json
from typing import Any

import msgspec
import pytest

from actors.event import Event
from tests.protocol.speaker import Scene
from tests.web.wire import make_token, serving
from web.notices import Received
from web.sections import HeartbeatSettings, LimitSettings

pytestmark = pytest.mark.asyncio(loop_scope="package")
row = pytest.mark.row
both = pytest.mark.parametrize("packed", [False, True], ids=["json", "msgpack"])


@row("message connection_established", "limits are told")
@both
async def test_the_greeting_comes_first_and_has_every_field(stage: Scene, packed: bool) -> None:
    token = make_token(sub="ada", scopes=["observe"], topics=["run.>"], exp=4102444800)
    async with stage.socket(packed=packed, token=token) as speaker:
        told = await speaker.receive()

    assert told["client_id"]
    assert told["protocol"] == 1
    assert told["server"].keys() == {"name", "version"}
    assert (told["user"], told["scopes"], told["topics"]) == ("ada", ["observe"], ["run.>"])
    assert told["expires_at"] == "2100-01-01T00:00:00.000Z"
    assert told["heartbeat"].keys() == set(HeartbeatSettings.__dataclass_fields__)
    assert told["limits"].keys() == set(LimitSettings.__dataclass_fields__)
    assert (told["limits"]["patterns"], told["limits"]["message_bytes"]) == (32, 65536)


async def test_each_connection_has_a_name_of_its_own(stage: Scene) -> None:
    async with stage.socket() as one, stage.socket() as other:
        told = [await one.receive(), await other.receive()]

    assert told[0]["client_id"] != told[1]["client_id"]


@row("message ping", "message pong")
@both
async def test_a_pong_repeats_id_and_data(stage: Scene, packed: bool) -> None:
    async with stage.speaker(packed=packed) as speaker:
        pong = await speaker.request("ping", id="p", data=[1, {"x": None}])
        bare = await speaker.ask("ping")

    assert (pong["type"], pong["id"], pong["data"]) == ("pong", "p", [1, {"x": None}])
    assert bare.keys() == {"type", "timestamp"}


@row("message subscribe", "message response")
@both
async def test_subscribing_tells_each_pattern_and_where_its_topics_stand(
    stage: Scene, packed: bool
) -> None:
    async with stage.speaker(packed=packed) as speaker:
        answer = await speaker.request(
            "subscribe", id="s", events=["run.*.state", "nothing.yet"], mode="latest", max_hz=5
        )

    assert answer.keys() == {"type", "timestamp", "id", "result"}
    states, nothing = answer["result"]["subscriptions"]
    assert (states["pattern"], states["mode"], states["max_hz"]) == ("run.*.state", "latest", 5)
    assert {place["topic"] for place in states["topics"]} >= {
        f"run.{stage.tmaze}.state",
        f"run.{stage.metronome}.state",
    }
    for place in states["topics"]:
        assert (place["offset"] >= 0, place["recovered"]) == (True, None)
        assert place["epoch"]
    assert (nothing["pattern"], nothing["topics"]) == ("nothing.yet", [])


@row("message unsubscribe")
@both
async def test_unsubscribing_names_what_was_given_up_and_no_event_follows(
    stage: Scene, packed: bool
) -> None:
    async with stage.speaker(packed=packed) as speaker:
        await speaker.subscribe("run.*.tick", "run.*.agents", "run.*.state")
        await speaker.on(f"run.{stage.metronome}.agents")

        some = await speaker.request("unsubscribe", events=["run.*.agents", "never.asked"])
        rest = await speaker.request("unsubscribe")
        speaker.events.clear()
        # Ticks of 50 Hz would have come between two rounds of the monitor.
        await speaker.subscribe("system.metrics")
        heard = [(await speaker.event())["topic"] for _ in range(2)]

    assert some["result"] == {"unsubscribed": ["run.*.agents"]}
    assert sorted(rest["result"]["unsubscribed"]) == ["run.*.state", "run.*.tick"]
    assert heard == ["system.metrics"] * 2


@row("no event after the answer to unsubscribe")
@both
async def test_an_event_that_is_under_way_comes_before_the_answer(packed: bool) -> None:
    async with serving() as wire, wire.connect(packed=packed) as client:
        await client.ask("subscribe", events=["run.a.*"])
        (member,) = wire.stage.pool
        assert member.connection is not None

        # The event is with the broadcaster, but not yet with the connection, when that hears.
        wire.publish(Event("run.a.tick", 1))
        member.connection.tell(Received('{"type": "unsubscribe"}'))
        heard = [(await client.receive())["type"] for _ in range(2)]
        wire.publish(Event("run.a.tick", 2))
        after = await client.ask("ping")

    assert heard == ["event", "response"]
    assert after["type"] == "pong"


@row("ids up to 64 characters")
@both
async def test_an_id_has_at_most_64_characters(stage: Scene, packed: bool) -> None:
    async with stage.speaker(packed=packed) as speaker:
        longest = await speaker.request("ping", id="i" * 64)
        longer = await speaker.ask("ping", id="i" * 65)
        number = await speaker.ask("ping", id=7)

    assert longest["id"] == "i" * 64
    for refused in (longer, number):
        assert (refused["code"], refused["details"]["path"]) == ("VALIDATION_ERROR", "$.id")
        assert "id" not in refused


@row("timestamps of clients are checked")
@pytest.mark.parametrize(
    ("timestamp", "passes"),
    [
        ("2026-01-01T12:00:00.000Z", True),
        ("2026-01-01T13:00:00+01:00", True),
        ("yesterday", False),
        ("2026-13-01T12:00:00Z", False),
        (1767268800, False),
    ],
)
async def test_a_timestamp_is_iso_8601(stage: Scene, timestamp: Any, passes: bool) -> None:
    async with stage.speaker() as speaker:
        answer = await speaker.request("ping", timestamp=timestamp)

    if passes:
        assert answer["type"] == "pong"
    else:
        assert (answer["code"], answer["details"]["path"]) == ("VALIDATION_ERROR", "$.timestamp")


@row("unknown fields are named")
@pytest.mark.parametrize(
    ("message", "path"),
    [
        ({"type": "ping", "odd": 1}, "$.odd"),
        ({"type": "subscribe", "events": ["a"], "topics": []}, "$.topics"),
        ({"type": "unsubscribe", "mode": "all"}, "$.mode"),
        ({"type": "query", "query": "runs.list", "name": "x"}, "$.name"),
        ({"type": "command", "command": "run.pause", "run": "x"}, "$.run"),
        ({"type": "query", "query": "runs.list", "params": {"x": 1}}, "$.params.x"),
        ({"type": "subscribe", "events": ["a"], "since": {"a": {"at": 1}}}, "$.since"),
    ],
)
@both
async def test_an_unknown_field_is_refused_by_its_name(
    stage: Scene, message: dict[str, Any], path: str, packed: bool
) -> None:
    async with stage.speaker(packed=packed) as speaker:
        answer = await speaker.request(**{"kind": message["type"], **_rest(message)})

    assert answer["code"] == "VALIDATION_ERROR"
    assert answer["details"]["path"].startswith(path)


def _rest(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "type"}


@row("both subprotocols, either kind of frame")
@both
async def test_either_kind_of_frame_is_answered_in_the_negotiated_one(
    stage: Scene, packed: bool
) -> None:
    message = {"type": "ping", "id": "other"}
    async with stage.speaker(packed=packed) as speaker:
        await speaker.socket.send(json.dumps(message))
        first = await speaker.receive()
        await speaker.socket.send(msgspec.msgpack.encode(message))
        second = await speaker.receive()

    # `receive` has made sure that the frames are of the negotiated kind.
    assert (first["id"], second["id"]) == ("other", "other")
    assert speaker.socket.subprotocol == f"stagewatch.v1.{'msgpack' if packed else 'json'}"
