"""The worker's end of the WebSocket: connects, introduces itself, comes back when cut off."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable
from typing import Any, Protocol

import msgspec
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPTimeoutError
from tornado.websocket import WebSocketClientConnection, WebSocketError, websocket_connect

from web.messages import MESSAGEPACK_PROTOCOL

log = logging.getLogger(__name__)
FIRST_WAIT, MOST_WAIT = 0.1, 2.0  # seconds between tries to connect
_CONNECT_TIMEOUT = 5.0
_PING = 5.0  # seconds between signs of life asked for
_NO_SERVER = (OSError, HTTPClientError, HTTPTimeoutError, WebSocketError)
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


class Listener(Protocol):
    """Who the link speaks for; called on the loop."""

    async def greet(self, link: "Link") -> None:
        """The connection is there: introduce yourself. Raising ends the connection."""
        ...

    def heard(self, message: dict[str, Any]) -> None:
        """A message of the server that answers no request."""
        ...

    def cut_off(self) -> None:
        """The connection is gone."""
        ...


class RefusedError(Exception):
    """The server answered a request with an error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class TooLongError(Exception):
    """A message has more bytes than the server takes."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"a message has {size} bytes, where {most} are allowed")


class Link:
    """One connection after the other to one server, for as long as `live` runs.

    `token` is the one for the next connection. Sending waits until the socket has taken all.
    """

    def __init__(self, url: str, token: str, message_bytes: int, patience: float) -> None:
        """A server that says nothing for `patience` seconds is taken to be gone."""
        self.token = token
        self._url = url
        self._message_bytes = message_bytes
        self._patience = patience
        self._socket: WebSocketClientConnection | None = None
        self._answers: dict[str, asyncio.Future[Any]] = {}
        self._asked = 0
        self._is_taken = False

    async def live(self, listener: Listener) -> None:
        """Connects again and again, until it is cancelled."""
        wait = FIRST_WAIT
        try:
            while True:
                self._is_taken = False
                if await self._connect():
                    await self._serve(listener)
                if self._is_taken:
                    wait = FIRST_WAIT
                await asyncio.sleep(wait * random.uniform(0.5, 1.0))
                wait = min(wait * 2, MOST_WAIT)
        finally:
            self.close()

    def close(self) -> None:
        """Ends the connection that is there."""
        if self._socket is not None:
            self._socket.close(1000)
            self._socket = None

    async def send(self, message: dict[str, Any]) -> None:
        """Raises ConnectionError where there is no connection, TooLongError where the server would
        not take it."""
        socket = self._socket
        if socket is None:
            raise ConnectionError("there is no connection")
        data = _pack(message)
        if len(data) > self._message_bytes:
            raise TooLongError(len(data), self._message_bytes)
        try:
            await socket.write_message(data, binary=True)
        except WebSocketError as error:
            raise ConnectionError("the connection is gone") from error

    async def ask(self, command: str, params: dict[str, Any]) -> Any:
        """The result of a command. Raises RefusedError, ConnectionError, TimeoutError."""
        self._asked += 1
        number = f"w{self._asked}"
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            await self.send({"type": "command", "command": command, "params": params, "id": number})
            async with asyncio.timeout(self._patience):
                return await answer
        finally:
            del self._answers[number]

    async def _connect(self) -> bool:
        headers = {"Authorization": f"Bearer {self.token}"}
        request = HTTPRequest(self._url, headers=headers, connect_timeout=_CONNECT_TIMEOUT)
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT):
                self._socket = await websocket_connect(
                    request,
                    subprotocols=[MESSAGEPACK_PROTOCOL],
                    max_message_size=self._message_bytes,
                )
        except _NO_SERVER as error:
            log.debug("No server at %s: %s", self._url, error)
            return False
        return True

    async def _serve(self, listener: Listener) -> None:
        """One connection, from its greeting to its end."""
        greeting = asyncio.create_task(self._greet(listener))
        pinging = asyncio.create_task(self._ping())
        try:
            await self._read(listener)
        finally:
            self.close()
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the connection is gone"))
            for task in (greeting, pinging):
                task.cancel()
            # Not awaited one by one: that would take the end of this task for theirs.
            await asyncio.wait((greeting, pinging))
            listener.cut_off()

    async def _greet(self, listener: Listener) -> None:
        try:
            await listener.greet(self)
            self._is_taken = True
        except (RefusedError, ConnectionError, TimeoutError) as error:
            log.warning("The server did not take this worker: %s", error)
            self.close()

    async def _ping(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await asyncio.sleep(_PING)
                await self.send({"type": "ping"})

    async def _read(self, listener: Listener) -> None:
        while (socket := self._socket) is not None:
            try:
                data = await _within(self._patience, socket.read_message())
            except TimeoutError:
                log.warning("The server has said nothing for %g s", self._patience)
                return
            if data is None:
                return
            if isinstance(data, bytes):
                self._take(_unpack(data), listener)

    def _take(self, message: dict[str, Any], listener: Listener) -> None:
        answer = self._answers.get(message.get("id") or "")
        if answer is None:
            listener.heard(message)
        elif not answer.done():
            if message["type"] == "error":
                answer.set_exception(RefusedError(message["code"], message["message"]))
            else:
                answer.set_result(message.get("result"))


async def _within(seconds: float, awaitable: Awaitable[Any]) -> Any:
    async with asyncio.timeout(seconds):
        return await awaitable
