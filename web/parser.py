"""Reads what clients send, by RFC 6455 and RFC 7692; no I/O.

`Parser.feed` takes bytes as they come and yields what they complete. A breach of the rules raises
Breach with the close code; nothing may be fed afterwards.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from tornado.util import _websocket_mask as unmask

from web.errors import TOO_LARGE
from web.frames import BINARY, CLOSE, PING, PONG, TEXT, TooLargeError, inflate

PROTOCOL_ERROR, INVALID_DATA = 1002, 1007
_CONTINUATION = 0x0
_LONGEST_CONTROL = 125
_HEADER_ROOM = 14  # the longest frame header
# 1004 to 1006 and 1015 are never sent; from 3000 on codes are registered or private.
_CLOSE_CODES = frozenset((1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)))


class Breach(Exception):  # noqa: N818 - a noun of the protocol
    """The client broke a rule of the protocol."""

    def __init__(self, close_code: int, reason: str) -> None:
        super().__init__(reason)
        self.close_code = close_code
        self.reason = reason


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


@dataclass(frozen=True, slots=True)
class _Header:
    opcode: int
    is_final: bool
    is_compressed: bool
    mask: bytes
    size: int


class Parser:
    """One direction of one connection. `message_bytes` bounds a message, also after inflating;
    `deflate`: permessage-deflate without context takeover was negotiated."""

    def __init__(self, message_bytes: int, *, deflate: bool = False) -> None:
        self.message_bytes = message_bytes
        self._deflate = deflate
        self._buffer = bytearray()
        self._header: _Header | None = None
        self._message = bytearray()
        self._message_opcode = 0  # of the message whose fragments are coming; 0: none
        self._message_is_compressed = False

    def feed(self, data: bytes) -> Iterator[Received]:
        """What the bytes complete, read as the caller goes on; exhaust it before feeding more."""
        self._buffer += data
        while True:
            if self._header is None:
                self._header = self._take_header()
                if self._header is None:
                    return
            header = self._header
            if len(self._buffer) < header.size:
                return
            payload = self._take(header.size)
            self._header = None
            received = self._receive(header, unmask(header.mask, payload))
            if received is not None:
                yield received

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _take_header(self) -> _Header | None:
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
        if opcode < CLOSE and len(self._message) + size > self.message_bytes:
            raise Breach(TOO_LARGE, f"a message may have {self.message_bytes} bytes")
        if len(start) < place + 4:
            return None
        mask = self._take(place + 4)[place:]
        return _Header(opcode, bool(first & 0x80), bool(first & 0x40), mask, size)

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
        elif (opcode == _CONTINUATION) != bool(self._message_opcode):
            raise Breach(PROTOCOL_ERROR, "fragments of messages may not mix")

    def _receive(self, header: _Header, payload: bytes) -> Received | None:
        if header.opcode == PING:
            return PingFrame(payload)
        if header.opcode == PONG:
            return PongFrame(payload)
        if header.opcode == CLOSE:
            return _closing(payload)
        if header.opcode != _CONTINUATION:
            self._message_is_compressed = header.is_compressed
            if header.is_final:
                return self._finish(header.opcode, payload)
            self._message_opcode = header.opcode
        self._message += payload
        if not header.is_final:
            return None
        opcode, whole = self._message_opcode, bytes(self._message)
        self._message_opcode, self._message = 0, bytearray()
        return self._finish(opcode, whole)

    def _finish(self, opcode: int, payload: bytes) -> str | bytes:
        if self._message_is_compressed:
            try:
                payload = inflate(payload, self.message_bytes)
            except TooLargeError:
                reason = f"a message may have {self.message_bytes} bytes"
                raise Breach(TOO_LARGE, reason) from None
            except zlib.error:
                raise Breach(INVALID_DATA, "the message is not deflated") from None
        return _text(payload) if opcode == TEXT else payload


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Breach(INVALID_DATA, "a text must be UTF-8") from None


def _closing(payload: bytes) -> CloseFrame:
    if not payload:
        return CloseFrame(None, "")
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or code not in _CLOSE_CODES:
        raise Breach(PROTOCOL_ERROR, "the close code is not allowed")
    return CloseFrame(code, _text(payload[2:]))
