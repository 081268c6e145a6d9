"""What must hold of every frame, message and header; hypothesis finds the smallest that fails."""

import json
import zlib
from collections.abc import Iterator
from itertools import cycle

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conformance.case import FINAL, MORE, frame, packed
from tests.fuzz.rounds import BREACHES, LIMIT, read, size_of
from web.auth import Identity
from web.deflate import MalformedError, agree
from web.dialogue import Dialogue
from web.errors import ERRORS, Refusal
from web.inflater import TooLargeError, inflate
from web.requests import COMMANDS, QUERIES

BITS = st.sampled_from((FINAL, FINAL, MORE, 0xC0, 0x40, 0xB0))
PAYLOADS = st.one_of(
    st.binary(max_size=140),
    st.text(max_size=60).map(str.encode),
    st.binary(max_size=300).map(packed),
    st.sampled_from((b"\x03\xe8", b"\x03\xed\xff", b"\xed\xa0", b"x" * 70_000)),
)
FRAMES = st.lists(st.builds(frame, st.integers(0, 15), PAYLOADS, BITS), max_size=6)
CUTS = st.lists(st.integers(1, 200), min_size=1, max_size=10)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**64), 2**64), st.floats(), st.text()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from((*QUERIES, *COMMANDS, "x"))
MESSAGES = st.one_of(
    VALUES,
    st.fixed_dictionaries(
        {"type": st.sampled_from(("ping", "subscribe", "unsubscribe", "query", "command", "x"))},
        optional={
            "id": st.text(max_size=70),
            "events": st.lists(st.text("a*>._", max_size=6), max_size=40),
            "max_hz": st.floats(),
            "mode": st.sampled_from(("all", "latest", "some")),
            "since": st.dictionaries(st.text("a.*"), VALUES, max_size=2),
            "query": NAMES,
            "command": NAMES,
            "params": st.dictionaries(
                st.sampled_from(("run", "agent", "topic", "limit", "events", "ticks", "hz")),
                VALUES,
                max_size=4,
            ),
        },
    ),
)
SCOPES = frozenset(("observe", "control", "publish", "admin"))
OFFER_PARTS = st.sampled_from(
    ("permessage-deflate", "server_max_window_bits", "client_max_window_bits", "8", "15", "16",
     "client_no_context_takeover", ";", ";", ",", "=", '"', "\\", " ", "x", "\t", "é")
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(FRAMES, CUTS, st.booleans())
def test_frames_are_read_or_a_breach_wherever_they_are_cut(
    frames: list[bytes], cuts: list[int], deflate: bool
) -> None:
    stream = b"".join(frames)

    received, code = read(iter(frames), deflate=deflate)

    assert read(cut(stream, cycle(cuts)), deflate=deflate) == (received, code)
    assert code is None or code in BREACHES
    assert all(size_of(message) <= LIMIT for message in received)


def cut(stream: bytes, sizes: Iterator[int]) -> Iterator[bytes]:
    """The stream in pieces of these sizes."""
    place = 0
    while place < len(stream):
        size = next(sizes)
        yield stream[place : place + size]
        place += size


@settings(max_examples=400, deadline=None)
@given(MESSAGES, st.booleans())
def test_messages_are_understood_or_refused(message: object, is_packed: bool) -> None:
    dialogue = Dialogue(Identity("mallory", SCOPES), None, 32)
    code = None
    try:
        data = msgspec.msgpack.encode(message) if is_packed else json.dumps(message)
    except OverflowError:
        return  # MessagePack has no such number

    try:
        dialogue.hear(data, 0.0)
    except Refusal as refusal:
        code = refusal.code

    assert code is None or code in ERRORS.keys() - {"INTERNAL_ERROR"}


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 1000))
def test_what_is_inflated_is_no_more_than_the_limit(payload: bytes, limit: int) -> None:
    try:
        made = inflate(payload, limit)
    except (TooLargeError, zlib.error):
        return

    assert len(made) <= limit


@settings(max_examples=500, deadline=None)
@given(st.lists(OFFER_PARTS, max_size=14).map("".join))
def test_offers_are_answered_declined_or_malformed(header: str) -> None:
    try:
        agreement = agree(header)
    except MalformedError:
        return

    if agreement is not None:
        assert "permessage-deflate" in header
        assert agreement.window_bits in range(8, 16)
        assert agree(agreement.answer) == agreement


@pytest.mark.parametrize("limit", [1, 100, 65_536])
def test_a_message_is_inflated_up_to_its_limit_and_not_a_byte_further(limit: int) -> None:
    assert len(inflate(packed(bytes(limit)), limit)) == limit
    with pytest.raises(TooLargeError):
        inflate(packed(bytes(limit + 1)), limit)
