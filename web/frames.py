"""Frames of RFC 6455 as a server sends them: made once, shared by all who get the same."""

import struct
import zlib

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
_FINAL, _COMPRESSED = 0x80, 0x40
SMALLEST_DEFLATED = 200  # bytes; below, compressing costs more than it saves
_LEVEL = 1  # a frame is compressed while others wait for theirs
_TAIL = b"\x00\x00\xff\xff"


def make_frame(opcode: int, payload: bytes, *, compressed: bool = False) -> bytes:
    """The unmasked frame of a whole message; `compressed`: the payload is deflated already."""
    first = _FINAL | opcode | (_COMPRESSED if compressed else 0)
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", first, size) + payload
    if size <= 0xFFFF:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


def close_frame(code: int | None, reason: str = "") -> bytes:
    """A close frame; the reason is cut to what a control frame can hold."""
    if code is None:
        return make_frame(CLOSE, b"")
    text = reason.encode()[:123].decode(errors="ignore").encode()
    return make_frame(CLOSE, struct.pack("!H", code) + text)


def deflate(payload: bytes) -> bytes:
    """The payload compressed with a context of its own, as RFC 7692 has it."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH))[: -len(_TAIL)]


class TooLargeError(Exception):
    """A compressed message that grows past the limit."""


def inflate(payload: bytes, limit: int) -> bytes:
    """The message that was deflated with a context of its own; at most `limit` bytes are made.

    Raises TooLargeError, or zlib.error where the payload is not deflated.
    """
    result = zlib.decompressobj(-zlib.MAX_WBITS).decompress(payload + _TAIL, limit + 1)
    if len(result) > limit:
        raise TooLargeError
    return result


class PreparedFrame:
    """One message, framed once; the compressed form is made when the first receiver wants it."""

    __slots__ = ("_deflated", "_opcode", "_payload", "size", "wire")

    def __init__(self, opcode: int, payload: bytes) -> None:
        self.wire = make_frame(opcode, payload)
        self.size = len(self.wire)
        self._opcode = opcode
        self._deflated: bytes | None = None
        self._payload: bytes | None = payload if len(payload) >= SMALLEST_DEFLATED else None

    @property
    def deflated(self) -> bytes:
        """The frame for receivers with permessage-deflate; not compressed where that is no gain."""
        if self._deflated is None:
            self._deflated = self._compress()
            self._payload = None
        return self._deflated

    def _compress(self) -> bytes:
        if self._payload is None:
            return self.wire
        frame = make_frame(self._opcode, deflate(self._payload), compressed=True)
        return frame if len(frame) < self.size else self.wire
