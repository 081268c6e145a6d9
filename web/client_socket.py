"""One WebSocket of a client, from the handshake to its end: messages in, messages out."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from typing import Any

import msgspec
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPTimeoutError
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketError,
    WebSocketProtocol,
    websocket_connect,
)

from sim.packing import PackingError, unwire
from web.client_errors import MESSAGE_TOO_LARGE, NOT_CONNECTED, StageError
from web.client_results import Events, Message
from web.messages import JSON_PROTOCOL, MESSAGEPACK_PROTOCOL, Response

PING_SECONDS = 10.0  # between pings, and for the answer to one
CLOSING_SECONDS = 2.0  # for the server's answer to a close frame
LARGEST = 64 * 2**20  # bytes of a message of the server
_UNREACHABLE = (OSError, HTTPTimeoutError, WebSocketError)
_FLOATS = b"\xa3f32"  # the key of packed floats, as MessagePack has it

_from_json: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_from_packed: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


@dataclass(frozen=True, slots=True)
class Wire:
    """How messages travel: MessagePack where `packed`, else JSON; `tls` None: as the system has
    it."""

    packed: bool
    compression: bool
    tls: ssl.SSLContext | None


class Socket:
    """Spoken to in JSON, or MessagePack where `packed`."""

    def __init__(self, connection: WebSocketClientConnection, *, packed: bool) -> None:
        self._connection = connection
        self._protocol = connection.protocol
        self._packed = packed
        self._is_over = False

    @classmethod
    async def open(cls, url: str, token: str | None, seconds: float, wire: Wire) -> "Socket":
        """Raises ConnectionError where nobody answers within so many seconds, and StageError where
        something answers that will not talk to this client."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = HTTPRequest(url, headers=headers, connect_timeout=seconds, ssl_options=wire.tls)
        opening = asyncio.ensure_future(
            websocket_connect(
                request,
                subprotocols=[MESSAGEPACK_PROTOCOL if wire.packed else JSON_PROTOCOL],
                compression_options={} if wire.compression else None,
                ping_interval=PING_SECONDS,
                ping_timeout=PING_SECONDS,
                max_message_size=LARGEST,
            )
        )
        is_ours = False
        try:
            async with asyncio.timeout(seconds):
                connection = await asyncio.shield(opening)
            is_ours = True
            return cls(connection, packed=wire.packed)
        except HTTPClientError as error:
            if 400 <= error.code < 500:
                text = f"{url} answered {error.code} {error.message}."
                raise StageError(NOT_CONNECTED, text, {"status": error.code}) from None
            raise ConnectionError(f"{url} answered {error.code}") from error
        except _UNREACHABLE as error:
            raise ConnectionError(f"{url} cannot be reached: {error}") from error
        finally:
            # Where the wait was given up, the connection may still come; nobody wants it then.
            if not is_ours:
                opening.add_done_callback(_discard)

    @property
    def close_code(self) -> int | None:
        """That of the server; None before the end, and where it gave none."""
        return self._connection.close_code

    async def read(self) -> Message | None:
        """The next message; None at the end. Raises ConnectionError at what cannot be read."""
        data = await self._connection.read_message()
        if data is None:
            self._is_over = True
            return None
        try:
            if isinstance(data, str):
                return _from_json.decode(data)
            message: Message = _from_packed.decode(data)
            return _with_arrays(message) if _FLOATS in data else message
        except (msgspec.DecodeError, PackingError, UnicodeError, RecursionError) as error:
            raise ConnectionError(f"the server sent what cannot be read: {error}") from error

    def write(self, message: dict[str, Any], largest: int = 0) -> None:
        """Queues a message. Raises StageError where it has more than `largest` bytes (0: any)."""
        encoder = msgspec.msgpack.encode if self._packed else msgspec.json.encode
        data = encoder(message)
        if largest and len(data) > largest:
            text = f"The request has {len(data)} bytes, where the server takes {largest}."
            raise StageError(MESSAGE_TOO_LARGE, text, {"limit": largest, "size": len(data)})
        # A connection that is gone is noticed by who reads.
        with contextlib.suppress(WebSocketError):
            self._connection.write_message(data, binary=self._packed).add_done_callback(_retrieve)

    async def close(self) -> None:
        """Says goodbye and waits a moment for the server's answer; then there is no task left."""
        self._connection.close(1000)
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                while not self._is_over:
                    self._is_over = await self._connection.read_message() is None
        except TimeoutError:
            self._is_over = True
        finally:
            _cut(self._protocol)


def _discard(opening: "asyncio.Future[WebSocketClientConnection]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        connection = opening.result()
        protocol = connection.protocol
        connection.close()
        _cut(protocol)


def _cut(protocol: WebSocketProtocol | None) -> None:
    stream = None if protocol is None else protocol.stream
    if stream is not None:
        stream.close()


def _retrieve(written: "asyncio.Future[None]") -> None:
    """Its error is known from elsewhere."""
    if not written.cancelled():
        written.exception()


def _with_arrays(message: Message) -> Message:
    if isinstance(message, Events):
        events = [msgspec.structs.replace(e, data=unwire(e.data)) for e in message.events]
        return msgspec.structs.replace(message, events=events)
    if isinstance(message, Response):
        return msgspec.structs.replace(message, result=unwire(message.result))
    return message
