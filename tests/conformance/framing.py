"""RFC 6455, sections 5.2, 5.3 and 5.5: frames, masks, reserved bits, opcodes, pings."""

import struct
from collections.abc import Iterator

from tests.conformance.case import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FINAL,
    LIMIT,
    MASK,
    MORE,
    PING,
    PONG,
    TEXT,
    Case,
    frame,
    octets,
    pieces,
)

_HELLO = frame(TEXT, b"hello")
_ECHO = (TEXT, b"hello")


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _lengths()
    yield from _masks()
    yield from _reserved()
    yield from _pings()


def _lengths() -> Iterator[Case]:
    for opcode, kind in ((TEXT, "text"), (BINARY, "binary")):
        for size in (0, 1, 125, 126, 127, 128, 65_535, 65_536, LIMIT):
            payload = b"*" * size if opcode == TEXT else bytes(range(256)) * (size // 256 + 1)
            payload = payload[:size]
            sent, echo = frame(opcode, payload), ((opcode, payload),)
            yield Case(f"5.2 {kind} of {size} bytes", (sent,), echo)
            if size <= 128:
                yield Case(f"5.2 {kind} of {size} bytes, octet by octet", octets(sent), echo)
            elif size < LIMIT:
                yield Case(f"5.2 {kind} of {size} bytes in pieces", pieces(sent, 997), echo)
    two = frame(TEXT, b"one") + frame(BINARY, b"two")
    yield Case("5.2 two frames at once", (two,), ((TEXT, b"one"), (BINARY, b"two")))
    wrong = {
        "16 bits for 125": struct.pack("!BBH", 0x82, 0xFE, 125) + MASK + bytes(125),
        "64 bits for 65535": struct.pack("!BBQ", 0x82, 0xFF, 65_535) + MASK + bytes(65_535),
        "64 bits for 0": struct.pack("!BBQ", 0x82, 0xFF, 0) + MASK,
        "the highest bit set": struct.pack("!BBQ", 0x82, 0xFF, 1 << 63 | 5) + MASK + bytes(5),
    }
    for name, sent in wrong.items():
        yield Case(f"5.2 a length with {name}", (sent,), closes=1002)


def _masks() -> Iterator[Case]:
    for mask in (bytes(4), b"\xff" * 4, b"\x00\x01\x00\x00"):
        sent = frame(TEXT, "Grüße".encode() * 9, mask=mask)
        yield Case(f"5.3 the mask {mask.hex()}", (sent,), ((TEXT, "Grüße".encode() * 9),))
    for opcode in (TEXT, BINARY, PING, PONG, CLOSE, CONTINUATION):
        sent = bytes((FINAL | opcode, 0))
        yield Case(f"5.1 no mask, opcode {opcode:x}", (_HELLO, sent), (_ECHO,), closes=1002)


def _reserved() -> Iterator[Case]:
    for bits in (0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70):
        for opcode in (TEXT, BINARY, PING, PONG, CLOSE):
            sent = frame(opcode, bits=FINAL | bits)
            name = f"5.2 reserved bits {bits:x}, opcode {opcode:x}"
            yield Case(name, (_HELLO, sent, _HELLO), (_ECHO,), closes=1002)
        first = frame(TEXT, b"he", MORE)
        yield Case(
            f"5.2 reserved bits {bits:x} in a continuation",
            (first, frame(CONTINUATION, b"llo", FINAL | bits)),
            closes=1002,
        )
    for opcode in (3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF):
        for payload in (b"", b"payload"):
            name = f"5.2 opcode {opcode:x} with {len(payload)} bytes"
            sent = frame(opcode, payload)
            yield Case(name, (_HELLO + sent + _HELLO,), (_ECHO,), closes=1002)


def _pings() -> Iterator[Case]:
    for payload in (b"", b"hello", b"\x00\xff\xfe\xfd", b"p" * 125):
        name = f"5.5.2 a ping of {len(payload)} bytes"
        yield Case(name, (frame(PING, payload),), ((PONG, payload),))
        yield Case(f"{name}, octet by octet", octets(frame(PING, payload)), ((PONG, payload),))
        yield Case(f"5.5.3 a pong of {len(payload)} bytes", (frame(PONG, payload),))
    many = tuple(b"%d" % number for number in range(10))
    answers = tuple((PONG, payload) for payload in many)
    yield Case("5.5.2 ten pings at once", (b"".join(frame(PING, p) for p in many),), answers)
    yield Case(
        "5.5.3 a pong nobody asked for, then a ping",
        (frame(PONG, b"odd") + frame(PING, b"even"),),
        ((PONG, b"even"),),
    )
    for opcode in (PING, PONG, CLOSE):
        long = frame(opcode, b"\x03\xe8" + b"p" * 124)
        yield Case(f"5.5 126 bytes in opcode {opcode:x}", (_HELLO, long), (_ECHO,), closes=1002)
        part = frame(opcode, b"", MORE)
        yield Case(f"5.5 opcode {opcode:x} in fragments", (part,), closes=1002)
