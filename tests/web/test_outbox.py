"""What waits for a client that does not read, and in which order it goes."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from tornado.iostream import IOStream

from actors.event import Event
from tests.settle import until
from web.backlog import QueueBounds
from web.codec import encode_events
from web.errors import Refusal
from web.frames import TEXT, PreparedFrame, close_frame, make_frame
from web.outbox import CHUNK, Outbox
from web.pool import Traffic

QUEUE_BYTES = 100_000
ANSWER = make_frame(TEXT, b"answer")


class Channel:
    """An outbox, and the other end of its socket, which reads only when it is told to."""

    def __init__(self, queue_bytes: int, wrap: Callable[[socket.socket], IOStream]) -> None:
        here, there = socket.socketpair()
        for end in (here, there):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        there.setblocking(False)
        self.there = there
        self.traffic = Traffic()
        self.stream = wrap(here)
        self.outbox = Outbox(self.stream, self.traffic, QueueBounds(queue_bytes, 0))
        self.emptied = 0
        self.outbox.on_empty = self._note_empty
        self._data = bytearray()

    def _note_empty(self) -> None:
        self.emptied += 1

    def deliver(self, *events: Event) -> PreparedFrame:
        frame = encode_events("json", events)
        self.outbox.deliver(frame, events)
        return frame

    def fill(self) -> bytes:
        """Send until the socket takes no more; what was sent."""
        sent = b""
        while not self.outbox.queued:
            sent += self.deliver(tick(0, "x" * 1000)).wire
        return sent

    def flood(self) -> None:
        """Deliver more than any bound, each event on a topic of its own."""
        for number in range(10_000):
            self.deliver(tick(1, "y" * 1000, f"run.a.agent.{number}"))

    async def read(self, size: int) -> bytes:
        """The next so many bytes."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(10):
            while len(self._data) < size:
                self._data += await loop.sock_recv(self.there, 65536)
        read = bytes(self._data[:size])
        del self._data[:size]
        return read

    async def read_messages(self, skip: bytes) -> list[Any]:
        """The messages after these bytes, until nothing more comes."""
        assert await self.read(len(skip)) == skip
        await until(lambda: self.outbox.is_empty)
        self.there.setblocking(False)
        while True:
            try:
                self._data += self.there.recv(65536)
            except BlockingIOError:
                break
        return messages(bytes(self._data))


def messages(stream: bytes) -> list[Any]:
    """The messages in frames of a server: a client's parser, but for the mask."""
    found = []
    while stream:
        size, place = stream[1], 2
        if size >= 126:
            place = 4 if size == 126 else 10
            size = int.from_bytes(stream[2:place], "big")
        if stream[0] == 0x81:
            found.append(stream[place : place + size])
        stream = stream[place + size :]
    return [m if m == b"answer" else msgspec.json.decode(m) for m in found]


def tick(number: int, data: object = None, topic: str = "run.a.tick") -> Event:
    return Event(topic, data, epoch="e", offset=number)


@asynccontextmanager
async def channel(
    queue_bytes: int = QUEUE_BYTES, wrap: Callable[[socket.socket], IOStream] = IOStream
) -> AsyncIterator[Channel]:
    made = Channel(queue_bytes, wrap)
    yield made
    made.stream.close()
    made.there.close()


async def test_what_the_socket_takes_is_written_at_once_with_one_call() -> None:
    async with channel() as way:
        frame = way.deliver(tick(1))

        assert await way.read(frame.size) == frame.wire
        assert (way.traffic.writes, way.traffic.messages_out, way.outbox.queued) == (1, 1, 0)
        assert way.traffic.bytes_out == frame.size


async def test_nothing_is_lost_or_reordered_when_the_client_reads_late() -> None:
    async with channel() as way:
        sent = way.fill()
        for number in range(50):
            sent += way.deliver(tick(number, "y" * 500)).wire

        assert await way.read(len(sent)) == sent
        assert way.outbox.is_empty


async def test_frames_that_wait_are_joined_into_few_writes() -> None:
    async with channel() as way:
        sent = way.fill()
        writes = way.traffic.writes
        for number in range(300):
            sent += way.deliver(tick(number)).wire

        await way.read(len(sent))

        assert way.traffic.writes - writes <= 2


async def test_answers_go_before_events_that_wait() -> None:
    async with channel() as way:
        sent = way.fill()
        waiting = [encode_events("json", [tick(n, "y" * 1000)]) for n in range(3)]
        for frame in waiting:
            way.outbox.deliver(frame, [tick(0)])

        way.outbox.send(ANSWER)

        told = await way.read_messages(sent[: way.traffic.bytes_out])
        assert b"answer" in told[:2]


async def test_an_all_subscriber_that_is_too_slow_is_refused_at_the_bound() -> None:
    async with channel() as way:
        way.fill()
        with pytest.raises(Refusal) as refusal:
            way.flood()

        assert refusal.value.code == "SLOW_CONSUMER"
        assert QUEUE_BYTES < way.outbox.queued <= QUEUE_BYTES + 1200


async def test_of_latest_topics_the_newest_waits_with_an_exact_count() -> None:
    async with channel() as way:
        sent = way.fill()
        way.outbox.conflates = lambda topic: topic == "run.a.tick"
        for number in range(1, 1001):
            way.deliver(tick(number, "y" * 1000))
        for number in range(1, 4):
            way.deliver(tick(number, None, "run.a.log.beat"))

        assert way.outbox.queued < 10_000
        events = [event for message in await way.read_messages(sent) for event in message["events"]]
        beats = [event["offset"] for event in events if event["topic"] == "run.a.log.beat"]
        newest = [event for event in events if event["topic"] == "run.a.tick"]
        assert beats == [1, 2, 3]
        assert [(event["offset"], event["skipped"]) for event in newest] == [(1000, 999)]
        assert way.traffic.conflated == 999


async def test_events_that_were_left_out_before_are_counted_too() -> None:
    async with channel() as way:
        sent = way.fill()
        way.outbox.conflates = lambda _: True
        for skipped in (4, 0, 2):
            event = Event("run.a.tick", None, epoch="e", offset=1, skipped=skipped)
            way.outbox.deliver(encode_events("json", [event]), [event])

        (message,) = await way.read_messages(sent)
        assert message["events"][0]["skipped"] == 4 + 1 + 0 + 1 + 2


async def test_too_many_latest_topics_are_refused_like_too_many_events() -> None:
    async with channel() as way:
        way.fill()
        way.outbox.conflates = lambda _: True

        with pytest.raises(Refusal, match="reads too slowly"):
            way.flood()


async def test_a_client_that_never_reads_its_answers_is_stuck() -> None:
    async with channel() as way:
        stuck = []
        way.outbox.on_stuck = lambda: stuck.append(way.outbox.queued)
        way.fill()

        while not stuck:
            way.outbox.send(make_frame(TEXT, b"x" * 10_000))

        assert stuck[0] < (1 << 20) + 200_000


@pytest.mark.parametrize("flush", [True, False])
async def test_the_last_frame_is_the_last_and_events_go_before_it_where_they_should(
    flush: bool,
) -> None:
    async with channel() as way:
        sent = way.fill()
        held = len(sent) - way.outbox.queued
        waiting = way.deliver(tick(7))
        way.outbox.send(ANSWER)

        way.outbox.finish(close_frame(1001), flush=flush)
        way.deliver(tick(8))
        way.outbox.send(ANSWER)

        rest = ANSWER + (sent[held:] + waiting.wire if flush else b"") + close_frame(1001)
        assert await way.read(held + len(rest)) == sent[:held] + rest
        await until(lambda: way.emptied == 1)


async def test_a_giant_frame_is_handed_over_without_a_copy_of_it() -> None:
    async with channel(10_000_000) as way:
        sent = way.fill()
        giant = way.deliver(tick(1, "z" * 20 * CHUNK)).wire

        assert await way.read(len(sent) + len(giant)) == sent + giant


async def test_a_client_that_went_away_closes_the_stream_and_nothing_else() -> None:
    async with channel() as way:
        way.there.close()

        for number in range(3):
            way.deliver(tick(number))
            way.outbox.send(ANSWER)

        assert way.stream.closed()


async def test_a_stream_that_goes_away_takes_what_waits_with_it() -> None:
    async with channel() as way:
        way.fill()
        way.stream.close()

        await until(lambda: not way.outbox.queued)
        way.deliver(tick(1))


class Wrapped(IOStream):
    """Stands for a stream that encrypts: its socket may not be written directly."""


async def test_a_stream_that_encrypts_is_written_through() -> None:
    async with channel(wrap=Wrapped) as way:
        sent = way.deliver(tick(1)).wire + ANSWER
        way.outbox.send(ANSWER)

        assert await way.read(len(sent)) == sent
        await until(lambda: way.outbox.is_empty)
