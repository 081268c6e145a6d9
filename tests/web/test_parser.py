"""What clients send, read by the rules of RFC 6455."""

import struct
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from web.frames import BINARY, CLOSE, PING, PONG, TEXT, deflate
from web.parser import Breach, CloseFrame, Parser, PingFrame, PongFrame, Received

MASK = b"\x01\x02\x03\x04"
CONTINUATION = 0


def frame(opcode: int, payload: bytes = b"", *, final: bool = True, bits: int = 0) -> bytes:
    """A frame as a client sends it."""
    first = (0x80 if final else 0) | bits | opcode
    if len(payload) < 126:
        header = struct.pack("!BB", first, 0x80 | len(payload))
    elif len(payload) < 65536:
        header = struct.pack("!BBH", first, 0x80 | 126, len(payload))
    else:
        header = struct.pack("!BBQ", first, 0x80 | 127, len(payload))
    masked = bytes(byte ^ MASK[place % 4] for place, byte in enumerate(payload))
    return header + MASK + masked


def read(*chunks: bytes, limit: int = 100_000, deflated: bool = False) -> list[Received]:
    parser = Parser(limit, deflate=deflated)
    return [received for chunk in chunks for received in parser.feed(chunk)]


def test_messages_come_out_as_they_went_in() -> None:
    sent = frame(TEXT, "Grüße".encode()) + frame(BINARY, b"\x00" * 70_000) + frame(TEXT)

    assert read(sent) == ["Grüße", b"\x00" * 70_000, ""]


@given(st.lists(st.integers(1, 40), min_size=1), st.lists(st.binary(max_size=300), max_size=8))
def test_it_does_not_matter_where_the_stream_is_cut(
    cuts: Sequence[int], payloads: list[bytes]
) -> None:
    stream = b"".join(frame(BINARY, payload) for payload in payloads)
    chunks, place = [], 0
    for turn in range(len(stream)):
        chunks.append(stream[place : place + cuts[turn % len(cuts)]])
        place += cuts[turn % len(cuts)]

    assert read(*chunks) == payloads


def test_fragments_are_joined_and_control_frames_may_come_between_them() -> None:
    sent = (
        frame(TEXT, b"one ", final=False)
        + frame(PING, b"!")
        + frame(CONTINUATION, b"two ", final=False)
        + frame(PONG)
        + frame(CONTINUATION, b"three")
    )

    assert read(sent) == [PingFrame(b"!"), PongFrame(b""), "one two three"]


def test_compressed_messages_are_inflated_also_in_fragments() -> None:
    packed = deflate(b"x" * 1000)
    sent = frame(TEXT, packed[:5], final=False, bits=0x40) + frame(CONTINUATION, packed[5:])

    assert read(sent, deflated=True) == ["x" * 1000]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\x81\x01x", 1002),  # not masked
        (frame(TEXT, b"x", bits=0x40), 1002),  # compressed, though that was not negotiated
        (frame(TEXT, b"x", bits=0x20), 1002),
        (frame(PING, b"x", bits=0x10), 1002),
        (frame(3), 1002),
        (frame(0xB), 1002),
        (frame(PING, final=False), 1002),
        (frame(PING, b"x" * 126), 1002),
        (frame(CONTINUATION, b"x"), 1002),
        (frame(TEXT, b"x", final=False) + frame(TEXT, b"y"), 1002),
        (frame(TEXT, b"\xff"), 1007),
        (frame(TEXT, b"\xe2\x82", final=False) + frame(CONTINUATION, b"x"), 1007),
        (frame(CLOSE, b"\x03"), 1002),
        (frame(CLOSE, struct.pack("!H", 1005)), 1002),
        (frame(CLOSE, struct.pack("!H", 999)), 1002),
        (frame(CLOSE, struct.pack("!H", 5000)), 1002),
        (frame(CLOSE, struct.pack("!H", 1000) + b"\xff"), 1007),
        (frame(BINARY, b"x" * 101), 1009),
        (frame(BINARY, b"x" * 60, final=False) + frame(CONTINUATION, b"x" * 60), 1009),
        (b"\x82\xff" + b"\xff" * 8, 1009),
    ],
)
def test_a_breach_of_the_rules_has_its_close_code(sent: bytes, code: int) -> None:
    with pytest.raises(Breach) as breach:
        read(sent, limit=100)

    assert breach.value.close_code == code


@pytest.mark.parametrize(
    ("payload", "code"), [(deflate(bytes(1_000_000)), 1009), (b"\xff" * 20, 1007)]
)
def test_what_does_not_inflate_within_the_limit_is_a_breach(payload: bytes, code: int) -> None:
    with pytest.raises(Breach) as breach:
        read(frame(BINARY, payload, bits=0x40), deflated=True)

    assert breach.value.close_code == code


def test_a_close_frame_brings_its_code_and_reason() -> None:
    assert read(frame(CLOSE, struct.pack("!H", 3000) + b"enough")) == [CloseFrame(3000, "enough")]
    assert read(frame(CLOSE)) == [CloseFrame(None, "")]


@settings(max_examples=300)
@given(st.binary(max_size=400), st.booleans())
def test_random_bytes_are_read_or_are_a_breach(noise: bytes, deflated: bool) -> None:
    code = None
    try:
        read(noise, limit=1000, deflated=deflated)
    except Breach as breach:
        code = breach.close_code

    assert code in (None, 1002, 1007, 1009)
