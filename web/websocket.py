"""The WebSocket protocol on a Tornado stream: our parser in, our outbox out.

Of Tornado's own protocol only the handshake is left. It makes a task and a future for each message
sent, reads a frame in three steps, ends a breach of the rules without a close frame, and pings with
a coroutine per connection.
"""

import asyncio
import base64
import binascii
import contextlib
import socket
from typing import cast

from tornado.concurrent import Future
from tornado.iostream import IOStream, StreamClosedError
from tornado.websocket import WebSocketHandler, WebSocketProtocol13, _WebSocketParams

from actors.clock import Clock
from web.backlog import QueueBounds
from web.breach import Breach
from web.codec import frame as framed
from web.deflate import agree
from web.errors import INVALID_MESSAGE, TOO_LARGE, Refusal
from web.frames import PING, PONG, close_frame, make_frame
from web.messages import ErrorMessage, Outbound, now
from web.outbox import Outbox
from web.parser import CloseFrame, Parser, PingFrame, PongFrame, Received
from web.pool import Traffic

NO_CODE, ABNORMAL = 1005, 1006
_READ = 65536  # bytes
_SLICE = 256 * 1024  # bytes after which other connections get their turn
_FRAME_COST = 1024  # what a frame counts towards the slice besides its bytes
_MOST_UNHANDLED = 32  # messages that are read ahead of the connection's actor
CLOSING_TIME = 5.0  # seconds that a client has to answer a close frame


class StageProtocol(WebSocketProtocol13):
    """One client's socket. `heard_at` is when it last sent anything, by the clock."""

    # Beside the dict of Tornado's class, which with ours in it would be too large to be compact.
    __slots__ = (
        "_bounds", "_clock", "_closing_timer", "_compression", "_is_broken", "_parser", "_room",
        "_sent_code", "_socket_handler", "_traffic", "_unhandled", "_window_bits", "heard_at",
        "outbox", "pinged_at",
    )  # fmt: skip

    outbox: Outbox

    def __init__(
        self,
        handler: WebSocketHandler,
        *,
        message_bytes: int,
        bounds: QueueBounds,
        compression: bool,
        traffic: Traffic,
        clock: Clock,
    ) -> None:
        super().__init__(handler, False, _WebSocketParams(max_message_size=message_bytes))
        self._socket_handler = handler
        self._bounds = bounds
        self._compression = compression
        self._traffic = traffic
        self._clock = clock
        self._window_bits = 0  # of permessage-deflate, where that was negotiated
        self._parser = Parser(message_bytes)
        self._unhandled = 0
        self._room: asyncio.Future[None] | None = None
        self._is_broken = False
        self._sent_code: int | None = None
        self._closing_timer: asyncio.TimerHandle | None = None
        self.heard_at = self.pinged_at = clock.now()

    @property
    def queued(self) -> int:
        """Bytes that wait to be sent."""
        return self.outbox.queued

    @property
    def final_code(self) -> int:
        """Why it ended: the code of whoever closed first, 1006 where nobody did."""
        if self._sent_code is not None:
            return self._sent_code
        return ABNORMAL if self.close_code is None else self.close_code

    def handled(self) -> None:
        """The actor is done with one message: there is room for another."""
        self._unhandled -= 1
        if self._room is not None and self._unhandled <= _MOST_UNHANDLED // 2:
            self._make_room()

    def say(self, message: Outbound) -> None:
        """Sends an answer or announcement, before all events that wait."""
        frame = framed(self.outbox.encoding, message)
        self.outbox.send(frame.within(self._window_bits))

    def look(self) -> None:
        """A second has passed: sees to a client that reads slowly."""
        self.outbox.look()

    def refuse(self, refusal: Refusal) -> None:
        """Says what was refused, and closes where the table has it so."""
        self.say(
            ErrorMessage(
                now(),
                refusal.code,
                refusal.message,
                refusal.details,
                refusal.temporary,
                refusal.id,
            )
        )
        if refusal.close_code is not None:
            self.close(refusal.close_code, refusal.code)

    def lose(self, reason: str) -> None:
        """Ends a connection whose client is gone: nobody answers a close frame."""
        self.close(1011, reason)
        self._abort()

    @property
    def _is_disconnected(self) -> bool:
        # None until the upgrade is done, whatever Tornado's type says.
        stream = cast("IOStream | None", self.stream)
        return stream is None or stream.closed()

    def _is_over(self) -> bool:
        return self.client_terminated

    # Below is what Tornado calls.

    def _handle_websocket_headers(self, handler: WebSocketHandler) -> None:
        super()._handle_websocket_headers(handler)
        headers = handler.request.headers
        try:
            key = base64.b64decode(headers["Sec-WebSocket-Key"], validate=True)
        except binascii.Error as error:
            raise ValueError("the key is not base64") from error
        if len(key) != 16:
            raise ValueError("the key has not 16 bytes")
        agreement = agree(headers.get("Sec-WebSocket-Extensions", ""))
        if self._compression and agreement is not None:
            self._window_bits = agreement.window_bits
            handler.set_header("Sec-WebSocket-Extensions", agreement.answer)

    def start_pinging(self) -> None:
        """Tornado's first call after the upgrade, when the stream is ours."""
        self._parser = Parser(self.params.max_message_size, deflate=bool(self._window_bits))
        self.stream.set_nodelay(True)
        self.outbox = Outbox(self.stream, self._traffic, self._bounds, self._window_bits)
        self.outbox.on_empty = self._said_all
        self.outbox.on_stuck = self._abort

    async def _receive_frame_loop(self) -> None:
        try:
            await self._read()
        except StreamClosedError:
            pass
        finally:
            self._ended()
            self._socket_handler.on_ws_connection_close(self.close_code, self.close_reason)

    def close(
        self, code: int | None = None, reason: str | None = None, *, flush: bool = False
    ) -> None:
        """Says goodbye: control frames go first, waiting events only where `flush`."""
        if self._is_disconnected:
            return
        if not self.server_terminated:
            self.server_terminated = True
            if not self.client_terminated:
                self._sent_code = code or NO_CODE
            if self._closing_timer is None:
                loop = asyncio.get_running_loop()
                self._closing_timer = loop.call_later(CLOSING_TIME, self._abort)
            self.outbox.finish(close_frame(code, reason or ""), flush=flush)
        elif self.outbox.is_empty:
            self._said_all()

    def _abort(self) -> None:
        self.client_terminated = self.server_terminated = True
        if not self._is_disconnected:
            self.stream.close()
        self._make_room()

    def _write_frame(
        self,
        fin: bool,  # noqa: ARG002
        opcode: int,
        data: bytes,
        flags: int = 0,  # noqa: ARG002
    ) -> "Future[None]":
        """Whatever Tornado writes takes its place in the outbox."""
        self.outbox.send(make_frame(opcode, data))
        done: Future[None] = Future()
        done.set_result(None)
        return done

    # Below is how it works.

    async def _read(self) -> None:
        work = 0
        while not self._is_over():
            data = await self.stream.read_bytes(_READ, partial=True)
            self.heard_at = self._clock.now()
            self._traffic.bytes_in += len(data)
            work += len(data)
            if self._is_broken:
                continue
            try:
                for received in self._parser.feed(data):
                    work += _FRAME_COST
                    self._take(received)
                    if self._unhandled >= _MOST_UNHANDLED:
                        await self._wait_for_room()
                    if self._is_over():
                        return
            except Breach as breach:
                self._break(breach)
            if work >= _SLICE:
                work = 0
                await asyncio.sleep(0)

    def _take(self, received: Received) -> None:
        match received:
            case str() | bytes():
                self._traffic.messages_in += 1
                if not self.server_terminated:
                    self._unhandled += 1
                    self._socket_handler.on_message(received)
            case PingFrame(data):
                self.outbox.send(make_frame(PONG, data))
            case CloseFrame(code, reason):
                self.client_terminated = True
                self.close_code = NO_CODE if code is None else code
                self.close_reason = reason
                self.close(code)
            case PongFrame():
                pass

    def write_ping(self, data: bytes) -> None:
        """Asks the client for a sign of life."""
        self.pinged_at = self._clock.now()
        self.outbox.send(make_frame(PING, data))

    def _break(self, breach: Breach) -> None:
        self._is_broken = True
        if breach.close_code == TOO_LARGE:
            self.refuse(Refusal(INVALID_MESSAGE, reason=breach.reason))
        self.close(breach.close_code, breach.reason)

    def _said_all(self) -> None:
        """Everything is sent, the close frame last. A client whose frames cannot be read any more
        is left time to read ours: closing with its bytes unread would take them back."""
        if self.client_terminated:
            self.stream.close()
        elif self._is_broken and not self.stream.closed():
            with contextlib.suppress(OSError):
                self.stream.socket.shutdown(socket.SHUT_WR)

    def _ended(self) -> None:
        if self._closing_timer is not None and self.stream.closed():
            self._closing_timer.cancel()

    async def _wait_for_room(self) -> None:
        self._room = asyncio.get_running_loop().create_future()
        await self._room

    def _make_room(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)
