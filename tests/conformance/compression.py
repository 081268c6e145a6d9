"""RFC 7692: permessage-deflate; its negotiation, and messages with it."""

from collections.abc import Iterator

from tests.conformance.case import (
    BINARY,
    CLOSE,
    COMPRESSED,
    CONTINUATION,
    FINAL,
    LIMIT,
    MORE,
    PING,
    PONG,
    TEXT,
    Case,
    ended,
    fragments,
    frame,
    octets,
    packed,
)

_PLAIN = "permessage-deflate"
_TEXT = "Wer immer strebend sich bemüht, den können wir erlösen. ".encode() * 40
_BYTES = bytes(range(256)) * 8


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _windows()
    yield from _messages()
    yield from _blocks()
    yield from _faults()


def _windows() -> Iterator[Case]:
    far = _TEXT + _BYTES * 20 + _TEXT
    for bits in range(8, 16):
        yield Case(
            f"7.1.2.1 a server's window of {bits} bits",
            (frame(BINARY, packed(far), FINAL | COMPRESSED), frame(BINARY, far)),
            ((BINARY, far), (BINARY, far)),
            offer=f"{_PLAIN}; server_max_window_bits={bits}",
            window_bits=bits,
        )


def _messages() -> Iterator[Case]:
    for opcode, payload in ((TEXT, _TEXT), (BINARY, _BYTES), (TEXT, b"short"), (TEXT, b"")):
        name = f"7.2 {len(payload)} bytes in opcode {opcode:x}"
        sent, echo = frame(opcode, packed(payload), FINAL | COMPRESSED), ((opcode, payload),)
        yield Case(name, (sent,), echo, offer=_PLAIN)
        yield Case(f"{name}, octet by octet", octets(sent), echo, offer=_PLAIN)
        parts = fragments(opcode, *octets(packed(payload)), bits=COMPRESSED)
        yield Case(f"{name}, a frame each octet", (b"".join(parts),), echo, offer=_PLAIN)
        yield Case(f"{name}, not compressed", (frame(opcode, payload),), echo, offer=_PLAIN)
    one = frame(TEXT, packed(_TEXT), FINAL | COMPRESSED)
    turns = (one, frame(BINARY, _BYTES), one)
    answers = ((TEXT, _TEXT), (BINARY, _BYTES), (TEXT, _TEXT))
    yield Case("7.2 compressed and not, in turn", turns, answers, offer=_PLAIN)
    begun, rest = fragments(TEXT, packed(_TEXT)[:9], packed(_TEXT)[9:], bits=COMPRESSED)
    yield Case(
        "7.2 control frames between fragments",
        (begun, frame(PING, b"?"), rest),
        ((PONG, b"?"), (TEXT, _TEXT)),
        offer=_PLAIN,
    )


def _blocks() -> Iterator[Case]:
    made = {
        "the example of 7.2.3.2": (bytes.fromhex("f248cdc9c90700"), b"Hello"),
        "a block that is not compressed": (packed(_TEXT, 0), _TEXT),
        "two blocks": (bytes.fromhex("f248050000 00ffffcac9c90700".replace(" ", "")), b"Hello"),
        "a last block": (ended(_TEXT) + b"\x00", _TEXT),
        "blocks after a last one": (ended(b"one ") + packed(_TEXT), b"one " + _TEXT),
        "nothing at all": (b"", b""),
    }
    for name, (payload, message) in made.items():
        sent = frame(BINARY, payload, FINAL | COMPRESSED)
        yield Case(f"7.2.3 {name}", (sent,), ((BINARY, message),), offer=_PLAIN)
    limit = bytes(LIMIT)
    sent = frame(BINARY, packed(limit), FINAL | COMPRESSED)
    yield Case("7.2.2 as much as the limit", (sent,), ((BINARY, limit),), offer=_PLAIN)


def _faults() -> Iterator[Case]:
    compressed = FINAL | COMPRESSED
    bomb = packed(bytes(64 * LIMIT))
    noise = {
        "is noise": b"\xff" * 50,
        "is cut off": packed(_TEXT)[:-20],
        "refers to the message before": packed(_TEXT, window=_TEXT),
        "has a header of zlib's": b"\x78\x9c" + packed(_TEXT),
    }
    one = frame(TEXT, packed(_TEXT), compressed)
    for name, payload in noise.items():
        both = (one, frame(BINARY, payload, compressed))
        yield Case(f"7.2.2 what {name}", both, ((TEXT, _TEXT),), closes=1007, offer=_PLAIN)
    wrong = packed(b"good, then \xff and no end" * 9) + b"\x00\x00\xff\xff"
    begun = frame(TEXT, wrong, MORE | COMPRESSED)
    yield Case("8.1 a fault in a text that goes on", (begun,), closes=1007, offer=_PLAIN)
    yield Case("8.1 a bomb", (frame(BINARY, bomb, compressed),), closes=1009, offer=_PLAIN)
    parts = fragments(BINARY, *(bomb[place : place + 99] for place in range(0, len(bomb), 99)),
                      bits=COMPRESSED)  # fmt: skip
    yield Case("8.1 a bomb in fragments", (b"".join(parts),), closes=1009, offer=_PLAIN)
    ends = frame(BINARY, ended(b"") * 3000, compressed)
    yield Case("8.1 last blocks without end", (ends,), closes=1009, offer=_PLAIN)
    yield Case(
        "6.1 the bit in a continuation",
        (frame(TEXT, packed(_TEXT), MORE | COMPRESSED), frame(CONTINUATION, b"\x00", compressed)),
        closes=1002,
        offer=_PLAIN,
    )
    for opcode in (PING, PONG, CLOSE):
        sent = (frame(opcode, b"", compressed),)
        yield Case(f"6.1 the bit in opcode {opcode:x}", sent, closes=1002, offer=_PLAIN)
    for bits in (0x10, 0x20, 0x30):
        sent = (frame(TEXT, packed(_TEXT), compressed | bits),)
        yield Case(f"6.1 reserved bits {bits:x} beside it", sent, closes=1002, offer=_PLAIN)
    sent = (frame(TEXT, packed(_TEXT), compressed),)
    declined = f"{_PLAIN}; server_max_window_bits=7"
    yield Case("5.1 the bit where the offer was declined", sent, closes=1002, offer=declined)
