"""Compressed messages of clients, inflated within bounds."""

import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from web.frames import deflate
from web.inflater import Inflater, TooLargeError, inflate, most_deflated


def final_block(payload: bytes, window: bytes = b"") -> bytes:
    """A stream that ends, as a compressor without a flush makes it."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=window)
    return compressor.compress(payload) + compressor.flush(zlib.Z_FINISH)


@settings(deadline=None)
@given(st.binary(max_size=2000), st.lists(st.integers(1, 50), min_size=1, max_size=50))
def test_it_does_not_matter_in_which_pieces_a_message_comes(
    payload: bytes, sizes: list[int]
) -> None:
    packed = deflate(payload)
    inflater, made = Inflater(2000), bytearray()

    for size in sizes:
        made += inflater.feed(packed[:size], made)
        packed = packed[size:]
    made += inflater.feed(packed, made)
    made += inflater.finish(made)

    assert bytes(made) == payload


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


def test_the_bound_on_what_comes_lets_through_what_deflating_made_longer() -> None:
    payload = bytes(range(256)) * 256
    stored = zlib.compressobj(0, zlib.DEFLATED, -15, 1)
    packed = stored.compress(payload) + stored.flush(zlib.Z_SYNC_FLUSH)

    assert len(payload) < len(packed) <= most_deflated(len(payload))
    assert inflate(packed[:-4], len(payload)) == payload


def test_blocks_may_follow_one_that_says_it_is_the_last() -> None:
    one, two = b"one " * 20, b"two " * 20

    assert inflate(final_block(one) + b"\x00", 1000) == one
    assert inflate(final_block(one) + deflate(two), 1000) == one + two
    assert inflate(final_block(one) + final_block(one + two, window=one) + b"\x00", 1000) == (
        one + one + two
    )


def test_last_blocks_without_end_are_too_much() -> None:
    with pytest.raises(TooLargeError):
        inflate(final_block(b"") * 5000 + b"\x00", 1000)


@pytest.mark.parametrize("payload", [b"", b"\x00", b"\x02\x00"])
def test_nothing_may_be_compressed_too(payload: bytes) -> None:
    assert inflate(payload, 100) == b""


@pytest.mark.parametrize("cut", [1, 3, 10])
def test_a_message_that_is_cut_off_is_no_message(cut: int) -> None:
    with pytest.raises(zlib.error):
        inflate(deflate(bytes(range(200)))[:-cut], 1000)
