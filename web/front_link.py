"""A front's end of the line to the first process: asks it, and wants of it what viewers here do."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
import pykka
from msgspec import Raw, Struct

from actors.event import Event, Position
from actors.history import History
from actors.publishing import Publish, Settle
from sim.packing import unwire
from web.auth import Identity
from web.errors import told_by_worker
from web.front_line import (
    Announced,
    Answer,
    Ask,
    FrontLine,
    Message,
    Missed,
    Question,
    Told,
    Want,
    events_of,
    packed,
)

log = logging.getLogger(__name__)
ALWAYS = ("run.*.state", "run.*.tick", "run.*.log.>", "system.>")
_HELD = 5.0  # seconds that a pattern stays wanted whose subscription is under way
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


class FrontLink:
    """`announce` tells all viewers here; `members` lists them.

    What the first process publishes comes in its order, so that an answer to Want is a mark in it:
    the positions that it brings are settled here before anything later is published.
    """

    def __init__(
        self,
        line: FrontLine,
        history: History,
        announce: Callable[[str, object], None],
        members: Callable[[], list[dict[str, Any]]],
    ) -> None:
        self._line = line
        self._history = history
        self._announce = announce
        self._members = members
        self._numbers = itertools.count()
        self._answers: dict[int, asyncio.Future[Raw]] = {}
        self._demand: frozenset[str] = frozenset()
        self._held: dict[str, int] = {}
        self._wanted: dict[str, asyncio.Future[None]] = {}
        self._is_due = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def live(self, broadcaster: pykka.ActorRef[Any]) -> None:
        """Hears the first process until it is gone."""
        self._broadcaster = broadcaster
        self._reconcile()
        async for heard in self._line.heard():
            self._take(heard)

    def send(self, message: Message) -> None:
        """Tells the first process. Raises LineOverrunError."""
        self._line.send(message)

    async def ask(self, kind: str, name: str, params: Struct, identity: Identity) -> Any:
        """What the first process answers; raises Refusal."""
        topics = [str(pattern) for pattern in identity.topics]
        raw = Raw(_pack(params))
        number = next(self._numbers)
        question = Ask(number, kind, name, raw, identity.user, sorted(identity.scopes), topics)
        return unwire(_unpack(await self._answer(question)))

    def want(self, patterns: frozenset[str]) -> None:
        """What viewers here are subscribed to."""
        self._demand = patterns
        self._soon()

    def has(self, patterns: Iterable[str]) -> bool:
        """Whether all of these patterns come here already."""
        return all(p in self._wanted and self._wanted[p].done() for p in patterns)

    async def ready(self, patterns: Iterable[str], *, again: bool = False) -> None:
        """Sees to it that these patterns come here, and where they stand is settled. `again`: also
        of those that come already, behind everything that was published up to now."""
        wanted = list(patterns)
        for pattern in wanted:
            self._held[pattern] = self._held.get(pattern, 0) + 1
            if again:
                self._wanted.pop(pattern, None)
        self._reconcile()
        try:
            await asyncio.gather(*(asyncio.shield(self._wanted[p]) for p in wanted))
        finally:
            asyncio.get_running_loop().call_later(_HELD, self._let_go, wanted)

    async def missed(self, since: Mapping[str, Position]) -> dict[str, list[Event]]:
        """What came after these positions and is not at hand here, by topic."""
        asked = {topic: self._gap(topic, seen) for topic, seen in since.items()}
        gaps = {topic: gap for topic, gap in asked.items() if gap is not None}
        if not gaps:
            return {}
        found = events_of(await self._answer(Missed(next(self._numbers), gaps)))
        open_ended = [topic for topic in found if gaps[topic][2] is None]
        if open_ended:
            # What the answer ends with may be on its way here too.
            await self.ready(open_ended, again=True)
        whole = {topic: self._older(topic, since[topic], events) for topic, events in found.items()}
        return {topic: events for topic, events in whole.items() if events is not None}

    def _gap(self, topic: str, seen: Position) -> tuple[str, int, int | None] | None:
        if self._history.since(topic, seen) is not None:
            return None
        known, whole_from = self._history.position(topic), self._history.whole_from(topic)
        if known is None or whole_from is None:
            return seen.epoch, seen.offset, None
        is_gap = known.epoch == seen.epoch and seen.offset < whole_from
        return (seen.epoch, seen.offset, whole_from - 1) if is_gap else None

    def _older(self, topic: str, seen: Position, events: list[Event]) -> list[Event] | None:
        """The events up to those at hand; None where there is a gap between."""
        whole_from = self._history.whole_from(topic)
        if whole_from is None:
            return events
        kept = [event for event in events if event.offset < whole_from]
        return kept if len(kept) == whole_from - 1 - seen.offset else None

    async def _answer(self, question: Ask | Missed | Want) -> Raw:
        answer: asyncio.Future[Raw] = asyncio.get_running_loop().create_future()
        self._answers[question.id] = answer
        try:
            self._line.send(question)
            return await answer
        finally:
            del self._answers[question.id]

    def _take(self, heard: Message | Told) -> None:
        match heard:
            case tuple():
                self._broadcaster.tell(Publish(heard))
            case Answer():
                self._answered(heard)
            case Announced(topic, data):
                self._announce(topic, data)
            case Question(number):
                self._line.send(Answer(number, packed(self._members())))
            case _:
                raise TypeError(f"a front is not told {type(heard).__name__}")

    def _answered(self, answer: Answer) -> None:
        waiting = self._answers.get(answer.id)
        if waiting is None or waiting.done():
            return
        if answer.code is None:
            waiting.set_result(answer.result)
        else:
            waiting.set_exception(told_by_worker(answer.code, answer.message, answer.details))

    def _soon(self) -> None:
        """Many changes at once are told as one."""
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._reconcile)

    def _reconcile(self) -> None:
        self._is_due = False
        target = {*ALWAYS, *self._demand, *self._held}
        gone = [pattern for pattern in self._wanted if pattern not in target]
        new = [pattern for pattern in target if pattern not in self._wanted]
        if not new and not gone:
            return
        for pattern in gone:
            del self._wanted[pattern]
        told = asyncio.get_running_loop().create_future()
        self._wanted.update(dict.fromkeys(new, told))
        task = asyncio.create_task(self._tell(Want(next(self._numbers), new, gone), told))
        self._tasks.add(task)
        task.add_done_callback(self._told)

    async def _tell(self, want: Want, told: "asyncio.Future[None]") -> None:
        raw = await self._answer(want)
        positions = msgspec.msgpack.decode(raw, type=dict[str, tuple[str, int]])
        known = {topic: Position(*place) for topic, place in positions.items()}
        await self._broadcaster.ask(Settle(known), block=False)
        told.set_result(None)

    def _told(self, task: asyncio.Task[None]) -> None:
        """Without what it wants a front is of no use: with the line it ends, and is begun anew."""
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("What viewers here want could not be told", exc_info=task.exception())
            self._line.close()

    def _let_go(self, patterns: Iterable[str]) -> None:
        for pattern in patterns:
            self._held[pattern] -= 1
            if not self._held[pattern]:
                del self._held[pattern]
        self._soon()
