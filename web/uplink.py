"""Speaks for a worker to the server: sends what is wanted of its run, and answers questions."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pykka

from actors.event import Position, Subscription
from actors.loop import LoopActor
from actors.publishing import Deliver, Leave, Subscribe, Unsubscribe
from actors.reference import describe
from actors.timers import Timer
from actors.topics import Pattern
from web.codec import packable
from web.errors import COMMAND_FAILED, CONFLICT, Refusal
from web.link import Link, RefusedError, TooLongError
from web.outgoing import Outgoing
from web.wording import Vitals, failure, told

log = logging.getLogger(__name__)
ENCODING = "uplink"  # marks this subscriber as a viewer; it frames its events itself
REPORT_EVERY = 1.0  # seconds
FIRST_GRACE = 1.0  # seconds that the first connection may take, however short the grace
_DRAIN = 1.0  # seconds that the last messages have
_MOST_QUESTIONS = 100  # at a time
_EXPECTED = (ConnectionError, RefusedError, TimeoutError)  # the server is away, or says no

# Kind, name, params, and who asks.
Ask = Callable[[str, str, Mapping[str, Any], str], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Drain:
    """Send what waits; answered when that is done, or could not be done in a second."""


@dataclass(frozen=True, slots=True)
class _Greeted:
    """The server has taken the worker; `positions`: what it knows of its topics."""

    positions: Mapping[str, Position]


@dataclass(frozen=True, slots=True)
class _CutOff:
    """There is no server."""


@dataclass(frozen=True, slots=True)
class _GraceOver:
    """There has been no server for as long as a run goes on without one."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """The server wants something."""

    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Broke:
    """Work beside the mailbox failed, and with it this actor."""

    error: BaseException


class Uplink(LoopActor):
    """Subscribed to the worker's broadcaster: always for the ticks, the state and the log, and as
    long as there is a server for what its viewers want; so nothing is worked out for nobody.

    `orphaned` is called when there has been no server for `grace` seconds.
    """

    mailbox_size = 10_000

    def __init__(
        self,
        run: str,
        link: Link,
        broadcaster: pykka.ActorRef[Any],
        ask: Ask,
        vitals: Vitals,
        grace: float,
        orphaned: Callable[[], None],
    ) -> None:
        super().__init__()
        self._run = run
        self._link = link
        self._broadcaster = broadcaster
        self._ask = ask
        self._vitals = vitals
        self._grace = grace
        self._orphaned = orphaned
        self._always = tuple(f"run.{run}.{name}" for name in ("state", "tick", "log.>"))
        self._wanted: frozenset[str] = frozenset()
        self._is_connected = False
        self._outgoing = Outgoing()
        self._more = asyncio.Event()
        self._idle = asyncio.Event()
        self._grace_timer: Timer | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._questions = 0

    def on_start(self) -> None:
        self._broadcaster.tell(Leave(self.actor_ref))
        self._subscribe(self._always)
        self._wait_for_server(max(self._grace, FIRST_GRACE))
        for work in (self._link.live(self), self._send(), self._report()):
            self._begin(work)

    def on_stop(self) -> None:
        self._end()

    def on_failure(self, *_: object) -> None:
        self._end()

    def on_receive(self, message: Any) -> Any:
        match message:
            case Deliver(_, events):
                if self._is_connected:
                    self._outgoing.put(events)
                    self._more.set()
            case _Greeted(positions):
                self._greeted(positions)
            case _CutOff():
                self._lost()
            case _GraceOver():
                self._orphaned()
            case _Heard(data):
                self._do(data)
            case Drain():
                return self._drain()
            case _Broke(error):
                raise error
            case _:
                return super().on_receive(message)
        return None

    # Called by the link, on the loop.

    async def greet(self, link: Link) -> None:
        """Says which run this is."""
        result = await link.ask("worker.attach", self._vitals.introduction())
        positions: dict[str, Any] = (result or {}).get("positions", {})
        known = {topic: Position(epoch, offset) for topic, (epoch, offset) in positions.items()}
        self.actor_ref.tell(_Greeted(known))

    def heard(self, message: dict[str, Any]) -> None:
        """Takes what is asked of this worker."""
        if message.get("type") == "event":
            for event in message["events"]:
                if event["topic"] == f"worker.{self._run}":
                    self.actor_ref.tell(_Heard(event["data"]))

    def cut_off(self) -> None:
        """The server is away."""
        self.actor_ref.tell(_CutOff())

    def _greeted(self, positions: Mapping[str, Position]) -> None:
        self._is_connected = True
        if self._grace_timer is not None:
            self._grace_timer.cancel()
        # What is published from now on comes behind this.
        for text in self._always:
            missed = self._vitals.missed(Pattern.parse(text), positions)
            if missed:
                self._outgoing.put(missed)
        self._more.set()

    def _lost(self) -> None:
        self._is_connected = False
        self._outgoing.clear()
        self._want(frozenset())
        self._wait_for_server(self._grace)

    def _wait_for_server(self, grace: float) -> None:
        if self._grace_timer is not None:
            self._grace_timer.cancel()
        self._grace_timer = self.after(grace, _GraceOver())

    def _subscribe(self, patterns: Iterable[str]) -> None:
        wishes = tuple(Subscription(Pattern.parse(text)) for text in patterns)
        self._broadcaster.tell(Subscribe(self.actor_ref, wishes, ENCODING))

    def _do(self, data: Mapping[str, Any]) -> None:
        match data["kind"]:
            case "demand":
                self._want(frozenset(data["patterns"]) - frozenset(self._always))
            case "token":
                self._link.token = data["token"]
                self._begin(self._refresh(data["token"]))
            case "query" | "command":
                self._begin(self._answer(data))

    def _want(self, wanted: frozenset[str]) -> None:
        gone, new = self._wanted - wanted, wanted - self._wanted
        self._wanted = wanted
        if gone:
            self._broadcaster.tell(Unsubscribe(self.actor_ref, tuple(map(Pattern.parse, gone))))
        if new:
            self._subscribe(new)

    async def _refresh(self, token: str) -> None:
        await self._link.ask("auth.refresh", {"token": token})

    async def _answer(self, data: Mapping[str, Any]) -> None:
        reply: dict[str, Any] = {"id": data["id"]}
        self._questions += 1
        try:
            if self._questions > _MOST_QUESTIONS:
                raise Refusal(CONFLICT, reason="too many questions at a time")  # noqa: TRY301
            question = (data["kind"], data["name"], data["params"], str(data.get("by", "")))
            reply["result"] = packable(await self._ask(*question))
        except Refusal as refusal:
            reply["error"] = failure(refusal)
        except Exception as error:
            log.exception("%s could not be answered", data["name"])
            reply["error"] = failure(Refusal(COMMAND_FAILED, reason=describe(error)))
        try:
            # Its arrival is waited for: this process may end as soon as it has answered.
            await self._reply(reply)
        finally:
            self._questions -= 1

    async def _reply(self, reply: dict[str, Any]) -> None:
        try:
            await self._link.ask("worker.reply", reply)
        except TooLongError as error:
            refusal = failure(Refusal(COMMAND_FAILED, reason=str(error)))
            await self._link.ask("worker.reply", {"id": reply["id"], "error": refusal})

    async def _tell(self, command: str, params: dict[str, Any]) -> None:
        await self._link.send({"type": "command", "command": command, "params": params})

    async def _send(self) -> None:
        while True:
            events = self._outgoing.take()
            if events is None:
                self._idle.set()
                self._more.clear()
                await self._more.wait()
                self._idle.clear()
                continue
            with contextlib.suppress(ConnectionError):
                await self._publish([told(event) for event in events])

    async def _publish(self, batch: list[dict[str, Any]]) -> None:
        """In parts where it is too much for one message; what is too much alone is left out."""
        try:
            await self._tell("publish", {"run": self._run, "events": batch})
        except TooLongError as error:
            if len(batch) == 1:
                log.warning("%s is left out: %s", batch[0]["topic"], error)
                return
            half = len(batch) // 2
            await self._publish(batch[:half])
            await self._publish(batch[half:])

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(REPORT_EVERY)
            if self._is_connected:
                with contextlib.suppress(ConnectionError):
                    await self._tell("worker.report", await self._vitals.report())

    async def _drain(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN):
                while self._is_connected and self._has_work:
                    await asyncio.sleep(0.01)

    @property
    def _has_work(self) -> bool:
        return bool(self._questions or len(self._outgoing) or not self._idle.is_set())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, _EXPECTED):
            self.actor_ref.tell(_Broke(error))

    def _end(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        self._link.close()
        self._broadcaster.tell(Leave(self.actor_ref))
