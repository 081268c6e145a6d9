"""The Python client on a real server in this process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from typing import Any

from actors.event import Event as Told
from actors.event import Position as Place
from actors.event import Subscription as Wish
from tests.web.wire import PATIENCE, ScriptedServices, Wire, serving
from web.client import Event, Gap, Stage, Subscription, connect
from web.stage import Missed

TOPIC = "run.a.tick"


class Services(ScriptedServices):
    """Knows nothing but what the server's ring has."""

    def missed(
        self, _subscriptions: Sequence[Wish], since: Mapping[str, Place]
    ) -> Coroutine[Any, Any, Missed] | None:
        return None


@contextlib.asynccontextmanager
async def staging(
    path: str = "/ws/demo", *, wire: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[tuple[Wire, Stage]]:
    """A server and a client of it."""
    async with (
        serving(**{"services": Services(), **(wire or {})}) as server,
        connect(f"{server.url}{path}", **options) as stage,
    ):
        yield server, stage


async def taken(events: Subscription, count: int) -> list[Event | Gap]:
    async with asyncio.timeout(PATIENCE):
        return [await anext(events) for _ in range(count)]


def numbers(items: list[Event | Gap]) -> list[int | str]:
    return [item.offset if isinstance(item, Event) else "gap" for item in items]


def told(first: int, last: int, topic: str = TOPIC) -> list[Told]:
    """Events of a run, as its worker numbers them."""
    return [Told(topic, {"n": n}, tick=n, epoch="e", offset=n) for n in range(first, last + 1)]


def cut(wire: Wire) -> None:
    """Every connection is lost."""
    for member in wire.stage.pool:
        member.line.lose("the network fails")
