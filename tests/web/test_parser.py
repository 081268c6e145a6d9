"""What clients send, read by the rules of RFC 6455."""

import struct
import tracemalloc
import zlib
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from web.breach import Breach
from web.frames import BINARY, CLOSE, PING, PONG, TEXT, deflate
from web.parser import CloseFrame, Parser, PingFrame, PongFrame, Received

MASK = b"\x01\x02\x03\x04"
CONTINUATION = 0
# Good and bad pieces of UTF-8, and what can make whatever was begun complete.
SPECIMENS = (
    b"a", "é".encode(), "€".encode(), "\U0010ffff".encode(), b"\x80", b"\xc0\x80", b"\xc1\xbf",
    b"\xe0\x9f\xbf", b"\xe0\xa0\x80", b"\xed\x9f\xbf", b"\xed\xa0\x80", b"\xf0\x8f\xbf\xbf",
    b"\xf0\x90\x80\x80", b"\xf4\x90\x80\x80", b"\xf5", b"\xfe", b"\xc3", b"\xe2\x82", b"\xf0\x9f",
)  # fmt: skip
ENDINGS = (b"", *(bytes(c) for n in (1, 2, 3) for c in product((0x80, 0x9F, 0xA0, 0xBF), repeat=n)))


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


@settings(deadline=None)
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
        (b"\x82\xff" + b"\x7f" + b"\xff" * 7 + MASK, 1009),
        (b"\x82\xff" + b"\xff" * 8, 1002),  # the highest bit of a length
        (b"\x82\xfe\x00\x7d", 1002),  # longer than it need be
        (b"\x82\xff" + b"\x00" * 6 + b"\xff\xff", 1002),
        (frame(CONTINUATION, b"x", bits=0x40), 1002),
        (frame(BINARY, final=False) + frame(CONTINUATION, bits=0x20), 1002),
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


@settings(deadline=None)
@given(st.lists(st.sampled_from(SPECIMENS), min_size=1, max_size=6), st.data())
def test_a_text_is_refused_with_the_first_byte_that_no_utf_8_has(
    pieces: list[bytes], data: st.DataObject
) -> None:
    payload = b"".join(pieces)
    lasts = data.draw(st.lists(st.booleans(), min_size=len(payload), max_size=len(payload)))
    parser, bad, code = Parser(1000), None, None
    list(parser.feed(frame(TEXT, final=False)))

    # Each byte comes by itself, now and then as the end of a fragment; the text never ends.
    for place, byte in enumerate(payload):
        chunks = [frame(CONTINUATION, bytes([byte]), final=False)]
        if lasts[place]:
            chunks = [bytes([piece]) for piece in chunks[0]]
        try:
            for chunk in chunks:
                list(parser.feed(chunk))
        except Breach as breach:
            bad, code = place, breach.close_code
            break

    assert bad == first_fault(payload)
    assert code == (None if bad is None else 1007)


def first_fault(payload: bytes) -> int | None:
    """The byte with which nothing that could follow makes the text UTF-8."""
    for place in range(len(payload)):
        head = payload[: place + 1]
        if not any(is_text(head + end) for end in ENDINGS):
            return place
    return None


def is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_a_fault_is_seen_within_a_frame_that_is_not_complete() -> None:
    parser = Parser(1000)
    sent = frame(TEXT, b"Gr\xc3\xbc\xc3\x9fe \xff" + b"x" * 100)
    head = sent[: 6 + 9]  # up to the byte that is wrong

    for place in range(len(head) - 1):
        assert list(parser.feed(head[place : place + 1])) == []
    with pytest.raises(Breach):
        list(parser.feed(head[-1:]))


def test_a_fault_in_a_compressed_text_is_seen_before_it_ends() -> None:
    parser = Parser(10_000, deflate=True)
    compressor = zlib.compressobj(1, zlib.DEFLATED, -15)
    packed = compressor.compress(b"\xff" * 100) + compressor.flush(zlib.Z_SYNC_FLUSH)

    with pytest.raises(Breach) as breach:
        list(parser.feed(frame(TEXT, packed, final=False, bits=0x40)))

    assert breach.value.close_code == 1007


@pytest.mark.parametrize("deflated", [False, True])
def test_fragments_without_end_take_no_more_memory_than_the_limit(deflated: bool) -> None:
    parser, bits = Parser(50_000, deflate=deflated), 0x40 if deflated else 0
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    code = None
    list(parser.feed(frame(BINARY, final=False, bits=bits)))

    tracemalloc.start()
    for _ in range(10_000):
        payload = bytes(100)
        if deflated:
            payload = compressor.compress(payload * 9) + compressor.flush(zlib.Z_SYNC_FLUSH)
        try:
            list(parser.feed(frame(CONTINUATION, payload, final=False)))
        except Breach as breach:
            code = breach.close_code
            break
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert code == 1009
    assert peak < 250_000


def test_a_limit_of_0_is_none() -> None:
    assert read(frame(BINARY, bytes(200_000)), limit=0) == [bytes(200_000)]


def test_a_ping_may_be_longer_than_a_message() -> None:
    assert read(frame(PING, b"x" * 125), limit=10) == [PingFrame(b"x" * 125)]


def test_a_close_frame_brings_its_code_and_reason() -> None:
    assert read(frame(CLOSE, struct.pack("!H", 3000) + b"enough")) == [CloseFrame(3000, "enough")]
    assert read(frame(CLOSE)) == [CloseFrame(None, "")]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_random_bytes_are_read_or_are_a_breach(noise: bytes, deflated: bool) -> None:
    code = None
    try:
        read(noise, limit=1000, deflated=deflated)
    except Breach as breach:
        code = breach.close_code

    assert code in (None, 1002, 1007, 1009)
