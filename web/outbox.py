"""What is sent to one client: written at once where the socket takes it, else queued within bounds.

Control (answers, errors, pongs) goes before data and is never dropped. Of `latest` topics only the
newest event waits, with the number that it replaced. Tornado owns the descriptor's readiness, so it
is handed one chunk at a time and tells when that is gone; all else stays here, where it can be
counted, conflated and dropped.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from tornado.iostream import IOStream, StreamClosedError

from actors.event import Event
from web.backlog import Backlog, QueueBounds
from web.codec import encode_events
from web.errors import SLOW_CONSUMER, Refusal
from web.frames import PreparedFrame
from web.ladder import Ladder, Step
from web.pool import Traffic
from web.requests import Encoding

CHUNK = 65536  # bytes that are joined for one write
_CONTROL_BYTES = 1 << 20  # a client that lets more answers than this wait does not read at all


def _never(_topic: str) -> bool:
    return False


class Outbox:
    """Sends to one client. `conflates` says of a topic whether its newest event is enough;
    `on_empty` is called after `finish` when nothing waits any more, `on_stuck` when the client
    lets too many answers wait, `on_step` when its events begin to come in another way;
    `window_bits` are those of permessage-deflate, 0 where it was not negotiated."""

    __slots__ = (
        "_backlog", "_bounds", "_busy", "_closing", "_control", "_control_bytes", "_direct",
        "_ladder", "_last", "_send", "_straight", "_stream", "_traffic", "conflates",
        "encoding", "on_empty", "on_step", "on_stuck", "window_bits",
    )  # fmt: skip

    def __init__(
        self, stream: IOStream, traffic: Traffic, bounds: QueueBounds, window_bits: int = 0
    ) -> None:
        self.window_bits = window_bits
        self.encoding: Encoding = "json"
        self.conflates: Callable[[str], bool] = _never
        self.on_empty: Callable[[], None] | None = None
        self.on_stuck: Callable[[], None] | None = None
        self.on_step: Callable[[Step], None] | None = None
        self._stream = stream
        self._traffic = traffic
        self._bounds = bounds
        self._send = stream.socket.send
        # A subclass encrypts: its socket must be written through it.
        self._direct = type(stream) is IOStream
        # Made when something waits, as in the backlog.
        self._control: deque[bytes] | None = None
        self._control_bytes = 0
        self._backlog = Backlog(traffic.waiting)
        self._ladder = Ladder()
        self._last: bytes | None = None
        self._closing = False
        self._busy = False
        # The socket's own `send` as long as nothing stands between an event and the socket.
        self._straight: Callable[[bytes], int] | None = None
        self._settle()
        if stream.writing():
            self._hand_over(memoryview(b""))

    @property
    def queued(self) -> int:
        """Bytes that wait here; a chunk that Tornado holds is not counted."""
        return self._control_bytes + self._backlog.size

    @property
    def is_empty(self) -> bool:
        """Whether everything has been given to the socket."""
        return not self._busy and not self._waits

    @property
    def step(self) -> Step:
        """How events get to this client now."""
        return self._ladder.step

    @property
    def _waits(self) -> bool:
        return bool(self._control or self._backlog or self._last)

    def deliver(self, frame: PreparedFrame, events: Sequence[Event]) -> None:
        """Sends or queues events; raises Refusal (SLOW_CONSUMER) when too much waits."""
        if self._straight is None:
            self._put(frame, events)
            return
        wire = frame.within(self.window_bits) if self.window_bits else frame.wire
        try:
            sent = self._straight(wire)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._stream.close(exc_info=error)
            return
        traffic = self._traffic
        traffic.messages_out += 1
        traffic.writes += 1
        traffic.bytes_out += len(wire)
        if sent < len(wire):
            self._hand_over(memoryview(wire)[sent:])

    def send(self, wire: bytes) -> None:
        """Sends or queues a control frame, before all data that waits."""
        if self._closing:
            return
        self._traffic.messages_out += 1
        if not self._busy:
            self._write(wire)
            return
        if self._control is None:
            self._control = deque()
        self._control.append(wire)
        self._control_bytes += len(wire)
        if self._control_bytes > _CONTROL_BYTES + len(wire) and self.on_stuck is not None:
            self.on_stuck()

    def look(self) -> None:
        """A second has passed: up or down the ladder, and the newest for one that is slowed."""
        if self._closing or self.step is Step.FLOWING:
            return
        step = self._ladder.look(waits=self._busy)
        if not self._busy:
            self._flush(newest=True)
        self._stepped(step)

    def finish(self, wire: bytes, *, flush: bool) -> None:
        """Sends the close frame after the control frames, and after the data too where `flush`;
        other data is dropped, and nothing is taken any more."""
        if self._closing:
            return
        self._closing = True
        self._settle()
        if not flush:
            self.drop_data()
        self._last = wire
        if not self._busy:
            self._flush(newest=True)

    def drop_data(self) -> None:
        """Forgets the events that wait."""
        self._backlog.clear()

    def too_slow(self) -> Refusal:
        """Why no more can wait for this client, and where it may go on when it comes back."""
        limit = self._bounds.now(self._traffic.waiting)
        return Refusal(
            SLOW_CONSUMER,
            limit=self._bounds.each if limit is None else limit,
            queued=self._backlog.size,
            topics=self._backlog.stopped_at(),
        )

    def _put(self, frame: PreparedFrame, events: Sequence[Event]) -> None:
        """Events for a client that does not get all of them at once."""
        if self._closing:
            return
        if self._busy or self.step is Step.SLOWED:
            rest = self._conflate(events, frame.size // len(events))
            if len(rest) < len(events):
                if not rest:
                    self._check()
                    return
                frame, events = encode_events(self.encoding, rest), rest
        wire = frame.within(self.window_bits)
        if self._busy:
            self._backlog.put(wire, events)
            self._check()
        else:
            self._traffic.messages_out += 1
            self._write(wire)

    def _conflate(self, events: Sequence[Event], size: int) -> list[Event]:
        """Lets those of `latest` topics wait, about `size` bytes each; returns the others."""
        rest: list[Event] = []
        replaced = 0
        for event in events:
            if not self.conflates(event.topic):
                rest.append(event)
            elif self._backlog.conflate(event, size):
                replaced += 1
        if replaced:
            self._traffic.conflated += replaced
            self._stepped(self._ladder.replaced())
        return rest

    def _stepped(self, step: Step | None) -> None:
        if step is None:
            return
        self._settle()
        if self.on_step is not None:
            self.on_step(step)

    def _settle(self) -> None:
        """Opens or bars the straight way."""
        barred = self._busy or self._closing or self.step is Step.SLOWED or not self._direct
        self._straight = None if barred else self._send

    def _check(self) -> None:
        most = self._bounds.now(self._traffic.waiting)
        if most is not None and self._backlog.size > most:
            raise self.too_slow()

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
        self._settle()
        written.add_done_callback(self._written)

    def _written(self, written: "asyncio.Future[None]") -> None:
        self._busy = False
        self._settle()
        if written.cancelled() or written.exception() is not None:
            self.drop_data()
            self._control = None
            self._control_bytes = 0
            return
        self._flush(newest=self.step is not Step.SLOWED)

    def _flush(self, *, newest: bool) -> None:
        """Writes what waits, chunk by chunk, until the socket takes no more."""
        while not self._busy and not self._stream.closed():
            chunk = self._chunk(newest=newest)
            if not chunk:
                break
            self._write(b"".join(chunk))
        if self._closing and self.is_empty and self.on_empty is not None:
            self.on_empty()

    def _chunk(self, *, newest: bool) -> list[bytes]:
        chunk: list[bytes] = []
        size = 0
        while self._control and size < CHUNK:
            wire = self._control.popleft()
            self._control_bytes -= len(wire)
            chunk.append(wire)
            size += len(wire)
        while self._backlog.has_frames and size < CHUNK:
            wire = self._backlog.take_frame()
            self._traffic.messages_out += 1
            chunk.append(wire)
            size += len(wire)
        if newest and self._backlog and not self._backlog.has_frames and size < CHUNK:
            chunk.append(self._newest())
            self._traffic.messages_out += 1
        if self._last is not None and not (self._control or self._backlog):
            chunk.append(self._last)
            self._last = None
        return chunk

    def _newest(self) -> bytes:
        frame = encode_events(self.encoding, self._backlog.take_newest())
        return frame.within(self.window_bits)
