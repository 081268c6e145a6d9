"""Answers what the fronts ask the first process for."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pykka
from msgspec import Raw

from actors.broadcaster import RECOVERY_BYTES
from actors.event import Event, Position
from actors.history import History, weigh
from actors.topics import Pattern
from web.auth import Identity
from web.codec import UNTELLABLE, decode_params
from web.errands import defect
from web.errors import CONFLICT, TIMEOUT, Refusal
from web.front_line import Answer, Ask, Missed, packed, packed_events
from web.requests import COMMANDS, QUERIES
from web.services import StageServices

log = logging.getLogger(__name__)
EXPOSITION = "exposition"  # beside query and command: the text for Prometheus
_MOST_AT_ONCE = 1000  # questions of one front
_LONGER = 1.0  # seconds that a front's own patience has before it


class FrontDesk:
    """One for each front, so that none takes the place of another. `timeout` 0: there is none."""

    def __init__(
        self,
        services: StageServices,
        history: History,
        exposition: Callable[[], Awaitable[bytes]],
        timeout: float,
    ) -> None:
        self._services = services
        self._history = history
        self._exposition = exposition
        self._timeout = timeout
        self._under_way = 0

    async def answer(self, asked: Ask | Missed, by: pykka.ActorRef[Any]) -> Answer:
        """The result, or why there is none."""
        try:
            return Answer(asked.id, await self._within_limits(asked, by))
        except Refusal as refusal:
            return Answer(
                asked.id, code=refusal.code, message=refusal.message, details=refusal.details
            )

    async def _within_limits(self, asked: Ask | Missed, by: pykka.ActorRef[Any]) -> Raw:
        if self._under_way >= _MOST_AT_ONCE:
            raise Refusal(CONFLICT, reason="too many questions at a time")
        self._under_way += 1
        try:
            async with asyncio.timeout(self._timeout + _LONGER if self._timeout else None):
                if isinstance(asked, Missed):
                    return packed_events(await self._missed(asked.since))
                return packed(await self._ask(asked, by))
        except TimeoutError:
            raise Refusal(TIMEOUT, seconds=self._timeout) from None
        except UNTELLABLE as error:
            raise defect(error, "an answer to a front") from None
        finally:
            self._under_way -= 1

    async def _ask(self, asked: Ask, by: pykka.ActorRef[Any]) -> object:
        if asked.kind == EXPOSITION:
            return await self._exposition()
        row = (QUERIES if asked.kind == "query" else COMMANDS)[asked.name]
        params = decode_params(asked.params, row.params, packed=True)
        patterns = tuple(map(Pattern.parse, asked.topics))
        identity = Identity(asked.user, frozenset(asked.scopes), patterns)
        if asked.kind == "query":
            return await self._services.query(asked.name, params, identity)
        return await self._services.command(asked.name, params, identity, by)

    async def _missed(
        self, since: Mapping[str, tuple[str, int, int | None]]
    ) -> dict[str, list[Event]]:
        seen = {topic: Position(epoch, offset) for topic, (epoch, offset, _) in since.items()}
        reading = self._services.missed((), seen)
        older = {} if reading is None else await reading
        room = RECOVERY_BYTES
        found: dict[str, list[Event]] = {}
        for topic, position in seen.items():
            events = self._whole(topic, position, since[topic][2], list(older.get(topic, ())))
            if events is None:
                continue
            room -= sum(weigh(event.data) for event in events)
            if room < 0:
                break
            found[topic] = events
        return found

    def _whole(
        self, topic: str, seen: Position, last: int | None, older: list[Event]
    ) -> list[Event] | None:
        """All that came after the position, up to `last`; None where any of it is missing."""
        after = Position(older[-1].epoch, older[-1].offset) if older else seen
        newer = self._history.since(topic, after)
        if newer is None:
            if not older or self._history.position(topic) is not None:
                return None
            newer = []
        events = [e for e in (*older, *newer) if last is None or e.offset <= last]
        is_whole = last is None or len(events) == last - seen.offset
        return events if is_whole else None
