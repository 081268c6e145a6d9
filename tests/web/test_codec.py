"""Messages to bytes and back."""

import json
import math
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from actors.event import Event
from web.codec import decode, encode, encode_events
from web.errors import Refusal
from web.frames import BINARY, TEXT, PreparedFrame
from web.messages import Ping, Response
from web.requests import Encoding

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats() | st.text(max_size=8),
    lambda held: (
        st.lists(held, max_size=4) | st.dictionaries(st.text(max_size=8), held, max_size=4)
    ),
    max_leaves=20,
)


def read(frame: PreparedFrame) -> Any:
    """The message in a frame, as a client reads it."""
    assert frame.wire[0] & 0x0F in (TEXT, BINARY)
    start = 4 if frame.wire[1] == 126 else 10 if frame.wire[1] == 127 else 2
    payload = frame.wire[start:]
    return json.loads(payload) if frame.wire[0] == 0x81 else msgspec.msgpack.decode(payload)


def sent(encoding: Encoding, data: object) -> Any:
    """What a client gets as the data of an event."""
    event = Event("run.a.tick", data, 1, 1.0, "e", 1)
    return read(encode_events(encoding, [event]))["events"][0]["data"]


def refusal_of(data: str | bytes) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        decode(data)
    return refusal.value


VERDICTS = ("fine", "INVALID_MESSAGE", "VALIDATION_ERROR", "UNKNOWN_TYPE")


def verdict(data: str | bytes) -> str:
    try:
        decode(data)
    except Refusal as refusal:
        return refusal.code
    return "fine"


def finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [finite(held) for held in value]
    if isinstance(value, dict):
        return {key: finite(held) for key, held in value.items()}
    return value


@given(PLAIN)
def test_plain_values_travel_in_both_encodings_with_null_for_what_is_not_finite(value: Any) -> None:
    assert sent("json", value) == finite(value)
    assert sent("msgpack", value) == finite(value)


def test_arrays_are_lists_in_json_and_packed_floats_in_messagepack() -> None:
    data = {"p": np.array([[0.5, np.nan], [1.0, 2.0]]), "n": np.array([1, 2]), "x": np.float64(2)}

    assert sent("json", data) == {"p": [[0.5, None], [1.0, 2.0]], "n": [1, 2], "x": 2.0}
    packed = sent("msgpack", data)
    assert packed["p"]["shape"] == [2, 2]
    assert np.isnan(np.frombuffer(packed["p"]["f32"], "<f4")[1])
    assert (packed["n"], packed["x"]) == ([1, 2], 2.0)


def test_packed_data_goes_through_to_messagepack_as_it_is_and_is_read_for_json() -> None:
    array = {"f32": np.array([0.5, np.nan], "<f4").tobytes(), "shape": [2]}
    raw = Raw(msgspec.msgpack.encode({"belief": array, "tie": False}))

    assert bytes(raw) in encode_events("msgpack", [Event("run.a.tick", raw)]).wire
    assert sent("json", raw) == {"belief": [0.5, None], "tie": False}


@pytest.mark.parametrize(
    "data",
    [
        {None: 1},
        {(1, 2): 1},
        {"f32": b"123", "shape": [1]},
        {"f32": bytes(8), "shape": [3]},
        {"f32": bytes(8), "shape": [-2, -1]},
        {"f32": bytes(8), "shape": "2"},
        {"f32": bytes(4), "shape": [1 << 62, 1 << 62]},
        msgspec.msgpack.Ext(7, b"x"),
    ],
)
def test_data_that_cannot_be_read_is_null_in_json_and_hurts_nobody(data: object) -> None:
    assert sent("json", Raw(msgspec.msgpack.encode(data))) is None


def test_an_event_that_cannot_be_told_does_not_take_others_with_it() -> None:
    bad = Event("run.a.log.bad", {"n": 2**70}, epoch="e", offset=1)
    good = Event("run.a.log.good", {"n": 2}, epoch="e", offset=1)

    events = read(encode_events("msgpack", [bad, good]))["events"]

    assert [event["data"] for event in events] == [None, {"n": 2}]


@given(st.binary(max_size=60))
def test_packed_noise_is_null_or_a_value_in_json(noise: bytes) -> None:
    encode_events("json", [Event("run.a.tick", Raw(noise))])


def test_a_small_array_of_a_giant_shape_makes_no_giant_list() -> None:
    raw = Raw(msgspec.msgpack.encode({"f32": b"", "shape": [10**9, 0]}))

    assert sent("json", raw) == []


def test_results_may_hold_dataclasses_and_arrays() -> None:
    @dataclass
    class View:
        kind: str
        scale: float

    for encoding in ("json", "msgpack"):
        result = {"view": View("grid", math.inf), "columns": (np.int32(1),)}
        data = encode(encoding, Response("now", result, "7"))
        told = json.loads(data) if encoding == "json" else msgspec.msgpack.decode(data)
        assert told["result"] == {"view": {"kind": "grid", "scale": None}, "columns": [1]}


def test_an_event_without_tick_time_and_skipped_does_not_mention_them() -> None:
    message = read(encode_events("json", [Event("system.metrics", 1, epoch="e", offset=0)]))

    assert message["events"] == [{"topic": "system.metrics", "epoch": "e", "offset": 0, "data": 1}]


def test_a_message_of_either_kind_of_frame_is_understood() -> None:
    message = {"type": "ping", "id": "1"}

    assert decode(json.dumps(message)) == decode(msgspec.msgpack.encode(message)) == Ping(id="1")


@pytest.mark.parametrize(
    ("data", "code", "path"),
    [
        ("{", "INVALID_MESSAGE", None),
        ("", "INVALID_MESSAGE", None),
        (b"", "INVALID_MESSAGE", None),
        (b"\xc1", "INVALID_MESSAGE", None),
        ("[1]", "INVALID_MESSAGE", None),
        ("null", "INVALID_MESSAGE", None),
        ("[" * 5000 + "]" * 5000, "INVALID_MESSAGE", None),
        (b"\x91" * 5000 + b"\xc0", "INVALID_MESSAGE", None),
        ('{"type": "ping", "data": ' + "[" * 5000 + "]" * 5000 + "}", "INVALID_MESSAGE", None),
        (b"\x82\xa4type\xa4ping\xa4data\xc7\x01\x07x", "INVALID_MESSAGE", None),
        ("{}", "VALIDATION_ERROR", "$.type"),
        ('{"type": 1}', "VALIDATION_ERROR", "$.type"),
        ('{"type": "shout"}', "UNKNOWN_TYPE", None),
        ('{"type": "ping", "idd": 1}', "VALIDATION_ERROR", "$.idd"),
        ('{"type": "ping", "id": 1}', "VALIDATION_ERROR", "$.id"),
        ('{"type": "ping", "id": "' + "x" * 65 + '"}', "VALIDATION_ERROR", "$.id"),
        ('{"type": "ping", "timestamp": "noon"}', "VALIDATION_ERROR", "$.timestamp"),
        ('{"type": "subscribe"}', "VALIDATION_ERROR", "$.events"),
        ('{"type": "subscribe", "events": []}', "VALIDATION_ERROR", "$.events"),
        ('{"type": "subscribe", "events": ["a", 1]}', "VALIDATION_ERROR", "$.events[1]"),
        ('{"type": "subscribe", "events": ["a"], "max_hz": 0}', "VALIDATION_ERROR", "$.max_hz"),
        ('{"type": "subscribe", "events": ["a"], "mode": "x"}', "VALIDATION_ERROR", "$.mode"),
        (
            '{"type": "subscribe", "events": ["a"], "since": {"a": {"epoch": "e"}}}',
            "VALIDATION_ERROR",
            "$.since[...].offset",
        ),
        ('{"type": "query"}', "VALIDATION_ERROR", "$.query"),
        ('{"type": "command", "command": 1}', "VALIDATION_ERROR", "$.command"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_place(
    data: str | bytes, code: str, path: str | None
) -> None:
    refusal = refusal_of(data)

    assert refusal.code == code
    assert refusal.details.get("path") == path


def test_a_refusal_bears_the_id_of_the_message_where_it_can_be_read() -> None:
    assert refusal_of('{"type": "shout", "id": "7"}').id == "7"
    assert refusal_of('{"type": "ping", "x": 1, "id": "7"}').id == "7"
    assert refusal_of('{"type": "ping", "timestamp": "noon", "id": "7"}').id == "7"
    assert refusal_of('{"type": "ping", "id": 7}').id is None


def test_unknown_types_are_answered_with_those_that_exist() -> None:
    known = refusal_of('{"type": "shout"}').details["known"]

    assert known == ["ping", "subscribe", "unsubscribe", "query", "command"]


@settings(max_examples=500)
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_noise_is_refused_and_nothing_else_happens(noise: str | bytes) -> None:
    assert verdict(noise) in VERDICTS


@settings(max_examples=500)
@given(
    st.dictionaries(
        st.sampled_from(["type", "id", "events", "query", "command", "params", "data", "since"]),
        st.sampled_from(["ping", "query", "command", "subscribe", "unsubscribe"]) | PLAIN,
    ),
    st.booleans(),
)
def test_maps_of_any_content_are_messages_or_refused(message: Any, packed: bool) -> None:
    data = msgspec.msgpack.encode(message) if packed else json.dumps(message)

    assert verdict(data) in VERDICTS
