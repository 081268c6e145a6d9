"""What waits to be sent to one client: written at once where the socket takes it, else queued
within bounds.

Control (answers, errors, pongs) goes before data and is never dropped. Data counts against
`queue_bytes`; of `latest` topics only the newest event waits, with the number that it replaced.
Tornado owns the descriptor's readiness, so it is handed one chunk at a time and tells when that is
gone; all else stays here, where it can be counted, conflated and dropped.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from tornado.iostream import IOStream, StreamClosedError

from actors.event import Event
from web.codec import encode_events
from web.errors import SLOW_CONSUMER, Refusal
from web.frames import PreparedFrame
from web.pool import Traffic
from web.requests import Encoding

CHUNK = 65536  # bytes that are joined for one write
_CONTROL_BYTES = 1 << 20  # a client that lets more answers than this wait does not read at all


def _never(_topic: str) -> bool:
    return False


class Outbox:
    """Sends to one client. `conflates` says of a topic whether its newest event is enough;
    `on_empty` is called after `finish` when nothing waits any more, `on_stuck` when the client
    lets too many answers wait."""

    __slots__ = (
        "_busy", "_closing", "_control", "_control_bytes", "_data", "_data_bytes", "_direct",
        "_last", "_latest", "_latest_bytes", "_send", "_stream", "_traffic", "conflates",
        "deflate", "encoding", "on_empty", "on_stuck", "queue_bytes",
    )  # fmt: skip

    def __init__(
        self, stream: IOStream, traffic: Traffic, queue_bytes: int, *, deflate: bool = False
    ) -> None:
        self.queue_bytes = queue_bytes
        self.deflate = deflate
        self.encoding: Encoding = "json"
        self.conflates: Callable[[str], bool] = _never
        self.on_empty: Callable[[], None] | None = None
        self.on_stuck: Callable[[], None] | None = None
        self._stream = stream
        self._traffic = traffic
        self._send = stream.socket.send
        # A subclass encrypts: its socket must be written through it.
        self._direct = type(stream) is IOStream
        self._control: deque[bytes] = deque()
        self._control_bytes = 0
        self._data: deque[bytes] = deque()
        self._data_bytes = 0
        self._latest: dict[str, tuple[Event, int]] = {}
        self._latest_bytes = 0
        self._last: bytes | None = None
        self._closing = False
        self._busy = False
        if stream.writing():
            self._hand_over(memoryview(b""))

    @property
    def queued(self) -> int:
        """Bytes that wait here; a chunk that Tornado holds is not counted."""
        return self._control_bytes + self._data_bytes + self._latest_bytes

    @property
    def is_empty(self) -> bool:
        """Whether everything has been given to the socket."""
        return not self._busy and not self._waits

    @property
    def _waits(self) -> bool:
        return bool(self._control or self._data or self._latest or self._last)

    def deliver(self, frame: PreparedFrame, events: Sequence[Event]) -> None:
        """Sends or queues events; raises Refusal (SLOW_CONSUMER) when too much waits."""
        if self._busy or self._closing:
            self._queue(frame, events)
            return
        wire = frame.deflated if self.deflate else frame.wire
        traffic = self._traffic
        traffic.messages_out += 1
        if self._direct:
            try:
                sent = self._send(wire)
            except BlockingIOError:
                sent = 0
            except OSError as error:
                self._stream.close(exc_info=error)
                return
            traffic.writes += 1
            traffic.bytes_out += len(wire)
            if sent < len(wire):
                self._hand_over(memoryview(wire)[sent:])
        else:
            self._write(wire)

    def send(self, wire: bytes) -> None:
        """Sends or queues a control frame, before all data that waits."""
        if self._closing:
            return
        self._traffic.messages_out += 1
        if not self._busy:
            self._write(wire)
            return
        self._control.append(wire)
        self._control_bytes += len(wire)
        if self._control_bytes > _CONTROL_BYTES + len(wire) and self.on_stuck is not None:
            self.on_stuck()

    def finish(self, wire: bytes, *, flush: bool) -> None:
        """Sends the close frame after the control frames, and after the data too where `flush`;
        other data is dropped, and nothing is taken any more."""
        if self._closing:
            return
        self._closing = True
        if not flush:
            self.drop_data()
        self._last = wire
        if not self._busy:
            self._flush()

    def drop_data(self) -> None:
        """Forgets the events that wait."""
        self._data.clear()
        self._latest.clear()
        self._data_bytes = self._latest_bytes = 0

    def _queue(self, frame: PreparedFrame, events: Sequence[Event]) -> None:
        if self._closing:
            return
        rest = [event for event in events if not self.conflates(event.topic)]
        if len(rest) < len(events):
            share = frame.size // len(events)
            for event in events:
                if self.conflates(event.topic):
                    self._conflate(event, share)
            if not rest:
                self._check()
                return
            frame = encode_events(self.encoding, rest)
        wire = frame.deflated if self.deflate else frame.wire
        self._data.append(wire)
        self._data_bytes += len(wire)
        self._check()

    def _conflate(self, event: Event, size: int) -> None:
        older = self._latest.pop(event.topic, None)
        if older is not None:
            held, held_size = older
            event = replace(event, skipped=event.skipped + held.skipped + 1)
            self._latest_bytes -= held_size
            self._traffic.conflated += 1
        self._latest[event.topic] = (event, size)
        self._latest_bytes += size

    def _check(self) -> None:
        queued = self._data_bytes + self._latest_bytes
        if self.queue_bytes and queued > self.queue_bytes:
            raise Refusal(SLOW_CONSUMER, limit=self.queue_bytes, queued=queued)

    def _write(self, wire: bytes) -> None:
        """Gives bytes to the socket while nothing is outstanding."""
        self._traffic.writes += 1
        self._traffic.bytes_out += len(wire)
        sent = 0
        if self._direct:
            try:
                sent = self._send(wire)
            except BlockingIOError:
                pass
            except OSError as error:
                self._stream.close(exc_info=error)
                return
        if sent < len(wire):
            self._hand_over(memoryview(wire)[sent:])

    def _hand_over(self, rest: memoryview) -> None:
        try:
            written = self._stream.write(rest)
        except StreamClosedError:
            self.drop_data()
            return
        if written.done():
            return
        self._busy = True
        written.add_done_callback(self._written)

    def _written(self, written: "asyncio.Future[None]") -> None:
        self._busy = False
        if written.cancelled() or written.exception() is not None:
            self.drop_data()
            self._control.clear()
            self._control_bytes = 0
            return
        self._flush()

    def _flush(self) -> None:
        """Writes what waits, chunk by chunk, until the socket takes no more."""
        while not self._busy and self._waits and not self._stream.closed():
            self._write(b"".join(self._chunk()))
        if self._closing and self.is_empty and self.on_empty is not None:
            self.on_empty()

    def _chunk(self) -> list[bytes]:
        chunk: list[bytes] = []
        size = 0
        while self._control and size < CHUNK:
            wire = self._control.popleft()
            self._control_bytes -= len(wire)
            chunk.append(wire)
            size += len(wire)
        while self._data and size < CHUNK:
            wire = self._data.popleft()
            self._data_bytes -= len(wire)
            self._traffic.messages_out += 1
            chunk.append(wire)
            size += len(wire)
        if self._latest and not self._data and size < CHUNK:
            chunk.append(self._newest())
            self._traffic.messages_out += 1
        if self._last is not None and not (self._control or self._data or self._latest):
            chunk.append(self._last)
            self._last = None
        return chunk

    def _newest(self) -> bytes:
        frame = encode_events(self.encoding, [event for event, _ in self._latest.values()])
        self._latest.clear()
        self._latest_bytes = 0
        return frame.deflated if self.deflate else frame.wire
