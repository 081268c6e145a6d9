"""The actor that has a front's process: starts it, speaks with it, and knows when it hangs."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, cast

import pykka

from actors.event import Subscription
from actors.future import LoopFuture
from actors.loop import LoopActor
from actors.publishing import Deliver, Leave, Subscribe, Subscribed, Unsubscribe
from actors.topics import Pattern
from web.announcement import Announcement
from web.front_desk import FrontDesk
from web.front_launch import FrontLaunch, start
from web.front_line import (
    Announced,
    Answer,
    Ask,
    FrontLine,
    Listening,
    Message,
    Missed,
    Report,
    Told,
    Want,
    packed,
)
from web.fronts import Front
from web.ledger import SharedLedger
from web.process import Process, words_for
from web.worker_process import PutToRest

log = logging.getLogger(__name__)
ENCODING = "front"  # of frames for fronts alone, in MessagePack
LOOK_EVERY = 0.5  # seconds
_START_PATIENCE = 4  # times the time to hang: what a front may take to begin


class FrontEndedError(Exception):
    """The process of a front is gone; the text says what is known."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """The front said something; None: it is gone, or cannot be understood."""

    line: FrontLine
    message: Message | Told | None


@dataclass(frozen=True, slots=True)
class _Placed:
    """What the front wants is in place."""

    line: FrontLine
    want: Want
    answer: "LoopFuture[Subscribed]"


@dataclass(frozen=True, slots=True)
class _Look:
    """Time to see how the front is."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """The process is gone."""

    process: Process


@dataclass(frozen=True, slots=True)
class FrontPlan:
    """What all fronts have in common. `patience`: seconds that one has to end in order;
    `hang_timeout`: seconds without a sign of life after which it is killed."""

    launch: Callable[[int, int], FrontLaunch]  # by its number and its end of the line
    broadcaster: pykka.ActorRef[Any]
    ledger: SharedLedger
    patience: float
    hang_timeout: float


class FrontProcess(LoopActor):
    """One incarnation has one process. It fails when the process does, and leaves the restart to
    its supervisor."""

    mailbox_size = 50_000

    def __init__(self, front: Front, plan: FrontPlan, desk: FrontDesk) -> None:
        super().__init__()
        self._front = front
        self._plan = plan
        self._desk = desk
        self._process: Process | None = None
        self._line: FrontLine | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._signs = -1
        self._silence = 0.0
        self._rests = False
        self._why: str | None = None

    async def on_start(self) -> None:  # type: ignore[override]  # the mailbox waits for it
        self._front.ref = self.actor_ref
        # Whatever a process that was killed counted before its end came.
        self._plan.ledger.clear(self._front.slot)
        self._plan.broadcaster.tell(Leave(self.actor_ref))
        ours, theirs = socket.socketpair()
        try:
            launch = self._plan.launch(self._front.slot, theirs.fileno())
            loop = asyncio.get_running_loop()
            child = await loop.run_in_executor(None, start, launch, theirs)
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._process = Process(child.pid, child, lambda ended: self.actor_ref.tell(_Ended(ended)))
        self._line = self._front.line = await FrontLine.over(ours)
        self._front.pid = child.pid
        self._front.launches += 1
        self._begin(self._hear(self._line))
        self.every(LOOK_EVERY, _Look())
        log.info("Front %d is the process %d", self._front.slot, child.pid)

    async def on_stop(self) -> None:  # type: ignore[override]  # the mailbox waits for it
        await self._end()
        self._part()

    def on_failure(self, *_: object) -> None:
        self._signal(signal.SIGKILL)
        self._part()

    def on_receive(self, message: Any) -> Any:
        match message:
            case Deliver(frame, _):
                self._line_now.send_events(frame)  # type: ignore[arg-type]
            # Of an earlier process, none of it concerns this one.
            case _Heard(line, told):
                if line is self._line:
                    self._take(told)
            case _Placed(line, want, answer):
                if line is self._line:
                    self._tell_places(want, answer)
            case Announcement():
                self._line_now.send(Announced(message.topic, message.data))
            case _Look():
                self._look()
            case _Ended(process):
                self._ended(process)
            case PutToRest():
                return self._end()
            case _:
                return super().on_receive(message)
        return None

    @property
    def _line_now(self) -> FrontLine:
        assert self._line is not None
        return self._line

    def _take(self, told: Message | Told | None) -> None:
        self._front.signs += 1
        match told:
            case Report(figures):
                self._front.figures = figures
            case Want():
                self._want(told)
            case Ask() | Missed():
                self._begin(self._answer(told))
            case Answer():
                self._front.answered(told)
            case Listening():
                self._front.is_listening = True
                self._front.settled.set()
            case None:
                # Its end is noticed by itself, unless it lives and says what makes no sense.
                self._signal(signal.SIGTERM)
            case _:
                raise TypeError(f"a front does not tell {type(told).__name__}")

    def _want(self, want: Want) -> None:
        broadcaster = self._plan.broadcaster
        if want.gone:
            gone = tuple(map(Pattern.parse, want.gone))
            broadcaster.tell(Unsubscribe(self.actor_ref, gone))
        wishes = tuple(Subscription(Pattern.parse(text)) for text in want.new)
        question = Subscribe(self.actor_ref, wishes, ENCODING)
        answer = cast("LoopFuture[Subscribed]", broadcaster.ask(question, block=False))

        # Behind all that was published before.
        placed = _Placed(self._line_now, want, answer)
        answer.on_done(lambda: self.actor_ref.tell(placed))

    def _tell_places(self, want: Want, answer: "LoopFuture[Subscribed]") -> None:
        standings = [standing for listed in answer.get().topics for standing in listed]
        places = {topic: [at.epoch, at.offset] for topic, at, _ in standings}
        self._line_now.send(Answer(want.id, packed(places)))

    async def _hear(self, line: FrontLine) -> None:
        try:
            async for told in line.heard():
                self.actor_ref.tell(_Heard(line, told))
        finally:
            self.actor_ref.tell(_Heard(line, None))

    async def _answer(self, asked: Ask | Missed) -> None:
        line = self._line_now
        line.send(await self._desk.answer(asked, self.actor_ref))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("Front %d was not answered", self._front.slot, exc_info=task.exception())

    def _look(self) -> None:
        """Looks are counted, not seconds: if this process was halted, nobody is to blame."""
        front, limit = self._front, self._plan.hang_timeout
        self._silence = 0.0 if front.signs != self._signs else self._silence + LOOK_EVERY
        self._signs = front.signs
        if not front.is_listening:
            limit *= _START_PATIENCE
        if self._silence > limit and self._why is None and not self._rests:
            self._why = f"it gave no sign of life for {limit:g} s"
            self._signal(signal.SIGKILL)

    def _ended(self, process: Process) -> None:
        if process is not self._process or self._rests:
            return
        reason = self._why or words_for(process.code, "it")
        log.error("Front %d: %s", self._front.slot, reason)
        raise FrontEndedError(reason)

    async def _end(self) -> None:
        """Lets it tell its viewers, and ends it by force when its time is over."""
        self._rests = True
        process = self._process
        if process is None:
            return
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(self._plan.patience):
                await process.gone.wait()
        except TimeoutError:
            log.warning("Front %d did not end in time, and is killed", self._front.slot)
            self._signal(signal.SIGKILL)
            await process.gone.wait()
        self._process = None

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.signal(number)

    def _part(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        if self._line is not None:
            self._line.close()
            self._line = None
        self._plan.broadcaster.tell(Leave(self.actor_ref))
        self._plan.ledger.clear(self._front.slot)
        self._front.part()
