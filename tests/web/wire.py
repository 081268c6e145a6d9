"""A real server on a free loopback port, and a client of another make: `websockets`."""

import asyncio
import contextlib
import json
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import jwt
import msgspec
import pykka
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from actors.audience import Subscriptions
from actors.broadcaster import Broadcaster
from actors.clock import Clock
from actors.event import Event, Position, Subscription
from actors.history import History
from actors.publishing import Publish
from actors.runtime import Runtime
from web.access import log_request
from web.auth import Authenticator, Identity
from web.codec import encode_events
from web.config import Settings
from web.handlers import routes
from web.limits import RateLimits
from web.messages import JSON_PROTOCOL, MESSAGEPACK_PROTOCOL
from web.pool import Pool
from web.stage import Missed, Stage
from web.sweeper import Sweeper

SECRET = "a secret of the tests, long enough for anybody"
PATIENCE = 10.0  # seconds within which whatever is awaited must come
Answer = Callable[[Any], Awaitable[object]]


def make_settings(mode: str = "demo", **sections: dict[str, Any]) -> Settings:
    """The defaults, with some changed: `limits={"patterns": 2}`."""
    auth = {"secret": SECRET, **sections.pop("auth", {})}
    defaults = Settings()
    changed: dict[str, Any] = {
        name: replace(getattr(defaults, name), **values)
        for name, values in {"auth": auth, **sections}.items()
    }
    return Settings(mode=mode, **changed)


def make_token(secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    """A token that is good but for what is given; a claim that is None is left out."""
    now = int(time.time())
    good = {
        "sub": "ada",
        "iat": now,
        "exp": now + 600,
        "aud": "stagewatch",
        "iss": "stagewatch",
        "scopes": ["observe"],
    }
    told = {name: value for name, value in (good | claims).items() if value is not None}
    return jwt.encode(told, secret, algorithm=algorithm)


@dataclass
class ScriptedServices:
    """Answers by name as the test has it, and notes what it is told."""

    answers: dict[str, Answer] = field(default_factory=dict)
    published: list[tuple[str, tuple[Event, ...]]] = field(default_factory=list)
    departures: list[pykka.ActorRef[Any]] = field(default_factory=list)
    recorded: dict[str, Sequence[Event]] = field(default_factory=dict)

    async def query(self, name: str, params: msgspec.Struct, identity: Identity) -> object:
        return await self._answer(name, params)

    async def command(
        self,
        name: str,
        params: msgspec.Struct,
        identity: Identity,
        connection: pykka.ActorRef[Any],
    ) -> object:
        return await self._answer(name, params)

    def missed(
        self, _subscriptions: Sequence[Subscription], since: Mapping[str, Position]
    ) -> Coroutine[Any, Any, Missed] | None:
        return self._look(since) if self.recorded else None

    async def _look(self, since: Mapping[str, Position]) -> Missed:
        return {topic: self.recorded[topic] for topic in since if topic in self.recorded}

    def publish(self, identity: Identity, run: str, events: tuple[Event, ...]) -> None:
        self.published.append((run, events))

    def departed(self, connection: pykka.ActorRef[Any]) -> None:
        self.departures.append(connection)

    async def _answer(self, name: str, params: msgspec.Struct) -> object:
        answer = self.answers.get(name)
        return {"asked": name} if answer is None else await answer(params)


class Client:
    """Speaks the protocol in either encoding; whatever is awaited comes in time, or it fails."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.packed = socket.subprotocol == MESSAGEPACK_PROTOCOL

    async def send(self, kind: str, **fields: Any) -> None:
        await self.send_raw({"type": kind, **fields})

    async def send_raw(self, message: object) -> None:
        packed = msgspec.msgpack.encode(message) if self.packed else json.dumps(message)
        await self.socket.send(packed)

    async def receive(self) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(PATIENCE):
            data = await self.socket.recv()
        assert isinstance(data, bytes) is self.packed
        message: dict[str, Any] = (
            msgspec.msgpack.decode(data) if isinstance(data, bytes) else json.loads(data)
        )
        return message

    async def expect(self, kind: str) -> dict[str, Any]:
        """The next message, which has this type."""
        message = await self.receive()
        assert message["type"] == kind, message
        return message

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Send a message, and take the next one for its answer."""
        await self.send(kind, **fields)
        return await self.receive()

    async def closed(self) -> int:
        """The code with which the server closes; what it says before is skipped."""
        with contextlib.suppress(ConnectionClosed):
            async with asyncio.timeout(PATIENCE):
                while True:
                    await self.socket.recv()
        code = self.socket.close_code
        assert code is not None
        return code

    async def refused(self) -> tuple[str, int]:
        """The error that comes next, and the code with which the server closes after it."""
        error = await self.expect("error")
        return error["code"], await self.closed()


@dataclass
class Wire:
    """A running server. `connect` gives a client that has been greeted."""

    stage: Stage
    services: ScriptedServices
    port: int
    sweeper: pykka.ActorRef[Sweeper]
    ssl_options: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        scheme = "ws" if self.ssl_options is None else "wss"
        return f"{scheme}://127.0.0.1:{self.port}"

    @contextlib.asynccontextmanager
    async def open(
        self,
        path: str = "/ws/demo",
        *,
        protocols: tuple[str, ...] = (JSON_PROTOCOL,),
        **options: Any,
    ) -> AsyncIterator[Client]:
        """A client to whom nothing was said yet."""
        offered = [Subprotocol(name) for name in protocols]
        options.setdefault("compression", None)
        async with connect(f"{self.url}{path}", subprotocols=offered or None, **options) as socket:
            yield Client(socket)

    @contextlib.asynccontextmanager
    async def connect(
        self, path: str = "/ws/demo", *, packed: bool = False, **options: Any
    ) -> AsyncIterator[Client]:
        """A client that has been greeted."""
        protocol = MESSAGEPACK_PROTOCOL if packed else JSON_PROTOCOL
        async with self.open(path, protocols=(protocol,), **options) as client:
            await client.expect("connection_established")
            yield client

    def visitor(self, **claims: Any) -> Any:
        """A greeted client of the main endpoint, with a token."""
        packed = bool(claims.pop("packed", False))
        return self.connect(f"/ws?token={make_token(**claims)}", packed=packed)

    def worker(self, run: str = "r1", *, packed: bool = True) -> Any:
        """A greeted worker."""
        topics = [f"run.{run}.>"]
        return self.visitor(sub=f"worker:{run}", scopes=["publish"], topics=topics, packed=packed)

    def publish(self, *events: Event) -> None:
        """Have the broadcaster pass these on."""
        self.stage.broadcaster.tell(Publish(events))


@contextlib.asynccontextmanager
async def serving(
    settings: Settings | None = None,
    *,
    clock: Clock | None = None,
    services: ScriptedServices | None = None,
    wall_time: Callable[[], float] = time.time,
    ssl_options: ssl.SSLContext | None = None,
    port: int = 0,
    more: Sequence[tuple[str, type[RequestHandler], dict[str, Any]]] = (),
) -> AsyncIterator[Wire]:
    """A server with these settings; `more` are routes beside its own."""
    settings = settings if settings is not None else make_settings()
    runtime = Runtime(clock=clock)
    services = services if services is not None else ScriptedServices()
    stage = Stage(
        name="stagewatch",
        version="0",
        settings=settings,
        authenticator=Authenticator(settings.auth),
        rates=RateLimits(settings.limits),
        pool=Pool(settings.limits),
        broadcaster=Broadcaster.start(encode_events, History("e1"), Subscriptions()),
        services=services,
    )
    sweeper = Sweeper.start(stage.pool, settings.heartbeat, wall_time)
    application = Application([*routes(stage), *more], stage=stage, log_function=log_request)
    server = HTTPServer(application, ssl_options=ssl_options)
    sockets = bind_sockets(port, "127.0.0.1")
    server.add_sockets(sockets)
    try:
        yield Wire(stage, services, sockets[0].getsockname()[1], sweeper, ssl_options)
    finally:
        server.stop()
        for member in stage.pool:
            member.line.lose("the test is over")
        await server.close_all_connections()
        runtime.close()
