"""What the first process of a server and one of its fronts tell each other over a socket pair.

A record is four bytes of its length (network order), a byte of its kind, and its body: a message of
this module in MessagePack, or the frame of events as a viewer gets it.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from actors.event import Event
from web.codec import packable
from web.frames import PreparedFrame
from web.requests import PublishedEvent

MOST_BEHIND = 64 * 2**20  # bytes that may wait for the other end
_LARGEST = 256 * 2**20  # bytes of a record
_PREFIX = struct.Struct("!IB")
_EVENTS, _MESSAGE = 0, 1


class Listening(Struct, frozen=True, tag=True):
    """A front takes connections from now on."""


class Want(Struct, frozen=True, tag=True):
    """A front's viewers want these patterns from now on, and those no longer. Answered with the
    positions of the topics in `new`, `{topic: [epoch, offset]}`; all that was published before the
    answer is told before it."""

    id: int
    new: list[str]
    gone: list[str]


class Missed(Struct, frozen=True, tag=True):
    """What came after these offsets, `{topic: [epoch, offset, last]}`, up to `last` or, where it is
    None, up to now? Answered with the events by topic; what cannot be had is left out."""

    id: int
    since: dict[str, tuple[str, int, int | None]]


class Ask(Struct, frozen=True, tag=True):
    """A query or command of a front's viewer, which the front has checked."""

    id: int
    kind: str
    name: str
    params: Raw
    user: str
    scopes: list[str]
    topics: list[str]


class Report(Struct, frozen=True, tag=True):
    """What a front counts, once a second."""

    figures: dict[str, Any]


class Question(Struct, frozen=True, tag=True):
    """The first process asks a front who is connected there."""

    id: int


class Answer(Struct, frozen=True, tag=True):
    """The result, or the code of an error with its details."""

    id: int
    result: Raw = Raw(b"\xc0")
    code: str | None = None
    message: str = ""
    details: dict[str, Any] = {}


class Announced(Struct, frozen=True, tag=True):
    """A front is to tell all of its viewers."""

    topic: str
    data: Any


Told = tuple[Event, ...]
Message = Listening | Want | Missed | Ask | Report | Question | Answer | Announced


class _Frame(Struct, frozen=True):
    events: list[PublishedEvent]


class _Happened(Struct, frozen=True, array_like=True):
    data: Any
    tick: int | None
    time: float | None
    epoch: str
    offset: int


class _HappenedRaw(Struct, frozen=True, array_like=True):
    data: Raw
    tick: int | None
    time: float | None
    epoch: str
    offset: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Message).decode
_decode_missed = msgspec.msgpack.Decoder(dict[str, list[_HappenedRaw]]).decode
_decode_frame = msgspec.msgpack.Decoder(_Frame).decode


def _happened(event: Event) -> _Happened:
    return _Happened(packable(event.data), event.tick, event.time, event.epoch, event.offset)


class LineOverrunError(Exception):
    """The other end takes nothing any more."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes wait for the other end")


class FrontLine:
    """One end. Sending never waits; raises LineOverrunError where too much does."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, end: socket.socket) -> "FrontLine":
        """Takes this end of the pair."""
        end.setblocking(False)
        return cls(*await asyncio.open_unix_connection(sock=end))

    def send(self, message: Message) -> None:
        """Raises TypeError, ValueError, OverflowError where MessagePack cannot tell it."""
        self._write(_MESSAGE, _encode(message))

    def send_events(self, frame: PreparedFrame) -> None:
        """The events in a MessagePack frame."""
        self._write(_EVENTS, frame.payload)

    def close(self) -> None:
        """Nothing more is sent or read."""
        self._writer.close()

    async def heard(self) -> AsyncIterator[Message | Told]:
        """What the other end tells, until it is gone."""
        while True:
            try:
                size, kind = _PREFIX.unpack(await self._reader.readexactly(_PREFIX.size))
                if size > _LARGEST:
                    return
                body = await self._reader.readexactly(size)
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            yield _events(body) if kind == _EVENTS else _decode(body)

    def _write(self, kind: int, body: bytes | memoryview) -> None:
        waiting = self._writer.transport.get_write_buffer_size()
        if waiting > MOST_BEHIND:
            raise LineOverrunError(waiting)
        self._writer.write(b"".join((_PREFIX.pack(len(body), kind), body)))


def _events(body: bytes) -> Told:
    return tuple(
        Event(
            told.topic,
            told.data.copy(),
            told.tick,
            told.time,
            told.epoch,
            told.offset,
            told.skipped,
        )
        for told in _decode_frame(body).events
    )


def events_of(result: Raw) -> dict[str, list[Event]]:
    """The events in the answer to Missed, by topic."""
    return {
        topic: [
            Event(topic, item.data.copy(), item.tick, item.time, item.epoch, item.offset)
            for item in items
        ]
        for topic, items in _decode_missed(result).items()
    }


def packed_events(found: Mapping[str, Sequence[Event]]) -> Raw:
    """The result of an answer to Missed."""
    return Raw(_encode({topic: list(map(_happened, events)) for topic, events in found.items()}))


def packed(value: object) -> Raw:
    """The result of another answer. Raises TypeError, ValueError, OverflowError where MessagePack
    cannot tell it."""
    return Raw(_encode(packable(value)))
