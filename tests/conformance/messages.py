"""RFC 6455, sections 5.4 and 8.1: fragments, and text that must be UTF-8."""

import struct
from collections.abc import Iterator

from tests.conformance.case import (
    BINARY,
    CONTINUATION,
    FINAL,
    MASK,
    MORE,
    PING,
    PONG,
    TEXT,
    Case,
    close,
    fragments,
    frame,
    masked,
    octets,
)

_GREEK = "κόσμε".encode()
_WELL_FORMED = (
    b"\x00", b"\x7f", b"\xc2\x80", b"\xdf\xbf", b"\xe0\xa0\x80", b"\xed\x9f\xbf", b"\xee\x80\x80",
    b"\xef\xbf\xbd", b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"\xf0\x90\x80\x80", b"\xf0\x9f\xbf\xbf",
    b"\xf4\x8f\xbf\xbf", _GREEK, "hello €, 𝄞!".encode(),
)  # fmt: skip
# With the byte that no text can have at this place; what is before it is still well-formed.
_ILL_FORMED = (
    (b"", b"\x80"), (b"", b"\xbf"), (b"", b"\xc0"), (b"", b"\xc1"), (b"", b"\xf5"), (b"", b"\xf8"),
    (b"", b"\xfc"), (b"", b"\xfe"), (b"", b"\xff"), (b"\xc2", b"a"), (b"\xc3", b"\xc3"),
    (b"\xe0", b"\x9f"), (b"\xe0", b"\x80"), (b"\xe2\x82", b"("), (b"\xed", b"\xa0"),
    (b"\xed", b"\xbf"), (b"\xf0", b"\x8f"), (b"\xf0\x9f", b"a"), (b"\xf4", b"\x90"),
    (b"\xf1\x80\x80", b"\xc0"), (b"\xef\xbf", b"\xff"),
)  # fmt: skip


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _fragments()
    yield from _mixed()
    yield from _texts()
    yield from _faults()


def _fragments() -> Iterator[Case]:
    for opcode in (TEXT, BINARY):
        name = f"5.4 opcode {opcode:x} in"
        echo = ((opcode, b"fragment and fragment"),)
        two = fragments(opcode, b"fragment and", b" fragment")
        yield Case(f"{name} two frames", two, echo)
        yield Case(f"{name} two frames at once", (b"".join(two),), echo)
        yield Case(f"{name} two frames, octet by octet", octets(b"".join(two)), echo)
        empty = fragments(opcode, b"", b"fragment and", b"", b" fragment", b"")
        yield Case(f"{name} frames of which some are empty", empty, echo)
        yield Case(f"{name} empty frames", fragments(opcode, b"", b"", b""), ((opcode, b""),))
        many = fragments(opcode, *octets(b"0123456789" * 200))
        yield Case(f"{name} 2000 frames", (b"".join(many),), ((opcode, b"0123456789" * 200),))
        begun, rest = two
        pinged = (begun, frame(PING, b"?") + frame(PONG, b"!"), rest)
        yield Case(f"{name} two frames with control between", pinged, ((PONG, b"?"), *echo))
        chopped = octets(b"".join(pinged))
        yield Case(f"{name} the same, octet by octet", chopped, ((PONG, b"?"), *echo))
        yield Case(f"{name} frames that a close ends", (begun, close(1000)), closes=1000)


def _mixed() -> Iterator[Case]:
    more = frame(TEXT, b"begun", MORE)
    hello, echo = frame(TEXT, b"hello"), ((TEXT, b"hello"),)
    for bits in (FINAL, MORE):
        alone = frame(CONTINUATION, b"of what?", bits)
        yield Case(f"5.4 a continuation of nothing ({bits:x})", (alone,), closes=1002)
        yield Case(f"5.4 the same after a message ({bits:x})", (hello, alone), echo, closes=1002)
        for opcode in (TEXT, BINARY):
            other = frame(opcode, b"other", bits)
            yield Case(
                f"5.4 opcode {opcode:x} within a message ({bits:x})", (more, other), closes=1002
            )
    pinged = (frame(PING, b"1"), more, frame(PING, b"2"), frame(CONTINUATION, b"!"), hello)
    answers = ((PONG, b"1"), (PONG, b"2"), (TEXT, b"begun!"), *echo)
    yield Case("5.4 messages and pings in turn", pinged, answers)


def _texts() -> Iterator[Case]:
    for text in _WELL_FORMED:
        name = f"8.1 the text {text.hex()}"
        yield Case(name, (frame(TEXT, text),), ((TEXT, text),))
        parts = fragments(TEXT, *octets(text))
        yield Case(f"{name}, a frame each octet", parts, ((TEXT, text),))
    for begun, wrong in _ILL_FORMED:
        payload = begun + wrong
        yield Case(f"8.1 binary {payload.hex()}", (frame(BINARY, payload),), ((BINARY, payload),))


def _faults() -> Iterator[Case]:
    for begun, wrong in _ILL_FORMED:
        text = _GREEK + begun + wrong
        name = f"8.1 {(begun + wrong).hex()}"
        yield Case(f"{name} in a text", (frame(TEXT, text + b"edited"),), closes=1007)
        # The rest of the text, of the fragment, of the frame never comes: the fault is seen first.
        more = (frame(TEXT, _GREEK + begun, MORE), frame(CONTINUATION, wrong, MORE))
        yield Case(f"{name} in a fragment that is not the last", more, closes=1007)
        head = struct.pack("!BBH", FINAL | TEXT, 0xFE, 10_000) + MASK + masked(text)
        yield Case(f"{name} in a frame that is not complete", (head,), closes=1007)
        yield Case(f"{name} in the same, octet by octet", octets(head), closes=1007)
        if begun:
            cut = fragments(TEXT, _GREEK, begun)
            yield Case(f"8.1 a text that ends with {begun.hex()}", cut, closes=1007)
