"""RFC 6455, sections 5.5.1, 7 and 10.4: closing, and what is too large."""

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
    NO_CODE,
    PING,
    TEXT,
    Case,
    close,
    frame,
    octets,
)

_ALLOWED = (1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 3999, 4000, 4999)
_NOT_ALLOWED = (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535)


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _closing()
    yield from _codes()
    yield from _limits()


def _closing() -> Iterator[Case]:
    after = frame(TEXT, b"too late") + frame(PING, b"too") + close(1001)
    yield Case("5.5.1 without a code", (frame(CLOSE),), closes=NO_CODE)
    yield Case("5.5.1 octet by octet", octets(close(1000, b"bye")), closes=1000)
    yield Case("5.5.1 what comes after is not looked at", (close(1000) + after,), closes=1000)
    yield Case(
        "5.5.1 after messages",
        (frame(TEXT, b"first") + frame(BINARY, b"second") + close(1000),),
        ((TEXT, b"first"), (BINARY, b"second")),
        closes=1000,
    )
    yield Case("5.5.1 nor what breaks the rules", (close(1000) + b"\xff" * 9,), closes=1000)
    for reason in (b"bye", "Grüße".encode(), b"r" * 123):
        yield Case(f"5.5.1 {len(reason)} bytes of a reason", (close(1000, reason),), closes=1000)
    yield Case("5.5.1 124 bytes of a reason", (close(1000, b"r" * 124),), closes=1002)
    yield Case("5.5.1 one byte", (frame(CLOSE, b"\x03"),), closes=1002)
    for reason in (b"\xff", b"\xce\xba\xe1\xbd", b"\xed\xa0\x80"):
        yield Case(f"5.5.1 the reason {reason.hex()}", (close(1000, reason),), closes=1007)


def _codes() -> Iterator[Case]:
    for code in _ALLOWED:
        yield Case(f"7.4 the code {code}", (close(code),), closes=code)
    for code in _NOT_ALLOWED:
        yield Case(f"7.4 the code {code}, which is not to be sent", (close(code),), closes=1002)


def _limits() -> Iterator[Case]:
    yield Case("10.4 a byte too many", (frame(BINARY, bytes(LIMIT + 1)),), closes=1009)
    for size in (1 << 32, 1 << 62):
        head = struct.pack("!BBQ", FINAL | BINARY, 0xFF, size) + MASK
        yield Case(f"10.4 {size} bytes that never come", (head,), closes=1009)
    half = bytes(LIMIT // 2)
    more = frame(BINARY, half, MORE), frame(CONTINUATION, half, MORE)
    yield Case("10.4 fragments up to the limit", (*more, frame(CONTINUATION)), (
        (BINARY, half + half),
    ))  # fmt: skip
    yield Case("10.4 fragments past it", (*more, frame(CONTINUATION, b"x", MORE)), closes=1009)
