"""Frames as a server sends them."""

import zlib
from random import Random

import pytest

from web.frames import (
    BINARY,
    SMALLEST_DEFLATED,
    TEXT,
    PreparedFrame,
    close_frame,
    make_frame,
)
from web.inflater import inflate


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


@pytest.mark.parametrize("window_bits", range(8, 16))
def test_a_frame_refers_back_no_further_than_its_window(window_bits: int) -> None:
    words = [Random(seed).choices(b"stagewch", k=2**seed) for seed in range(3, 15)]
    payload = b"".join(map(bytes, words)) * 2

    frame = PreparedFrame(BINARY, payload).within(window_bits)

    # An inflater with a smaller window refuses what refers back further.
    stream = zlib.decompressobj(-window_bits)
    assert frame[0] == 0xC2
    assert stream.decompress(frame[4:] + b"\x00\x00\xff\xff") == payload


def test_a_frame_is_compressed_once_for_each_size_of_window() -> None:
    frame = PreparedFrame(TEXT, b"stage" * 200)

    assert frame.within(0) is frame.wire
    assert frame.within(15) is frame.deflated
    assert frame.within(10) is frame.within(10)
    assert frame.within(8) is not frame.within(9)
