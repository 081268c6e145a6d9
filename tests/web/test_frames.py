"""Frames as a server sends them."""

import tracemalloc

import pytest

from web.frames import (
    BINARY,
    SMALLEST_DEFLATED,
    TEXT,
    PreparedFrame,
    TooLargeError,
    close_frame,
    deflate,
    inflate,
    make_frame,
)


@pytest.mark.parametrize(
    ("size", "header"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65535, b"\x81\x7e\xff\xff"),
        (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_the_length_takes_as_little_room_as_it_may(size: int, header: bytes) -> None:
    assert make_frame(TEXT, b"x" * size) == header + b"x" * size


def test_a_reason_is_cut_between_characters_to_what_a_close_frame_holds() -> None:
    frame = close_frame(1008, "é" * 100)

    assert len(frame) <= 127
    assert frame[4:].decode() == "é" * 61


def test_deflated_frames_carry_the_same_payload_and_are_made_once() -> None:
    payload = b'{"entropy":0.5}' * 100
    frame = PreparedFrame(TEXT, payload)

    deflated = frame.deflated

    assert deflated[0] == 0xC1
    assert inflate(deflated[4:] if deflated[1] == 126 else deflated[2:], 10_000) == payload
    assert frame.deflated is deflated


def test_small_frames_are_not_compressed() -> None:
    frame = PreparedFrame(TEXT, b"x" * (SMALLEST_DEFLATED - 1))

    assert frame.deflated is frame.wire


def test_frames_that_compressing_would_not_shrink_stay_as_they_are() -> None:

    assert PreparedFrame(BINARY, bytes(range(256))).deflated[0] == 0x82


def test_a_bomb_is_inflated_no_further_than_the_limit() -> None:
    bomb = deflate(bytes(10_000_000))

    tracemalloc.start()
    with pytest.raises(TooLargeError):
        inflate(bomb, 65_536)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(bomb) < 50_000
    assert peak < 500_000


def test_a_message_of_exactly_the_limit_is_let_through() -> None:
    assert inflate(deflate(b"x" * 1000), 1000) == b"x" * 1000
