"""Actors with a thread of their own, for what computes or blocks; otherwise as a LoopActor."""

import logging
import threading
from functools import partial
from time import perf_counter
from typing import Any, ClassVar, Self

import pykka
from pykka._envelope import Envelope
from pykka.messages import _ActorStop

from actors.future import LoopFuture, answer
from actors.mailbox import NOTHING, Mailbox, Policy
from actors.reference import STOPPING, Halt, StoppedFlag, describe, unanswered
from actors.registry import REFS
from actors.runtime import Runtime
from actors.thread_ref import ThreadInbox, ThreadRef
from actors.timers import Timer

logger = logging.getLogger(__name__)


class ThreadActor(pykka.ThreadingActor):
    """pykka's ThreadingActor with a bounded mailbox, figures, timers and a place in the tree.

    What a handler raises, BaseException included, ends this actor alone; `on_failure` is called
    for `on_start` too. For work at a certain time override `deadline` and `on_due`.
    """

    use_daemon_thread: ClassVar[bool] = True
    mailbox_size: ClassVar[int] = 1000
    mailbox_policy: ClassVar[Policy] = Policy.DROP_NEW

    @classmethod
    def start(cls, *args: Any, **kwargs: Any) -> ThreadRef[Self]:
        """Start an actor; `__init__` runs here and now, everything else in its thread."""
        runtime = Runtime.current()
        place = runtime.take_place()
        ref: ThreadRef[Self] | None = place.ref if place else None
        if ref is None:
            ref = ThreadRef(runtime, cls, place)
            if place is not None:
                place.ref = ref
        actor = cls.__new__(cls)
        # Before __init__, which may use it, and need not call super().
        actor._actor_ref = ref
        cls.__init__(actor, *args, **kwargs)
        REFS.append(ref)
        actor._start_actor_loop()
        return ref

    @classmethod
    def _create_actor_inbox(cls) -> Any:
        return ThreadInbox(Mailbox(cls.mailbox_size, cls.mailbox_policy))

    @staticmethod
    def _create_future() -> LoopFuture[Any]:
        return LoopFuture()

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing to do: `start` has given the actor its ref, which has all the rest."""

    @property
    def actor_ref(self) -> ThreadRef[Self]:
        return self._actor_ref  # type: ignore[return-value]

    @property
    def actor_urn(self) -> str:  # type: ignore[override]  # the ref has it
        return self.actor_ref.actor_urn

    @property
    def actor_inbox(self) -> Any:  # type: ignore[override]  # the ref has it
        return self.actor_ref.actor_inbox

    @property
    def actor_stopped(self) -> StoppedFlag:  # type: ignore[override]  # the ref has it
        return StoppedFlag(self.actor_ref)

    @property
    def path(self) -> str:
        """Where this actor is in the tree."""
        return self.actor_ref.path

    @property
    def runtime(self) -> Runtime:
        return self.actor_ref.runtime

    def deadline(self) -> float | None:
        """When `on_due` is to be called, in seconds of `time.monotonic`; None: not at all.

        Asked before each message. Messages that wait go first.
        """
        return None

    def on_due(self) -> None:
        """The deadline has come, and no message waits. Counted as a message."""

    def after(self, seconds: float, message: object) -> Timer:
        """Tell this actor the message once, that much later; ends with the actor."""
        return self.actor_ref.add_timer(seconds, message, None)

    def every(self, seconds: float, message: object) -> Timer:
        """Tell this actor the message again and again; ends with the actor."""
        return self.actor_ref.add_timer(seconds, message, seconds)

    def stop(self) -> None:
        """Stop after the messages that wait already."""
        self.actor_ref.tell(_ActorStop())

    def _start_actor_loop(self) -> None:
        ref = self.actor_ref
        incarnation = ref.begin(self)
        ref.thread = threading.Thread(
            target=partial(self._live, incarnation), name=ref.path, daemon=self.use_daemon_thread
        )
        ref.thread.start()

    def _live(self, incarnation: int) -> None:
        """The life of one incarnation, on its thread; over when it ends or is parted with."""
        ref = self.actor_ref
        message: Any = NOTHING
        try:
            self.on_start()
            if not self._counts(incarnation):
                return
            ref.running()
            while self._counts(incarnation):
                message = NOTHING
                message = self._next(incarnation)
                if message is not NOTHING and not self._handle(message, incarnation):
                    return
        except BaseException as error:  # noqa: BLE001 - it must not reach other actors
            self._failed(error, message, incarnation)

    def _counts(self, incarnation: int) -> bool:
        return self.actor_ref.incarnation == incarnation

    def _next(self, incarnation: int) -> Any:
        """Wait for a message, or do what is due."""
        ref = self.actor_ref
        until = self.deadline()
        message = ref.actor_inbox.get(until, lambda: self._counts(incarnation))
        if message is NOTHING and until is not None and self._counts(incarnation):
            started = perf_counter()
            self.on_due()
            ref.note(perf_counter() - started)
        return message

    def _handle(self, message: Any, incarnation: int) -> bool:
        """Handle one message; False when the actor is over."""
        letter, reply = message, None
        if type(message) is Timer:
            message = message.take()
            if message is NOTHING:
                return True
        elif type(message) is Envelope:
            message, reply = message.message, message.reply_to
        elif type(message) is Halt:
            if message.incarnation != incarnation:
                return True
            self._end(None, incarnation, keep=message.keep)
            return False
        if type(message) is _ActorStop:
            self._end(reply, incarnation, keep=False)
            return False
        ref = self.actor_ref
        ref.reply = reply
        started = perf_counter()
        try:
            result = self._handle_receive(message)
        except Exception as error:
            if reply is None:
                raise
            waits = ref.take_reply(reply)
            if waits is not None:
                waits.set_exception((type(error), error, error.__traceback__))
        except BaseException as error:  # noqa: BLE001
            self._failed(error, letter, incarnation, ref.take_reply(reply))
            return False
        else:
            answer(ref.take_reply(reply), result)
        ref.note(perf_counter() - started)
        return True

    def _end(self, reply: pykka.Future[Any] | None, incarnation: int, *, keep: bool) -> None:
        ref = self.actor_ref
        ref.state = STOPPING
        try:
            self.on_stop()
        except BaseException as error:
            ref.last_error = describe(error)
            logger.exception("%s failed in on_stop", ref)
        ref.finish(incarnation, "stopped", failed=False, keep=keep)
        if reply is not None:
            reply.set(True)

    def _failed(
        self,
        error: BaseException,
        message: Any,
        incarnation: int,
        reply: pykka.Future[Any] | None = None,
    ) -> None:
        ref, reason = self.actor_ref, describe(error)
        logger.error("%s failed", ref, exc_info=error)
        try:
            self.on_failure(type(error), error, error.__traceback__)
        except BaseException:
            logger.exception("%s failed in on_failure", ref)
        if self._counts(incarnation):
            ref.last_error = reason
        ref.poisoned(message)
        ref.finish(incarnation, reason, failed=True)
        if reply is not None:
            reply.set_exception((pykka.ActorDeadError, unanswered(ref, reason), None))
