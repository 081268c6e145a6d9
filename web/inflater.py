"""Inflates compressed messages by RFC 7692, each with a context of its own, within bounds."""

import zlib

_TAIL = b"\x00\x00\xff\xff"  # what the sender cuts off
_PROBE = b"\x03\x00"  # a last, empty block
_WINDOW = 1 << zlib.MAX_WBITS
_MOST_STREAMS = 1000  # final blocks in one message: each costs a new inflater


class TooLargeError(Exception):
    """A compressed message that grows past the limit, or costs too much."""


def most_deflated(limit: int) -> int:
    """Bytes that a message of `limit` bytes may have when deflating makes it longer."""
    return limit + (limit >> 3) + (limit >> 6) + 1024


class Inflater:
    """Inflates one message as its bytes come; never makes more than `limit` and one byte.

    Raises TooLargeError, and zlib.error where the bytes are not deflated.
    """

    __slots__ = ("_is_empty", "_room", "_stream", "_streams")

    def __init__(self, limit: int) -> None:
        self._room = limit
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        self._streams = 1
        self._is_empty = True

    def feed(self, data: bytes, before: bytearray) -> bytes:
        """What these bytes inflate to; `before` is the message so far."""
        if data:
            self._is_empty = False
        pieces: list[bytes] = []
        while data:
            if self._stream.eof:
                self._start_again(_end_of(before, pieces))
            pieces.append(self._inflate(data))
            data = self._stream.unused_data
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def finish(self, before: bytearray) -> bytes:
        """What the end of the message adds."""
        if self._is_empty:
            # Strictly one byte must come, but a compressor that is flushed twice makes none.
            return b""
        made = self.feed(_TAIL, before)
        # Blocks cannot be seen from here; but only between two of them can another one begin.
        if self._inflate(_PROBE) or not self._stream.eof:
            raise zlib.error("the message ends within a block")
        return made

    def _inflate(self, data: bytes) -> bytes:
        made = self._stream.decompress(data, self._room + 1)
        if len(made) > self._room:
            raise TooLargeError
        self._room -= len(made)
        return made

    def _start_again(self, window: bytes) -> None:
        """A block that says it is the last may be followed by others all the same."""
        self._streams += 1
        if self._streams > _MOST_STREAMS:
            raise TooLargeError
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS, zdict=window)


def _end_of(before: bytearray, pieces: list[bytes]) -> bytes:
    """As much as a block may refer back to."""
    window = b""
    for piece in (*reversed(pieces), before):
        if len(window) >= _WINDOW:
            break
        window = bytes(piece[-(_WINDOW - len(window)) :]) + window
    return window


def inflate(payload: bytes, limit: int) -> bytes:
    """A whole message at once."""
    inflater = Inflater(limit)
    made = inflater.feed(payload, bytearray())
    return made + inflater.finish(bytearray(made))
