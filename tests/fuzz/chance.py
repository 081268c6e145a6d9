"""Makes values, messages, frames and streams that nobody should send; the same from one seed."""

import json
import random
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

from tests.conformance.case import (
    BINARY,
    CLOSE,
    COMPRESSED,
    CONTINUATION,
    FINAL,
    PING,
    TEXT,
    frame,
    packed,
)
from tests.conformance.case import ended as last_block
from web.requests import COMMANDS, QUERIES

FIELDS = (
    "id", "timestamp", "data", "events", "max_hz", "mode", "since", "query", "command", "params",
    "type", "odd",
)  # fmt: skip
PARAMS = ("run", "agent", "events", "topic", "limit", "token", "ticks", "hz", "id", "error", "from")
TYPES = ("ping", "subscribe", "unsubscribe", "query", "command", "shout", 7, None)
WORDS = (
    "", "a", "17", "run.*.tick", "a..b", ">.>", "latest", "\0", "ü\u2028", "%s", "{x}", "../..",
)  # fmt: skip
NUMBERS = (0, -1, 1, 17, 2**31, -(2**63), 2**64 - 1, 1e308, -0.0, float("nan"), float("inf"))
SIZES = (0, 1, 2, 20, 125, 126, 127, 3000)
ILL_FORMED = (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90", b"\xe2\x82", b"\xf8\x88")
BOMB = packed(bytes(4_000_000), 9)
NESTED = (b"[" * 3000, b'{"a":' * 2000, b"\x91" * 3000, b"\x81\xa1a" * 2000)


class Chance(random.Random):
    """What is drawn from it depends on the seed alone."""

    def value(self, depth: int = 3) -> Any:
        """A value that JSON or MessagePack can have."""
        kind = self.randrange(8 if depth else 5)
        if kind < 2:
            return self.choice(WORDS)
        if kind < 4:
            return self.choice(NUMBERS)
        if kind == 4:
            return self.choice((None, True, False, "x" * 100))
        if kind == 5:
            return [self.value(depth - 1) for _ in range(self.randrange(4))]
        names = PARAMS if kind == 6 else (*FIELDS, *WORDS)
        return {self.choice(names): self.value(depth - 1) for _ in range(self.randrange(5))}

    def message(self) -> Any:
        """Something like a message of the protocol."""
        if self.random() < 0.1:
            return self.value()
        told: dict[str, Any] = {"type": self.choice(TYPES), "id": "7"}
        if self.random() < 0.1:
            told["id"] = self.value()
        if self.random() < 0.6:
            name = self.choice((*QUERIES, *COMMANDS, "run.go"))
            params = {self.choice(PARAMS): self.value() for _ in range(self.randrange(4))}
            kind = self.choice(("query", "command"))
            told |= {"type": kind, kind: name, "params": params}
        elif self.random() < 0.5:
            events = [self.choice(WORDS) for _ in range(self.randrange(1, 4))]
            told |= {"type": self.choice(("subscribe", "unsubscribe")), "events": events}
        for _ in range(self.choice((0, 0, 0, 1, 2))):
            told[self.choice(FIELDS)] = self.value()
        return told

    def payload(self) -> tuple[int, bytes]:
        """A message in either encoding, with its opcode, now and then with a few bytes spoilt."""
        if self.random() < 0.02:
            nested = self.choice(NESTED)
            return (BINARY if nested[0] & 0x80 else TEXT), nested
        value, is_packed = self.message(), self.random() < 0.5
        payload = bytearray(
            msgspec.msgpack.encode(value) if is_packed else json.dumps(value).encode()
        )
        if payload and self.random() < 0.3:
            for _ in range(self.randint(1, 4)):
                spoilt = self.randrange(256 if is_packed else 128)
                payload[self.randrange(len(payload))] = spoilt
        return (BINARY if is_packed else TEXT), bytes(payload)

    def frames(self, *, deflate: bool) -> Iterator[bytes]:
        """Frames without end, most of them good enough that the next one is looked at too."""
        while True:
            kind = self.random()
            if kind < 0.45:
                yield frame(*self.payload())
            elif kind < 0.6:
                yield from self._fragments(deflate)
            elif kind < 0.75:
                size = self.choice((0, 2, 125)) if self.random() < 0.97 else 126
                yield frame(self.choice((PING, PING + 1)), self.randbytes(size))
            elif kind < 0.95 and deflate:
                yield self._compressed()
            elif kind < 0.97:
                yield self._wrong()

    def cut(self, stream: bytes) -> Iterator[bytes]:
        """The stream in pieces as a network might bring it."""
        most, place = self.choice((1, 2, 7, 100, 5000)), 0
        while place < len(stream):
            size = self.randint(1, most)
            yield stream[place : place + size]
            place += size

    def _fragments(self, deflate: bool) -> Iterator[bytes]:
        opcode, payload = self.payload()
        bits = 0
        if deflate and self.random() < 0.5:
            bits, payload = COMPRESSED, packed(payload)
        pieces = list(self.cut(payload))[: self.randint(2, 9)]
        for piece in pieces:
            yield frame(opcode, piece, bits)
            opcode, bits = CONTINUATION, 0
            if self.random() < 0.2:
                yield frame(PING, self.randbytes(3))
        # Often what is left is missing, or no text: the message ends all the same.
        if pieces and self.random() < 0.95:
            yield frame(CONTINUATION, b"", FINAL)

    def _compressed(self) -> bytes:
        opcode, payload = self.payload()
        draw = self.random()
        if draw < 0.9:
            made = packed(payload, self.choice((0, 1, 9)))
        elif draw < 0.94:
            made = last_block(payload) + b"\x00"
        elif draw < 0.96:
            opcode, made = BINARY, BOMB[: self.randint(1, len(BOMB))]
        else:
            made = self.randbytes(self.choice(SIZES))
        return frame(opcode, made, FINAL | COMPRESSED)

    def _wrong(self) -> bytes:
        payload = self.randbytes(self.choice(SIZES))
        match self.randrange(7):
            case 0:
                return frame(TEXT, b"good " + self.choice(ILL_FORMED), self.choice((0, FINAL)))
            case 1:
                code = struct.pack("!H", self.choice((0, 999, 1000, 1005, 1006, 3000, 65535)))
                return frame(CLOSE, (code + payload)[: self.choice((0, 1, 2, 50))])
            case 2:
                size = self.choice((0, 125, 126, 65_535, 65_536, 2**31, 2**62, 2**63, 2**64 - 1))
                return struct.pack("!BBQ", FINAL | self.choice((TEXT, BINARY)), 0xFF, size)
            case 3:
                return frame(self.randrange(16), payload, self.randrange(16) << 4)
            case 4:
                return frame(BINARY, payload)[: self.randint(1, len(payload) + 6)]
            case 5:
                return bytes((FINAL | BINARY, len(payload[:125]))) + payload[:125]
            case _:
                return zlib.compress(payload) + payload
