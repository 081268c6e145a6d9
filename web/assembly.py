"""One message, put together from what comes of it; a fault is found with the byte that makes it."""

import codecs
import zlib

from web.breach import INVALID_DATA, Breach
from web.errors import TOO_LARGE
from web.frames import TEXT
from web.inflater import Inflater, TooLargeError, inflate, most_deflated

_UTF8 = codecs.getincrementaldecoder("utf-8")


class Assembly:
    """A message that comes in pieces. `limit` bounds its bytes, also after inflating;
    `size` are those of its first frame."""

    __slots__ = ("_bytes", "_check", "_inflater", "_limit", "_opcode", "_size")

    def __init__(self, opcode: int, limit: int, size: int, *, is_compressed: bool) -> None:
        self._opcode = opcode
        self._limit = limit
        self._size = size
        self._bytes = bytearray()
        self._inflater = Inflater(limit) if is_compressed else None
        self._check = _UTF8() if opcode == TEXT else None

    def expect(self, size: int) -> None:
        """One more frame of so many bytes is announced."""
        self._size += size
        check_size(self._size, self._limit, is_compressed=self._inflater is not None)

    def add(self, payload: bytes) -> None:
        """The next bytes of a frame."""
        if self._inflater is not None:
            try:
                payload = self._inflater.feed(payload, self._bytes)
            except (TooLargeError, zlib.error) as error:
                raise _breach(error, self._limit) from None
        self._append(payload)

    def finish(self) -> str | bytes:
        """The message, which is complete."""
        if self._inflater is not None:
            try:
                self._append(self._inflater.finish(self._bytes))
            except (TooLargeError, zlib.error) as error:
                raise _breach(error, self._limit) from None
        return text(self._bytes) if self._opcode == TEXT else bytes(self._bytes)

    def _append(self, payload: bytes) -> None:
        self._bytes += payload
        if self._check is not None:
            # What it decodes is thrown away: characters in many pieces would take more memory
            # than the message.
            try:
                self._check.decode(payload)
            except UnicodeDecodeError:
                raise _no_text() from None
            # The one case in which it waits for a third byte that cannot help: surrogates.
            begun = self._check.getstate()[0]
            if begun[:1] == b"\xed" and begun[1:] >= b"\xa0":
                raise _no_text()


def check_size(size: int, limit: int, *, is_compressed: bool) -> None:
    """Refuses a message by what its frames announce."""
    if size > (most_deflated(limit) if is_compressed else limit):
        raise _too_large(limit)


def whole(opcode: int, payload: bytes, limit: int, *, is_compressed: bool) -> str | bytes:
    """The message of a single frame that came at once."""
    if is_compressed:
        try:
            payload = inflate(payload, limit)
        except (TooLargeError, zlib.error) as error:
            raise _breach(error, limit) from None
    return text(payload) if opcode == TEXT else payload


def text(data: bytes | bytearray) -> str:
    """The text, which must be UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _no_text() from None


def _no_text() -> Breach:
    return Breach(INVALID_DATA, "a text must be UTF-8")


def _breach(error: TooLargeError | zlib.error, limit: int) -> Breach:
    if isinstance(error, TooLargeError):
        return _too_large(limit)
    return Breach(INVALID_DATA, "the message is not deflated")


def _too_large(limit: int) -> Breach:
    return Breach(TOO_LARGE, f"a message may have {limit} bytes")
