"""A client of another make that keeps all it hears, and holds each message against its schema."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.processes.serving import PATIENCE, Serving
from tests.protocol.described import check, validator
from tests.web.wire import SECRET, Client
from web.messages import JSON_PROTOCOL, MESSAGEPACK_PROTOCOL

Message = dict[str, Any]
TMAZE, METRONOME = "tmaze:agents=4", "metronome:hz=50,agents=3"
DEMO = "/api/v1/ws/demo"


class Speaker(Client):
    """Asks by id, so that events may come in between; they are kept until somebody wants them."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__(socket)
        self.events: list[Message] = []
        self.broadcasts: list[Message] = []
        self._ids = itertools.count()

    async def request(self, kind: str, **fields: Any) -> Message:
        """The answer, which may be an error."""
        said = {"type": kind, "id": f"s{next(self._ids)}", **fields}
        await self.send_raw(said)
        asked = str(said.get(kind, kind))
        answer = await self._answer(said["id"], asked)
        if answer["type"] != "error":
            # What the server takes is what the description allows.
            validator(f"{kind}.{asked}" if kind in said else kind).validate(said)
        return answer

    async def receive(self) -> Message:
        """The next message, which is as described."""
        message = await super().receive()
        check(message)
        return message

    async def query(self, name: str, **params: Any) -> Any:
        """The result."""
        return _result(await self.request("query", query=name, params=params))

    async def command(self, name: str, **params: Any) -> Any:
        """The result."""
        return _result(await self.request("command", command=name, params=params))

    async def command_refused(self, name: str, **params: Any) -> Message:
        """The error that a command is answered with."""
        answer = await self.request("command", command=name, params=params)
        assert answer["type"] == "error", answer
        return answer

    async def subscribe(self, *patterns: str, **options: Any) -> list[Message]:
        """The subscriptions as they are told."""
        answer = await self.request("subscribe", events=list(patterns), **options)
        found: list[Message] = _result(answer)["subscriptions"]
        return found

    async def event(self, wanted: Callable[[Message], bool] = lambda _: True) -> Message:
        """The next event that is wanted; those before it are gone."""
        while True:
            while self.events:
                event = self.events.pop(0)
                if wanted(event):
                    return event
            await self._listen()

    async def on(self, topic: str) -> Message:
        """The next event of the topic."""
        return await self.event(lambda event: event["topic"] == topic)

    async def broadcast(self, topic: str) -> Message:
        """The next broadcast of the topic."""
        while True:
            for told in self.broadcasts:
                if told["topic"] == topic:
                    self.broadcasts.remove(told)
                    return told
            await self._listen()

    async def _answer(self, id_: str, asked: str) -> Message:
        while True:
            message = await self._listen(asked)
            if message.get("id") == id_:
                return message

    async def _listen(self, asked: str = "") -> Message:
        async with asyncio.timeout(PATIENCE):
            message = await super().receive()
        check(message, asked)
        if message["type"] == "event":
            self.events += message["events"]
        elif message["type"] == "broadcast":
            self.broadcasts.append(message)
        return message


def _result(answer: Message) -> Any:
    assert answer["type"] == "response", answer
    return answer["result"]


class Scene:
    """A server process with a T-maze and a metronome, both under way."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self.tmaze = self.metronome = ""

    @contextlib.asynccontextmanager
    async def speaker(
        self, path: str = DEMO, *, packed: bool = False, token: str = ""
    ) -> AsyncIterator[Speaker]:
        """A client that has been greeted; with a token, of the main endpoint."""
        async with self.socket(path, packed=packed, token=token) as speaker:
            await speaker.expect("connection_established")
            yield speaker

    @contextlib.asynccontextmanager
    async def socket(
        self, path: str = DEMO, *, packed: bool = False, token: str = ""
    ) -> AsyncIterator[Speaker]:
        """A client to whom nothing was said yet."""
        protocol = MESSAGEPACK_PROTOCOL if packed else JSON_PROTOCOL
        path = f"/api/v1/ws?token={token}" if token else path
        url = f"ws://127.0.0.1:{self.serving.port}{path}"
        async with connect(url, subprotocols=[Subprotocol(protocol)], max_size=None) as socket:
            yield Speaker(socket)

    async def begin(self) -> None:
        """Until both runs have made ticks."""
        async with self.speaker() as speaker:
            await speaker.subscribe("run.*.tick")
            while not (self.tmaze and self.metronome):
                run = (await speaker.event())["topic"].split(".")[1]
                if run.startswith("tmaze"):
                    self.tmaze = run
                else:
                    self.metronome = run


@contextlib.asynccontextmanager
async def scene(data_dir: Any, **settings: object) -> AsyncIterator[Scene]:
    """The server with both runs, until the block ends."""
    told: dict[str, Any] = {
        "auth__secret": SECRET,
        "workers__runs": 3,
        "history__events": 100,
        **settings,
    }
    serving = await Serving.start(data_dir, TMAZE, METRONOME, **told)
    try:
        found = Scene(serving)
        await found.begin()
        yield found
        await serving.end()
    finally:
        await serving.remove()
