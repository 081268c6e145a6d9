"""An HTTP server before whose door only so many can stand who have not said what they want."""

from collections.abc import Awaitable
from typing import Any

from tornado.http1connection import HTTP1ServerConnection
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)

from web.sections import ServerSettings

_BODY = 65_536  # bytes of a request


class Doorway(HTTPServer):
    """`waiting` connections have not yet said all of a request, their first or next. Where they
    are more than `room`, the one that began first is closed: an honest handshake takes
    milliseconds, so that it is hardly ever its turn. 0: there is room for all."""

    room: int
    waiting: dict[HTTP1ServerConnection, None]

    @classmethod
    def of(cls, application: Any, settings: ServerSettings, processes: int) -> "Doorway":
        """As the settings have it; the room is that of all processes together."""
        return cls.at(
            application,
            room=-(-settings.handshakes // processes),
            within=settings.handshake_timeout,
            body=_BODY,
        )

    @classmethod
    def at(cls, application: Any, *, room: int, within: float, body: int) -> "Doorway":
        """The headers of a request, and then its body of so many bytes at most, must each be there
        `within` seconds; an idle connection ends after as many."""
        door = cls(
            application, max_body_size=body, body_timeout=within, idle_connection_timeout=within
        )
        door.room = room
        door.waiting = {}
        return door

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        """A connection begins to wait for a request."""
        inner = super().start_request(server_conn, request_conn)
        assert isinstance(server_conn, HTTP1ServerConnection)
        self.waiting[server_conn] = None
        if self.room and len(self.waiting) > self.room:
            oldest = next(iter(self.waiting))
            del self.waiting[oldest]
            oldest.stream.close()
        return _Awaited(inner, self.waiting, server_conn)

    def on_close(self, server_conn: object) -> None:
        """It is gone, or has become a WebSocket."""
        super().on_close(server_conn)
        self.waiting.pop(server_conn, None)  # type: ignore[call-overload]  # any key will do


class _Awaited(HTTPMessageDelegate):
    """Passes everything on; with the end of the request the waiting is over."""

    def __init__(
        self,
        inner: HTTPMessageDelegate,
        waiting: dict[HTTP1ServerConnection, None],
        connection: HTTP1ServerConnection,
    ) -> None:
        self._inner = inner
        self._waiting = waiting
        self._connection = connection

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        return self._inner.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._inner.data_received(chunk)

    def finish(self) -> None:
        self._waiting.pop(self._connection, None)
        self._inner.finish()

    def on_connection_close(self) -> None:
        self._inner.on_connection_close()
