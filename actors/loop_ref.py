"""The ref of a LoopActor, and its turns: how messages get to the actor and answers back."""

import logging
from _thread import get_ident
from collections.abc import Coroutine
from functools import partial
from itertools import repeat
from types import CoroutineType
from typing import Any, Generic, TypeVar

import pykka
from pykka._envelope import Envelope
from pykka.messages import ProxyCall, ProxyGetAttr, ProxySetAttr, _ActorStop

from actors.future import answer, outcome
from actors.letters import FULL, STOPPED
from actors.mailbox import NOTHING, Cell, Mailbox
from actors.reference import (
    ENDED,
    RUNNING,
    STARTING,
    STOPPING,
    Halt,
    PlacedRef,
    describe,
    unanswered,
)
from actors.runtime import IDLE, SCHEDULED, Place, Runtime
from actors.timers import Timer

A = TypeVar("A", bound=pykka.Actor)
logger = logging.getLogger(__name__)

# Messages that are not simply given to on_receive.
WRAPPED = frozenset(
    {Envelope, Timer, Cell, Halt, _ActorStop, ProxyCall, ProxyGetAttr, ProxySetAttr}
)


class LoopRef(PlacedRef[A], Generic[A]):
    """Talks to a LoopActor; everything about the actor happens on the runtime's thread."""

    __slots__ = ("_batch", "_reply", "_task", "is_plain", "keeps", "turn")

    def __init__(self, runtime: Runtime, actor_class: type[A], place: Place | None) -> None:
        super().__init__(runtime, actor_class, place)
        self.actor_inbox: Mailbox = actor_class._create_actor_inbox()  # type: ignore[assignment]
        self.turn = SCHEDULED
        # Whether a message to it needs no look at others in the mailbox.
        self.is_plain = self.actor_inbox.policy.key is None
        self._batch: int = actor_class.batch  # type: ignore[attr-defined]
        self._task: Any = None
        self._reply: pykka.Future[Any] | None = None
        self.keeps = False

    def tell(self, message: Any) -> None:
        """Send a message, from any thread; never blocks and never raises."""
        if get_ident() != self.runtime.thread:
            self._post(message)
            return
        box = self.actor_inbox
        queue = box.queue
        if len(queue) < box.room:
            queue.append(message)
        else:
            lost = box.offer(message)
            if lost is not NOTHING:
                self.refuse(lost, FULL if box.is_open else STOPPED)
                if lost is message:
                    return
        if self.turn != SCHEDULED:
            self.turn = SCHEDULED
            self.runtime.make_ready(self)

    def tell_first(self, message: Any) -> None:
        if get_ident() != self.runtime.thread:
            self.runtime.call(partial(self.tell_first, message))
        elif self.actor_inbox.is_open:
            self.actor_inbox.offer_first(message)
            self._wake()

    def deliver(self, timer: Timer) -> None:
        self.actor_inbox.force(timer)
        self._wake()

    def begin(self, actor: A) -> None:
        """A new incarnation takes the place; its `on_start` comes with the next turn."""
        self.runtime.call(partial(self._begin, actor))

    def admit(self, arrivals: Mailbox | None) -> None:
        """Take what other threads brought. On the loop's thread."""
        if arrivals is None:
            return
        self.actor_inbox.dropped += arrivals.dropped
        for message in arrivals.close():
            if self.runtime.closed:
                self.refuse(message, STOPPED)
            else:
                self.tell(message)

    def kill(self, reason: str, *, keep: bool = False) -> None:
        """End it now, a coroutine in the middle of its work included."""
        if self._actor is None:
            if not keep:
                self.close(ENDED)
            return
        if self._task is not None:
            self._task.cancel()
            self._task = None
        reply, self._reply = self._reply, None
        stopping = self.state is STOPPING
        self.turn = SCHEDULED
        self.end(reason, failed=False, keep=keep)
        if reply is not None and stopping:
            reply.set(True)
        elif reply is not None:
            reply.set_exception((None, unanswered(self, reason), None))

    def run(self) -> None:
        """Handle one batch of messages. Called by the runtime."""
        if (self.state is not RUNNING or self._task is not None) and not self._on_start():
            return
        actor, box = self._actor, self.actor_inbox
        assert actor is not None
        queue = box.queue
        if len(queue) > box.high_water:
            box.high_water = len(queue)
        receive = actor.on_receive
        message: Any = NOTHING
        handled = 0
        try:
            for _ in repeat(None, self._batch):
                if box.lane:
                    message = box.lane.popleft()
                elif queue:
                    message = queue.popleft()
                else:
                    break
                handled += 1
                if type(message) in WRAPPED:
                    if not self._unwrap(message):
                        self.handled += handled
                        return
                else:
                    result = receive(message)
                    if type(result) is CoroutineType:
                        self.handled += handled
                        self.wait_for(result, message, None)
                        return
        except BaseException as error:  # noqa: BLE001 - it must not reach other actors
            self.handled += handled
            self.fail(error, message)
            return
        self.handled += handled
        if queue or box.lane:
            self.runtime.make_ready(self)
        else:
            self.turn = IDLE

    def _post(self, message: Any) -> None:
        if self.runtime.closed or not self.actor_inbox.is_open:
            self.refuse(message, STOPPED)
        else:
            self.runtime.post(self, message)

    def _wake(self) -> None:
        if self.turn != SCHEDULED:
            self.turn = SCHEDULED
            self.runtime.make_ready(self)

    def _begin(self, actor: A) -> None:
        if self._actor is not None or not self.is_alive():
            return
        self.incarnation += 1
        self._actor = actor
        self.keeps = False
        self.state = STARTING
        self.runtime.make_ready(self)

    def _on_start(self) -> bool:
        """Start the incarnation if it has not begun; whether it can handle messages now."""
        if self.state is not STARTING or self._task is not None or self._actor is None:
            return False
        try:
            result: Any = self._actor.on_start()
        except BaseException as error:  # noqa: BLE001
            self.fail(error, NOTHING)
            return False
        if type(result) is CoroutineType:
            self.wait_for(result, NOTHING, None)
            return False
        self.running()
        return True

    def _unwrap(self, message: Any) -> bool:
        """Handle a message that is not plain; whether the actor can go on with the next."""
        reply: pykka.Future[Any] | None = None
        letter = message
        if type(message) is Cell:
            message = self.actor_inbox.unwrap(message)
        elif type(message) is Timer:
            message = message.take()
            if message is NOTHING:
                return True
        elif type(message) is Envelope:
            message, reply = message.message, message.reply_to
        elif type(message) is Halt:
            if message.incarnation != self.incarnation:
                return True
            self._stop(None, keep=message.keep)
            return False
        if type(message) is _ActorStop:
            self._stop(reply, keep=False)
            return False
        assert self._actor is not None
        try:
            result = self._actor._handle_receive(message)
        except Exception as error:
            if reply is None:
                raise
            reply.set_exception((type(error), error, error.__traceback__))
            return True
        except BaseException as error:  # noqa: BLE001
            self.fail(error, letter, reply)
            return False
        if type(result) is CoroutineType:
            self.wait_for(result, letter, reply)
            return False
        answer(reply, result)
        return True

    def wait_for(
        self, work: Coroutine[Any, Any, Any], message: Any, reply: pykka.Future[Any] | None
    ) -> None:
        """Let the mailbox wait for a coroutine, a handler's work."""
        self.turn = SCHEDULED
        self._reply = reply
        self._task = task = self.runtime.loop.create_task(outcome(work))
        self.runtime.waiting += 1
        task.add_done_callback(partial(self._resume, message, reply))

    def _resume(self, message: Any, reply: pykka.Future[Any] | None, task: Any) -> None:
        self.runtime.waiting -= 1
        if task is not self._task:
            return
        self._task = self._reply = None
        result, error = task.result()
        if self.state is STOPPING:
            self._stopped(reply, error)
            return
        if error is None:
            if self.state is STARTING:
                self.running()
            answer(reply, result)
        elif reply is not None and isinstance(error, Exception):
            reply.set_exception((type(error), error, error.__traceback__))
        else:
            self.fail(error, message, reply)
            return
        self.turn = IDLE
        if self.actor_inbox.queue or self.actor_inbox.lane:
            self._wake()

    def _stop(self, reply: pykka.Future[Any] | None, *, keep: bool) -> None:
        self.state = STOPPING
        self.keeps = keep
        assert self._actor is not None
        try:
            result: Any = self._actor.on_stop()
        except BaseException as error:  # noqa: BLE001
            self._stopped(reply, error)
            return
        if type(result) is CoroutineType:
            self.wait_for(result, NOTHING, reply)
        else:
            self._stopped(reply, None)

    def _stopped(self, reply: pykka.Future[Any] | None, error: BaseException | None) -> None:
        if error is not None:
            self.last_error = describe(error)
            logger.error("%s failed in on_stop", self, exc_info=error)
        self.end("stopped", failed=False, keep=self.keeps)
        if reply is not None:
            reply.set(True)

    def fail(
        self, error: BaseException, message: Any, reply: pykka.Future[Any] | None = None
    ) -> None:
        """End the incarnation whose handler raised."""
        self.last_error = reason = describe(error)
        logger.error("%s failed", self, exc_info=error)
        if self._actor is not None:
            try:
                self._actor.on_failure(type(error), error, error.__traceback__)
            except BaseException:
                logger.exception("%s failed in on_failure", self)
            self.poisoned(message)
            self.end(reason, failed=True)
        if reply is not None:
            reply.set_exception((None, unanswered(self, reason), None))
