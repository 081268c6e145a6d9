"""The asyncio client: queries and commands as methods, subscriptions as async iterators."""

import asyncio
import contextlib
import ssl
import weakref
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Literal

import msgspec

from web.client_commands import Commands
from web.client_errors import NO_ANSWER, NOT_CONNECTED, StageError
from web.client_feed import Feed, Mode, pattern_of
from web.client_link import Link, Token
from web.client_results import (
    Actor,
    AgentsPage,
    Belief,
    Difference,
    Event,
    Item,
    Position,
    Run,
    RunDetails,
    Scenario,
    Sweep,
    as_kind,
)
from web.client_socket import Wire
from web.messages import Established

TIMEOUT = 15.0  # seconds; the server itself gives up after 10, if it is not set otherwise
QUEUE = 10_000  # items
Since = Mapping[str, Position | Mapping[str, Any]]


class Subscription:
    """Events as they come, each once; ends when it is closed, left, or let go of.

    `async with` waits until the server has taken it: what happens afterwards is certain to come.
    """

    def __init__(self, feed: Feed, link: Link, timeout: float) -> None:
        self._feed = feed
        self._link = link
        self._timeout = timeout
        # Who leaves a loop by `break` lets go of it without a word, on whatever thread.
        loop = asyncio.get_running_loop()
        self._letting_go = weakref.finalize(self, _leave, loop, link, feed)
        self._letting_go.atexit = False

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    async def __anext__(self) -> Item:
        return await self._feed.next()

    async def __aenter__(self) -> "Subscription":
        try:
            async with asyncio.timeout(self._timeout):
                await self._feed.begun()
        except TimeoutError:
            self.close()
            text = f"The server did not take the subscription within {self._timeout:g} s."
            raise StageError(NO_ANSWER, text, temporary=True) from None
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Unsubscribes; the iteration ends."""
        if self._letting_go.detach() is not None:
            self._link.leave(self._feed)


class Stage(Commands):
    """A connection to a server that comes back by itself. Made by `connect`.

    Every query and command waits at most `timeout` seconds, for a connection as well, and raises
    StageError.
    """

    def __init__(self, link: Link, timeout: float) -> None:
        self._link = link
        self._timeout = timeout

    @property
    def greeting(self) -> Established:
        """What the server said first: who this client is there, and what holds for it."""
        assert self._link.greeting is not None
        return self._link.greeting

    def subscribe(
        self,
        *patterns: str,
        mode: Mode = "all",
        max_hz: float | None = None,
        since: Since | None = None,
        queue: int = QUEUE,
    ) -> Subscription:
        """The events of the topics that the patterns choose, from now on or `since` a position of
        each topic. Where `queue` items wait and more come, `all` ends in SLOW_CONSUMER."""
        positions = msgspec.convert(dict(since or {}), dict[str, Position], from_attributes=True)
        feed = Feed(map(pattern_of, patterns), mode, max_hz, positions, queue)
        self._link.join(feed)
        return Subscription(feed, self._link, self._timeout)

    async def query(self, name: str, /, **params: object) -> Any:
        """The result of any query, as it comes."""
        body = {"type": "query", "query": name, "params": params}
        return await self._link.ask(body, self._timeout, is_repeatable=True)

    async def command(self, name: str, /, **params: object) -> Any:
        """The result of any command, after it took effect."""
        body = {"type": "command", "command": name, "params": params}
        return await self._link.ask(body, self._timeout, is_repeatable=False)

    async def info(self) -> dict[str, Any]:
        """The server's name, version, mode and uptime."""
        return as_kind(dict[str, Any], await self.query("server.info"))

    async def runs(self) -> list[Run]:
        """All runs that this client may see."""
        return as_kind(list[Run], (await self.query("runs.list"))["runs"])

    async def run(self, run: str) -> RunDetails:
        """All that is known of a run."""
        return as_kind(RunDetails, await self.query("run.get", run=run))

    async def agents(
        self,
        run: str,
        *,
        offset: int = 0,
        limit: int = 50,
        sort: str | None = None,
        filter: str | None = None,  # noqa: A002 - the protocol's word
    ) -> AgentsPage:
        """A page of a run's agents. `sort`: a column, falling with `-` before it; `filter`:
        columns compared with numbers, such as `entropy>0.5,solved=1`."""
        params = {"offset": offset, "limit": limit, "sort": sort, "filter": filter}
        return as_kind(AgentsPage, await self.query("run.agents", run=run, **params))

    async def agent(self, run: str, agent: str | int) -> dict[str, Any]:
        """An agent's state, belief, policies and last actions."""
        return as_kind(dict[str, Any], await self.query("agent.get", run=run, agent=agent))

    async def belief(self, run: str, agent: str | int) -> Belief:
        """What an agent believes."""
        return as_kind(Belief, await self.query("belief.get", run=run, agent=agent))

    async def history(
        self, topic: str, *, first: int | None = None, last: int | None = None, limit: int = 100
    ) -> list[Event]:
        """The newest events of a topic, by rising offset, from `first` to `last`."""
        params: dict[str, Any] = {"from": first, "to": last, "limit": limit}
        found = await self.query("history", topic=topic, **params)
        return as_kind(list[Event], found["events"])

    async def diff(self, run: str, other: str) -> Difference:
        """Where two recorded runs part, and how far they are from one another after that."""
        return as_kind(Difference, await self.query("run.diff", run=run, other=other))

    async def metrics(self) -> dict[str, Any]:
        """The server's processor, memory, connections and messages."""
        return as_kind(dict[str, Any], await self.query("system.metrics"))

    async def actors(self) -> Actor:
        """The tree of all actors."""
        return as_kind(Actor, await self.query("actors.tree"))

    async def scenarios(self) -> list[Scenario]:
        """What can be started."""
        return as_kind(list[Scenario], (await self.query("scenarios.list"))["scenarios"])

    async def sweeps(self) -> list[Sweep]:
        """The sweeps that there are, and how far they are."""
        return as_kind(list[Sweep], (await self.query("sweeps.list"))["sweeps"])

    async def connections(self) -> list[dict[str, Any]]:
        """Who is connected; needs the scope `admin`."""
        return as_kind(list[dict[str, Any]], (await self.query("connections.list"))["connections"])


@contextlib.asynccontextmanager
async def connect(
    url: str,
    *,
    token: Token = None,
    encoding: Literal["msgpack", "json"] = "msgpack",
    compression: bool = False,
    tls: ssl.SSLContext | None = None,
    timeout: float = TIMEOUT,
) -> AsyncIterator[Stage]:
    """A connected stage. Raises StageError where there is no connection within `timeout` seconds.

    `token` may be a function, async or not, that gives a fresh one: it is asked at every attempt,
    and before the token of an open connection ends.
    """
    if not url.startswith(("ws://", "wss://")):
        text = f"{url} is no address of a WebSocket: those begin with ws:// or wss://."
        raise StageError(NOT_CONNECTED, text)
    wire = Wire(packed=encoding == "msgpack", compression=compression, tls=tls)
    link = Link(url, token, wire)
    living = asyncio.create_task(link.live())
    try:
        await _opened(link, living, url, timeout)
        yield Stage(link, timeout)
    finally:
        living.cancel()
        # Not awaited by itself: that would take the end of this task for its own.
        await asyncio.wait([living])
        if not living.cancelled():
            living.exception()


async def _opened(link: Link, living: "asyncio.Task[None]", url: str, seconds: float) -> None:
    opening = asyncio.create_task(link.has_opened.wait())
    try:
        await asyncio.wait([opening, living], timeout=seconds, return_when="FIRST_COMPLETED")
    finally:
        opening.cancel()
    if living.done():
        living.result()
    if not link.has_opened.is_set():
        text = f"There is no connection to {url} within {seconds:g} s."
        raise link.problem or StageError(NOT_CONNECTED, text, temporary=True)


def _leave(loop: asyncio.AbstractEventLoop, link: Link, feed: Feed) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(link.leave, feed)
