"""The client's work: one connection after the other, with what goes over them."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from web.client_comeback import Comeback
from web.client_errors import NOT_CONNECTED, StageError
from web.client_feed import Feed
from web.client_feeds import Feeds
from web.client_requests import Requests
from web.client_results import Events, Message
from web.client_socket import Socket, Wire
from web.messages import BroadcastMessage, ErrorMessage, Established, Response

log = logging.getLogger(__name__)
Token = str | Callable[[], str | Awaitable[str]] | None
EXPIRING, DRAINING = "connection.expiring", "server.draining"
_OWN = "connection."  # begins the topics of what the server tells this client alone
_GREETING_WITHIN = 10.0  # seconds, the handshake as well
_ERROR_COUNTS = 5.0  # an error of so many seconds ago did not cause the close


class Link:
    """Works as long as the task that runs `live`. `greeting` is that of the newest connection,
    `problem` why there is none."""

    def __init__(self, url: str, token: Token, wire: Wire) -> None:
        self.greeting: Established | None = None
        self.has_opened = asyncio.Event()
        self.problem: StageError | None = None
        self._url = url
        self._token = token
        self._wire = wire
        self._socket: Socket | None = None
        self._requests = Requests()
        self._feeds = Feeds(self._send)
        self._refreshing: asyncio.Task[None] | None = None
        self._told: tuple[float, StageError] | None = None
        self._opened_at: float | None = None
        self._retry_after = 0.0
        self._end: BaseException | None = None

    async def live(self) -> None:
        """Connects again and again; ends with the error that makes it of no use to go on."""
        comeback = Comeback()
        error: BaseException | None = None
        try:
            while True:
                self._opened_at, self._retry_after, self._told = None, 0.0, None
                code = await self._connect()
                await asyncio.sleep(self._wait(comeback, code))
        except asyncio.CancelledError:
            raise
        except BaseException as fatal:
            error = fatal
            raise
        finally:
            self._end = error or StageError(NOT_CONNECTED, "The stage was closed.")
            self._requests.fail(self._end)
            self._feeds.end(error)

    async def ask(self, body: dict[str, Any], seconds: float, *, is_repeatable: bool) -> Any:
        """The result of a request. Raises StageError; while there is no connection, it waits."""
        if self._end is not None:
            raise self._end
        return await self._requests.answer(body, seconds, self._send, is_repeatable=is_repeatable)

    def join(self, feed: Feed) -> None:
        """The feed gets its events from now on."""
        if self._end is None:
            self._feeds.join(feed)
        else:
            feed.fail(self._end)

    def leave(self, feed: Feed) -> None:
        """Ends a feed."""
        feed.close()
        self._feeds.leave(feed)

    def _wait(self, comeback: Comeback, code: int | None) -> float:
        now = asyncio.get_running_loop().time()
        error = None
        if self._told is not None and code is not None and now - self._told[0] <= _ERROR_COUNTS:
            error = self.problem = self._told[1]
        return comeback.wait(
            0.0 if self._opened_at is None else now - self._opened_at,
            code,
            error,
            self._retry_after,
            # A token that is refused at the handshake is not the one that has just ended.
            has_new_token=callable(self._token) and self._opened_at is not None,
        )

    async def _connect(self) -> int | None:
        """One connection, to its end; the code with which the server closed it."""
        try:
            token = await self._fresh_token()
            self._socket = await Socket.open(self._url, token, _GREETING_WITHIN, self._wire)
            try:
                return await self._read(self._socket)
            finally:
                socket, self._socket = self._socket, None
                self._cut_off()
                await socket.close()
        except (ConnectionError, TimeoutError) as error:
            text = str(error) or f"{self._url} or the token took more than {_GREETING_WITHIN:g} s"
            self.problem = StageError(NOT_CONNECTED, f"{text}.", temporary=True)
        except StageError as error:
            # At first the address is wrong; later it may be a proxy whose server is away.
            if not self.has_opened.is_set():
                raise
            self.problem = error
        log.debug("No connection: %s", self.problem)
        return None

    async def _read(self, socket: Socket) -> int | None:
        async with asyncio.timeout(_GREETING_WITHIN):
            message = await socket.read()
        while message is not None:
            self._take(message)
            message = await socket.read()
        return socket.close_code

    async def _fresh_token(self) -> str | None:
        if not callable(self._token):
            return self._token
        given = self._token()
        if not inspect.isawaitable(given):
            return given
        async with asyncio.timeout(_GREETING_WITHIN):
            return await given

    def _take(self, message: Message) -> None:
        match message:
            case Events(events=events):
                if events and events[0].topic.startswith(_OWN):
                    self._hear(events[0].topic)
                else:
                    self._feeds.take(events)
            case Response(id=str(number), result=result):
                self._feeds.answered(number, result)
                self._requests.answered(number, result)
            case ErrorMessage():
                self._refused(message)
            case Established():
                self._established(message)
            case BroadcastMessage(topic=topic, data=data) if topic == DRAINING:
                self._retry_after = float(data["retry_after"])
            case _:
                pass

    def _established(self, greeting: Established) -> None:
        self.greeting = greeting
        self._opened_at = asyncio.get_running_loop().time()
        self.has_opened.set()
        self._feeds.resume()
        self._requests.flush(self._send)

    def _refused(self, message: ErrorMessage) -> None:
        error = StageError(
            message.code, message.message, message.details, temporary=message.temporary
        )
        if message.id is None:
            self._told = (asyncio.get_running_loop().time(), error)
        else:
            self._feeds.refused(message.id, error)
            self._requests.refused(message.id, error)

    def _hear(self, topic: str) -> None:
        if topic != EXPIRING:
            log.warning("The server says %s: this client reads too slowly", topic)
        elif callable(self._token) and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self._refresh())
            self._refreshing.add_done_callback(_report)

    async def _refresh(self) -> None:
        """Another token for the open connection."""
        params = {"token": await self._fresh_token()}
        body = {"type": "command", "command": "auth.refresh", "params": params}
        rights = await self.ask(body, _GREETING_WITHIN, is_repeatable=False)
        self._feeds.lost(rights["unsubscribed"])

    def _send(self, message: dict[str, Any]) -> bool:
        """Whether there is a connection that has been greeted. Raises StageError."""
        if self._socket is None or self.greeting is None or self._opened_at is None:
            return False
        self._socket.write(message, int(self.greeting.limits.get("message_bytes", 0)))
        return True

    def _cut_off(self) -> None:
        if self._refreshing is not None:
            self._refreshing.cancel()
        self._feeds.cut_off()
        self._requests.cut_off()


def _report(refreshing: "asyncio.Task[None]") -> None:
    """The connection that had the old token ends with it; the next one asks for a new one."""
    if not refreshing.cancelled() and (error := refreshing.exception()) is not None:
        log.warning("The token could not be replaced: %s", error)
