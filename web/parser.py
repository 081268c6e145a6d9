"""Reads what clients send, by RFC 6455 and RFC 7692; no I/O.

`Parser.feed` takes bytes as they come and yields what they complete. A breach of the rules raises
Breach with the close code as soon as it can be seen, also within a frame or a fragment that is not
complete; nothing may be fed afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tornado.util import _websocket_mask as unmask

from web.assembly import Assembly, check_size, text, whole
from web.breach import PROTOCOL_ERROR, Breach
from web.frames import BINARY, CLOSE, PING, PONG, TEXT

_CONTINUATION = 0x0
_LONGEST_CONTROL = 125
_HEADER_ROOM = 14  # the longest frame header
_NO_LIMIT = 1 << 62
# 1004 to 1006 and 1015 are never sent; from 3000 on codes are registered or private.
_CLOSE_CODES = frozenset((1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)))


@dataclass(frozen=True, slots=True)
class PingFrame:
    """Wants a pong with the same data."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PongFrame:
    """A sign of life."""

    data: bytes


@dataclass(frozen=True, slots=True)
class CloseFrame:
    """The client ends the connection; without a code it gave no reason."""

    code: int | None
    reason: str


Received = str | bytes | PingFrame | PongFrame | CloseFrame


@dataclass(slots=True)
class _Frame:
    """A frame whose payload is coming; `mask` begins with the byte for the first that is left."""

    opcode: int
    is_final: bool
    is_compressed: bool
    mask: bytes
    left: int


class Parser:
    """One direction of one connection. `message_bytes` bounds a message, also after inflating (0:
    nothing does); `deflate`: permessage-deflate without context takeover was negotiated."""

    def __init__(self, message_bytes: int, *, deflate: bool = False) -> None:
        self.message_bytes = message_bytes or _NO_LIMIT
        self._deflate = deflate
        self._buffer = bytearray()
        self._frame: _Frame | None = None
        self._message: Assembly | None = None  # whose fragments are coming

    def feed(self, data: bytes) -> Iterator[Received]:
        """What the bytes complete, read as the caller goes on; exhaust it before feeding more."""
        self._buffer += data
        while (frame := self._frame or self._take_header()) is not None:
            if len(self._buffer) < frame.left:
                self._frame = frame
                if frame.opcode < CLOSE and self._buffer:
                    message = self._begun(frame, frame.left)
                    message.add(self._take_payload(frame, len(self._buffer)))
                return
            self._frame = None
            received = self._receive(frame, self._take_payload(frame, frame.left))
            if received is not None:
                yield received

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _take_payload(self, frame: _Frame, size: int) -> bytes:
        mask = frame.mask
        frame.left -= size
        frame.mask = mask[size % 4 :] + mask[: size % 4]
        return unmask(mask, self._take(size))

    def _take_header(self) -> _Frame | None:
        start = self._buffer[:_HEADER_ROOM]
        if len(start) < 2:
            return None
        first, second = start[0], start[1]
        opcode, size = first & 0x0F, second & 0x7F
        self._check_first(first, opcode, size)
        if not second & 0x80:
            raise Breach(PROTOCOL_ERROR, "a client's frames must be masked")
        place = 2
        if size >= 126:
            width = 2 if size == 126 else 8
            place += width
            if len(start) < place:
                return None
            size = int.from_bytes(start[2:place], "big")
            if not (126 if width == 2 else 1 << 16) <= size < 1 << 63:
                raise Breach(PROTOCOL_ERROR, "a length takes as little room as it may")
        if len(start) < place + 4:
            return None
        is_compressed = bool(first & 0x40)
        if opcode == _CONTINUATION and self._message is not None:
            self._message.expect(size)
        elif opcode < CLOSE:
            check_size(size, self.message_bytes, is_compressed=is_compressed)
        mask = self._take(place + 4)[place:]
        return _Frame(opcode, bool(first & 0x80), is_compressed, mask, size)

    def _check_first(self, first: int, opcode: int, size: int) -> None:
        may_be_compressed = self._deflate and opcode in (TEXT, BINARY)
        if first & (0x30 if may_be_compressed else 0x70):
            raise Breach(PROTOCOL_ERROR, "reserved bits must be 0")
        if opcode >= CLOSE:
            if opcode not in (CLOSE, PING, PONG):
                raise Breach(PROTOCOL_ERROR, f"there is no opcode {opcode}")
            if not first & 0x80 or size > _LONGEST_CONTROL:
                raise Breach(PROTOCOL_ERROR, "a control frame is short and in one piece")
        elif opcode not in (_CONTINUATION, TEXT, BINARY):
            raise Breach(PROTOCOL_ERROR, f"there is no opcode {opcode}")
        elif (opcode == _CONTINUATION) != (self._message is not None):
            raise Breach(PROTOCOL_ERROR, "fragments of messages may not mix")

    def _begun(self, frame: _Frame, size: int) -> Assembly:
        """The message that this frame goes on with, or begins with so many bytes."""
        if self._message is None:
            self._message = Assembly(
                frame.opcode, self.message_bytes, size, is_compressed=frame.is_compressed
            )
        return self._message

    def _receive(self, frame: _Frame, payload: bytes) -> Received | None:
        opcode = frame.opcode
        if opcode >= CLOSE:
            return _control(opcode, payload)
        if frame.is_final and self._message is None:
            return whole(opcode, payload, self.message_bytes, is_compressed=frame.is_compressed)
        message = self._begun(frame, len(payload))
        message.add(payload)
        if not frame.is_final:
            return None
        self._message = None
        return message.finish()


def _control(opcode: int, payload: bytes) -> Received:
    if opcode == PING:
        return PingFrame(payload)
    if opcode == PONG:
        return PongFrame(payload)
    if not payload:
        return CloseFrame(None, "")
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or code not in _CLOSE_CODES:
        raise Breach(PROTOCOL_ERROR, "the close code is not allowed")
    return CloseFrame(code, text(payload[2:]))
