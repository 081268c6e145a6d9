"""What a case says: what is sent to the echo server, and what must come back."""

import struct
import zlib
from dataclasses import dataclass

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
FINAL, MORE, COMPRESSED = 0x80, 0x00, 0x40  # bits of a frame's first byte
NO_CODE = 1005
LIMIT = 1 << 20  # bytes of a message at the server that runs the cases
MASK = b"\x37\xfa\x21\x3d"
TAIL = b"\x00\x00\xff\xff"


@dataclass(frozen=True, slots=True)
class Case:
    """`sent` is written piece by piece; `answers` (opcode, payload) come back in this order. Then
    the server closes with the code `closes`, or, where it is None, goes on as if nothing was."""

    name: str
    sent: tuple[bytes, ...]
    answers: tuple[tuple[int, bytes], ...] = ()
    closes: int | None = None
    offer: str | None = None  # Sec-WebSocket-Extensions
    window_bits: int = 15  # that the server's compressed frames must do with


def frame(opcode: int, payload: bytes = b"", bits: int = FINAL, mask: bytes = MASK) -> bytes:
    """A frame as a client sends it; `bits` are those beside the opcode."""
    size = len(payload)
    if size < 126:
        header = struct.pack("!BB", bits | opcode, 0x80 | size)
    elif size < 65536:
        header = struct.pack("!BBH", bits | opcode, 0x80 | 126, size)
    else:
        header = struct.pack("!BBQ", bits | opcode, 0x80 | 127, size)
    return header + mask + masked(payload, mask)


def masked(payload: bytes, mask: bytes = MASK) -> bytes:
    """The payload with the mask over it."""
    size = len(payload)
    pattern = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(pattern, "big")).to_bytes(size, "big")


def close(code: int, reason: bytes = b"") -> bytes:
    """A close frame with a code."""
    return frame(CLOSE, struct.pack("!H", code) + reason)


def octets(data: bytes) -> tuple[bytes, ...]:
    """Each byte by itself."""
    return tuple(data[place : place + 1] for place in range(len(data)))


def pieces(data: bytes, size: int) -> tuple[bytes, ...]:
    """Pieces of this size."""
    return tuple(data[place : place + size] for place in range(0, len(data), size))


def fragments(opcode: int, *payloads: bytes, bits: int = 0) -> tuple[bytes, ...]:
    """One message in as many frames; `bits` go to the first."""
    last = len(payloads) - 1
    return tuple(
        frame(
            CONTINUATION if place else opcode,
            payload,
            (FINAL if place == last else MORE) | (0 if place else bits),
        )
        for place, payload in enumerate(payloads)
    )


def packed(payload: bytes, level: int = 6, window: bytes = b"") -> bytes:
    """The payload deflated as a client does it."""
    compressor = zlib.compressobj(level, zlib.DEFLATED, -15, zdict=window)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH))[: -len(TAIL)]


def ended(payload: bytes) -> bytes:
    """The payload deflated into blocks of which the last says that it is."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, -15)
    return compressor.compress(payload) + compressor.flush(zlib.Z_FINISH)
