"""How fast one event reaches many sockets: our connections beside bare Tornado and `websockets`."""

import argparse
import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import websockets
from rich.console import Console
from rich.table import Table
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler
from websockets.asyncio.server import ServerConnection, serve

from actors.audience import Subscriptions
from actors.broadcaster import Broadcaster
from actors.event import Event
from actors.history import History
from actors.publishing import Publish
from actors.runtime import Runtime
from loadtests.drain import allow_descriptors
from loadtests.receivers import Receivers
from web.auth import Authenticator
from web.codec import encode_events
from web.config import load
from web.frames import PreparedFrame
from web.handlers import routes
from web.limits import RateLimits
from web.pool import Pool
from web.stage import Stage

CLIENTS = 1000
ROUNDS = 100
REPEATS = 5
FRAME_BYTES = 240
EVENTS_PER_TICK = 100
TOPIC = "run.bench.log.beat"
SUBSCRIBE = json.dumps({"type": "subscribe", "events": ["run.bench.>"]})
UNLIMITED = (
    "connections", "connections_per_user", "connections_per_ip", "messages_per_connection",
    "messages_per_user", "messages_per_ip",
)  # fmt: skip


class NoServices:
    """Nobody asks anything here."""

    async def query(self, *_: Any) -> object:
        raise NotImplementedError

    command = query

    def publish(self, *_: Any) -> None:
        raise NotImplementedError

    def departed(self, *_: Any) -> None:
        """A client went."""


class Encoder:
    """Encodes and counts."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, encoding: str, events: Sequence[Event]) -> PreparedFrame:
        self.calls += 1
        return encode_events(encoding, events)


class Ours:
    """The real broadcaster, connection actors and outboxes."""

    def __init__(self) -> None:
        settings = load(flags={f"limits.{name}": 0 for name in UNLIMITED})
        self.encoder = Encoder()
        self.stage = Stage(
            name="stagewatch",
            version="0",
            settings=settings,
            authenticator=Authenticator(settings.auth),
            rates=RateLimits(settings.limits),
            pool=Pool(settings.limits),
            broadcaster=Broadcaster.start(self.encoder, History("e"), Subscriptions()),
            services=NoServices(),
        )
        self.traffic = self.stage.pool.traffic
        self.events = (Event(TOPIC, {"n": 1, "pad": ""}),)
        spare = FRAME_BYTES - encode_events("json", [self._numbered()]).size
        self.events = (Event(TOPIC, {"n": 1, "pad": "x" * spare}),)

    def _numbered(self) -> Event:
        return Event(TOPIC, self.events[0].data, epoch="e", offset=100)

    async def all_subscribed(self) -> None:
        """Wait until every client was greeted and has the answer to its subscription."""
        while self.traffic.messages_out < 2 * CLIENTS:
            await asyncio.sleep(0.01)

    async def send(self, rounds: int) -> None:
        for _ in range(rounds):
            await self.publish(self.events)

    async def publish(self, events: tuple[Event, ...]) -> None:
        """Tell all clients; back when everything is written."""
        wanted = self.traffic.messages_out + CLIENTS
        self.stage.broadcaster.tell(Publish(events))
        while self.traffic.messages_out < wanted:
            await asyncio.sleep(0)

    @property
    def sent(self) -> int:
        return self.traffic.bytes_out


class Bare(WebSocketHandler):
    """What a Tornado application does by itself."""

    clients: list["Bare"] = []  # noqa: RUF012 - of the class on purpose

    def open(self, *_: str) -> None:
        self.clients.append(self)

    def on_message(self, message: str | bytes) -> None:
        """Nobody says anything here."""


class Loop:
    """A peer whose `spread` hands one payload to all clients."""

    def __init__(self, spread: Callable[[str], object]) -> None:
        self._spread = spread
        self._payload = "x" * (FRAME_BYTES - 4)
        self.sent = 0

    async def send(self, rounds: int) -> None:
        for _ in range(rounds):
            self._spread(self._payload)
            # Lets the tasks that were made for the messages finish.
            await asyncio.sleep(0)
        self.sent += rounds * CLIENTS * FRAME_BYTES


def write_message(payload: str) -> None:
    for client in Bare.clients:
        client.write_message(payload)


@contextlib.asynccontextmanager
async def tornado_server(routes: Sequence[Any], **settings: Any) -> AsyncIterator[int]:
    """A Tornado server; its port."""
    server = HTTPServer(Application(list(routes), log_function=lambda _: None, **settings))
    sockets = bind_sockets(0, "127.0.0.1", backlog=1024)
    server.add_sockets(sockets)
    yield sockets[0].getsockname()[1]
    server.stop()


async def rate(sender: Ours | Loop, receivers: Receivers) -> float:
    """Deliveries per second from this process; all of them have then arrived."""
    started = time.perf_counter()
    await sender.send(ROUNDS)
    seconds = time.perf_counter() - started
    await receivers.have(sender.sent)
    return ROUNDS * CLIENTS / seconds


async def tick_row(ours: Ours, receivers: Receivers) -> dict[str, object]:
    """What a tick of many events to all clients costs."""
    data = {"n": 1, "pad": "x" * 100}
    events = tuple(Event(f"run.bench.agent.{n}", data) for n in range(EVENTS_PER_TICK))
    encodings, writes = ours.encoder.calls, ours.traffic.writes
    started = time.perf_counter()
    await ours.publish(events)
    seconds = time.perf_counter() - started
    await receivers.have(ours.sent)
    return {
        "what": f"{EVENTS_PER_TICK} events in a tick to {CLIENTS} clients",
        "encodings": ours.encoder.calls - encodings,
        "writes_per_client": (ours.traffic.writes - writes) / CLIENTS,
        "deliveries_per_second": EVENTS_PER_TICK * CLIENTS / seconds,
    }


async def measured() -> list[dict[str, object]]:
    """Rows of all servers, measured in turns, and of the tick."""
    Runtime()
    ours = Ours()
    async with contextlib.AsyncExitStack() as stack:
        own_port = await stack.enter_async_context(
            tornado_server(routes(ours.stage), stage=ours.stage)
        )
        bare_port = await stack.enter_async_context(tornado_server([("/", Bare)]))
        peers: set[ServerConnection] = set()

        async def hold(connection: ServerConnection) -> None:
            peers.add(connection)
            await connection.wait_closed()

        server = await stack.enter_async_context(
            serve(hold, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=1024)
        )
        port = next(iter(server.sockets)).getsockname()[1]
        own = await Receivers.start(CLIENTS, own_port, "/ws/demo", SUBSCRIBE)
        contenders: dict[str, tuple[Ours | Loop, Receivers]] = {
            "connection actors": (ours, own),
            "Tornado write_message": (
                Loop(write_message),
                await Receivers.start(CLIENTS, bare_port, "/"),
            ),
            "websockets.broadcast": (
                Loop(lambda payload: websockets.broadcast(peers, payload)),
                await Receivers.start(CLIENTS, port, "/"),
            ),
        }
        await ours.all_subscribed()
        found: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(REPEATS):
            for name, (sender, receivers) in contenders.items():
                found[name].append(await rate(sender, receivers))
        bare = median(found["Tornado write_message"])
        rows: list[dict[str, object]] = [
            {
                "what": name,
                "deliveries_per_second": median(rates),
                "times_write_message": median(rates) / bare,
            }
            for name, rates in found.items()
        ]
        rows.append(await tick_row(ours, own))
        for _, receivers in contenders.values():
            await receivers.end()
        return rows


def show(rows: list[dict[str, object]]) -> None:
    """Print the table."""
    title = f"Fan-out of one event of {FRAME_BYTES} bytes to {CLIENTS} sockets, one core"
    caption = (
        f"median of {REPEATS} × {ROUNDS} events, in turns; wanted of connection actors:"
        " ≥ 3 × write_message; of a tick: 1 encoding, 1 write per client"
    )
    table = Table(title=title, title_justify="left", caption=caption)
    for heading in ("", "deliveries/s", "× write_message", "encodings", "writes per client"):
        table.add_column(heading, justify="right" if heading else "left")
    for row in rows:
        times = row.get("times_write_message")
        table.add_row(
            str(row["what"]),
            f"{row['deliveries_per_second']:,.0f}",
            f"{times:.1f}" if times else "",
            str(row.get("encodings", "")),
            str(row.get("writes_per_client", "")),
        )
    Console(width=110).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    allow_descriptors(4 * CLIENTS + 200)
    rows = asyncio.run(measured())
    show(rows)
    if options.json:
        options.json.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
