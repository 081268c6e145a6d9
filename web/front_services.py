"""The `Services` of web/stage.py at a front: nearly all of it is asked of the first process."""

import os
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

import pykka
from msgspec import Struct

from actors.event import Event, Position, Subscription
from actors.history import History
from web.auth import Identity
from web.errors import CONFLICT, Refusal
from web.front_desk import EXPOSITION
from web.front_link import FrontLink
from web.requests import AttachWorker, NoParams, WorkerReply, WorkerReport
from web.stage import Missed

_NOBODY = Identity("", frozenset(), ())


class FrontServices:
    """`history` is what the front has at hand."""

    def __init__(self, link: FrontLink, history: History) -> None:
        self._link = link
        self._history = history

    async def query(self, name: str, params: Struct, identity: Identity) -> object:
        """The result of a query of web.requests.QUERIES."""
        found = await self._link.ask("query", name, params, identity)
        # The process that serves who asks.
        return {**found, "pid": os.getpid()} if name == "server.info" else found

    async def command(
        self, name: str, params: Struct, identity: Identity, _connection: pykka.ActorRef[Any]
    ) -> object:
        """The result of a command, after it took effect."""
        if isinstance(params, AttachWorker | WorkerReport | WorkerReply):
            raise _no_workers()
        return await self._link.ask("command", name, params, identity)

    async def exposition(self) -> bytes:
        """The figures of all processes, for Prometheus."""
        text: bytes = await self._link.ask(EXPOSITION, "", NoParams(), _NOBODY)
        return text

    def missed(
        self, subscriptions: Sequence[Subscription], since: Mapping[str, Position]
    ) -> Coroutine[Any, Any, Missed] | None:
        """As in web.stage; looks first to it that what is subscribed to comes here."""
        patterns = [str(subscription.pattern) for subscription in subscriptions]
        absent = {t: p for t, p in since.items() if self._history.since(t, p) is None}
        if not absent and self._link.has(patterns):
            return None
        return self._fetch(patterns, since)

    def publish(self, _identity: Identity, _run: str, _events: tuple[Event, ...]) -> None:
        """Workers speak to the first process."""
        raise _no_workers()

    def departed(self, _connection: pykka.ActorRef[Any]) -> None:
        """No worker is here."""

    async def _fetch(self, patterns: Sequence[str], since: Mapping[str, Position]) -> Missed:
        await self._link.ready(patterns)
        return await self._link.missed(since)


def _no_workers() -> Refusal:
    return Refusal(CONFLICT, reason="this process serves viewers only; connect again")
