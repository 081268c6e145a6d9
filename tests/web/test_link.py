"""The worker's end of the WebSocket, against a server of this process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from web.link import Link, RefusedError

Handler = Callable[[ServerConnection], Awaitable[None]]


class Notes:
    """A listener that keeps what it hears."""

    def __init__(self) -> None:
        self.greeted = 0
        self.cuts = 0
        self.refused: Exception | None = None
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.results: asyncio.Queue[Any] = asyncio.Queue()

    async def greet(self, link: Link) -> None:
        self.greeted += 1
        try:
            self.results.put_nowait(await link.ask("hello", {"number": self.greeted}))
        except RefusedError as error:
            self.refused = error
            raise

    def heard(self, message: dict[str, Any]) -> None:
        self.messages.put_nowait(message)

    def cut_off(self) -> None:
        self.cuts += 1


@contextlib.asynccontextmanager
async def linked(handler: Handler, patience: float = 5.0) -> AsyncIterator[tuple[Link, Notes]]:
    protocols = [Subprotocol("stagewatch.v1.msgpack")]
    async with serve(handler, "127.0.0.1", 0, subprotocols=protocols) as server:
        link = Link(f"ws://127.0.0.1:{port_of(server)}/", "a-token", 2**20, patience)
        notes = Notes()
        living = asyncio.create_task(link.live(notes))
        try:
            async with asyncio.timeout(10):
                yield link, notes
        finally:
            living.cancel()
            await asyncio.wait([living])


def port_of(server: Server) -> int:
    [socket] = server.sockets
    return int(socket.getsockname()[1])


async def tell(connection: ServerConnection, **message: object) -> None:
    await connection.send(msgpack.packb(message))


async def test_it_shows_its_token_and_asks_in_messagepack() -> None:
    seen: list[str | None] = []

    async def handler(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request.headers.get("Authorization"))
        seen.append(connection.subprotocol)
        async for data in connection:
            asked = msgpack.unpackb(data)
            await tell(connection, type="event", events=[])
            await tell(connection, type="response", id=asked["id"], result=asked["params"])

    async with linked(handler) as (_, notes):
        result = await notes.results.get()
        heard = await notes.messages.get()

    assert seen == ["Bearer a-token", "stagewatch.v1.msgpack"]
    assert result == {"number": 1}
    assert heard == {"type": "event", "events": []}


async def test_it_comes_back_after_a_cut_with_its_newest_token() -> None:
    seen: list[str | None] = []

    async def handler(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request.headers.get("Authorization"))
        asked = msgpack.unpackb(await connection.recv())
        await tell(connection, type="response", id=asked["id"], result={})
        await connection.recv()
        await connection.close(1001)

    async with linked(handler) as (link, notes):
        await notes.results.get()
        link.token = "another-token"
        await link.send({"type": "ping"})
        await notes.results.get()
        assert notes.cuts == 1

    assert seen == ["Bearer a-token", "Bearer another-token"]


async def test_a_refused_greeting_ends_the_connection_and_it_tries_again() -> None:
    tries = 0

    async def handler(connection: ServerConnection) -> None:
        nonlocal tries
        tries += 1
        asked = msgpack.unpackb(await connection.recv())
        if tries == 1:
            error = {"code": "CONFLICT", "message": "not now", "details": {}}
            await tell(connection, type="error", id=asked["id"], **error)
        else:
            await tell(connection, type="response", id=asked["id"], result={})
        await connection.wait_closed()

    async with linked(handler) as (_, notes):
        await notes.results.get()

    assert tries == 2
    assert str(notes.refused) == "CONFLICT: not now"


async def test_a_server_that_says_nothing_is_taken_to_be_gone() -> None:
    async def handler(connection: ServerConnection) -> None:
        asked = msgpack.unpackb(await connection.recv())
        await tell(connection, type="response", id=asked["id"], result={})
        await connection.wait_closed()

    async with linked(handler, patience=0.2) as (_, notes):
        await notes.results.get()
        await notes.results.get()

    assert notes.cuts >= 1


async def test_without_a_connection_sending_says_so() -> None:
    link = Link("ws://127.0.0.1:1/", "a-token", 2**20, 1.0)

    with pytest.raises(ConnectionError, match="there is no connection"):
        await link.send({})


async def test_a_question_under_way_fails_when_the_connection_is_cut() -> None:
    async def handler(connection: ServerConnection) -> None:
        asked = msgpack.unpackb(await connection.recv())
        await tell(connection, type="response", id=asked["id"], result={})
        await connection.recv()
        await connection.close(1011)

    async with linked(handler) as (link, notes):
        await notes.results.get()
        with pytest.raises(ConnectionError):
            await link.ask("a question", {})
