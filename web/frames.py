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


def deflate(payload: bytes, window_bits: int = zlib.MAX_WBITS) -> bytes:
    """The payload compressed with a context of its own, as RFC 7692 has it."""
    # zlib has no raw window of 8 bits; runs refer one byte back, which any window allows.
    strategy = zlib.Z_RLE if window_bits < 9 else zlib.Z_DEFAULT_STRATEGY
    compressor = zlib.compressobj(
        _LEVEL, zlib.DEFLATED, -max(window_bits, 9), zlib.DEF_MEM_LEVEL, strategy
    )
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH))[: -len(_TAIL)]


class PreparedFrame:
    """One message, framed once; a compressed form is made when the first receiver wants it."""

    __slots__ = ("_deflated", "_narrow", "_opcode", "_payload", "size", "wire")

    def __init__(self, opcode: int, payload: bytes) -> None:
        self.wire = make_frame(opcode, payload)
        self.size = len(self.wire)
        self._opcode = opcode
        self._deflated: bytes | None = None
        self._narrow: dict[int, bytes] | None = None  # by window bits, where these are few
        self._payload: bytes | None = payload if len(payload) >= SMALLEST_DEFLATED else None

    @property
    def payload(self) -> memoryview:
        """The message without the frame around it."""
        short = self.wire[1]
        return memoryview(self.wire)[2 if short < 126 else 4 if short == 126 else 10 :]

    @property
    def deflated(self) -> bytes:
        """The frame for receivers with permessage-deflate; not compressed where that is no gain."""
        if self._deflated is None:
            self._deflated = self._compress(zlib.MAX_WBITS)
        return self._deflated

    def within(self, window_bits: int) -> bytes:
        """The frame for a receiver with this window; not compressed at all where it is 0."""
        if window_bits == zlib.MAX_WBITS:
            return self.deflated
        if not window_bits:
            return self.wire
        if self._narrow is None:
            self._narrow = {}
        frame = self._narrow.get(window_bits)
        if frame is None:
            frame = self._narrow[window_bits] = self._compress(window_bits)
        return frame

    def _compress(self, window_bits: int) -> bytes:
        if self._payload is None:
            return self.wire
        payload = deflate(self._payload, window_bits)
        frame = make_frame(self._opcode, payload, compressed=True)
        return frame if len(frame) < self.size else self.wire
