"""The WebSocket endpoints: who may come in by which, and from where."""

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

import pykka
from tornado.httputil import HTTPHeaders
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler

from actors.child import Child
from actors.restart import Restart
from actors.runtime import Runtime
from actors.supervisor import StartChild
from web.access import DiscreetRequest, address_of, token_of
from web.auth import Identity, anonymous
from web.backlog import QueueBounds
from web.config import DEMO, PROD
from web.connection import Connection
from web.errors import AUTHENTICATION_FAILED, SERVER_ERROR, Refusal
from web.messages import JSON_PROTOCOL, MESSAGEPACK_PROTOCOL
from web.notices import Gone, Received
from web.pool import Member
from web.requests import Encoding
from web.stage import Stage
from web.websocket import StageProtocol

DEMO_ENDPOINT, DEV_ENDPOINT, MAIN_ENDPOINT = "demo", "dev", ""
ALIAS = "/ws"
_NO_HEADERS = HTTPHeaders()
_ENCODINGS: Mapping[str, Encoding] = {JSON_PROTOCOL: "json", MESSAGEPACK_PROTOCOL: "msgpack"}


class StageSocket(DiscreetRequest, WebSocketHandler):
    """Checks who comes, and hands the socket to a Connection. `endpoint`: demo, dev or empty."""

    def initialize(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._stage: Stage = self.settings["stage"]
        self._identity: Identity | None = None
        self._refusal: Refusal | None = None
        self._connection: pykka.ActorRef[Connection] | None = None

    def prepare(self) -> None:
        if self._endpoint != MAIN_ENDPOINT and self._stage.settings.mode == PROD:
            raise HTTPError(404)
        try:
            self._identity = self._authenticate()
        except Refusal as refusal:
            # A browser's script sees only what comes after the upgrade.
            self._refusal = refusal

    def check_origin(self, origin: str) -> bool:
        """Of pages from elsewhere only those that the config names."""
        return origin.lower().rstrip("/") in {
            allowed.lower().rstrip("/") for allowed in self._stage.settings.server.origins
        }

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return next((offered for offered in subprotocols if offered in _ENCODINGS), None)

    def get_websocket_protocol(self) -> StageProtocol | None:
        if self.request.headers.get("Sec-WebSocket-Version") != "13":
            return None
        settings, runtime = self._stage.settings, Runtime.current()
        limits = settings.limits
        is_worker = self._identity is not None and self._identity.is_worker
        return StageProtocol(
            self,
            message_bytes=limits.worker_message_bytes if is_worker else limits.message_bytes,
            bounds=QueueBounds(
                limits.queue_bytes, -(-limits.queue_bytes_in_all // self._stage.processes)
            ),
            compression=settings.server.compression,
            traffic=self._stage.pool.traffic,
            clock=runtime.clock,
        )

    async def open(self, *_args: str, **_kwargs: str) -> None:
        line = self.ws_connection
        assert isinstance(line, StageProtocol)
        line.outbox.encoding = _ENCODINGS.get(self.selected_subprotocol or "", "json")
        try:
            member = self._admit(line)
        except Refusal as refusal:
            line.refuse(refusal)
            return
        try:
            self._connection = await self._start(member, line)
        except Exception:
            self._stage.pool.leave(member, SERVER_ERROR)
            raise

    def on_message(self, message: str | bytes) -> None:
        if self._connection is not None:
            self._connection.tell(Received(message))

    def on_close(self) -> None:
        if self._connection is not None and self._connection.is_alive():
            self._connection.tell(Gone())

    def _authenticate(self) -> Identity:
        settings = self._stage.settings
        if self._endpoint == DEMO_ENDPOINT:
            return anonymous(control=settings.mode == DEMO and settings.auth.demo_control)
        token = token_of(self.request)
        if token is not None:
            return self._stage.authenticator.verify(token)
        if not settings.auth.required:
            return anonymous(control=True)
        raise Refusal(AUTHENTICATION_FAILED, reason="there is none")

    def _admit(self, line: StageProtocol) -> Member:
        if self._refusal is not None:
            raise self._refusal
        assert self._identity is not None
        member = Member(
            client_id=secrets.token_hex(8),
            identity=self._identity,
            address=address_of(self.request, self._stage.settings.server.trusted_proxies),
            opened_at=self._stage.authenticator.now(),
            line=line,
        )
        self._stage.pool.admit(member)
        # Nobody reads them any more, and they would stay as long as the connection.
        self.request.headers = self._headers = _NO_HEADERS
        return member

    async def _start(self, member: Member, line: StageProtocol) -> pykka.ActorRef[Connection]:
        start = partial(Connection.start, self._stage, member, line)
        if self._stage.connections is None:
            return start()
        child = Child(member.client_id, start, Restart.TEMPORARY)
        ref: pykka.ActorRef[Connection] = await self._stage.connections.ask(
            StartChild(child), block=False
        )
        return ref


def routes(stage: Stage) -> list[tuple[str, type[StageSocket], dict[str, Any]]]:
    """The endpoints with their aliases, for a Tornado Application whose setting `stage` is this."""
    found = []
    for root in dict.fromkeys((stage.settings.server.endpoint.rstrip("/"), ALIAS)):
        for endpoint in (MAIN_ENDPOINT, DEV_ENDPOINT, DEMO_ENDPOINT):
            path = f"{root}/{endpoint}".rstrip("/")
            found.append((path, StageSocket, {"endpoint": endpoint}))
    return found
