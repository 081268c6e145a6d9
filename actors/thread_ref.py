"""The ref of a ThreadActor, and the mailbox at which its thread waits."""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, Generic, TypeVar

import pykka

from actors.letters import FULL, STOPPED
from actors.mailbox import NOTHING, Mailbox
from actors.reference import ENDED, STARTING, PlacedRef, unanswered
from actors.runtime import Place, Runtime
from actors.timers import Timer

A = TypeVar("A", bound=pykka.Actor)
# An incarnation ends once: by itself, or because it was parted with.
_endings = threading.Lock()


class ThreadInbox:
    """A mailbox that a thread can wait at."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self._changed = threading.Condition()
        # Whether the thread that is wanted here waits; written under the lock, so that a thread
        # that was parted with cannot speak for its successor.
        self.is_waited_at = False

    @property
    def size(self) -> int:
        return self.mailbox.size

    @property
    def room(self) -> int:
        return self.mailbox.room

    @property
    def is_open(self) -> bool:
        return self.mailbox.is_open

    @property
    def high_water(self) -> int:
        return self.mailbox.high_water

    @property
    def dropped(self) -> int:
        return self.mailbox.dropped

    def __len__(self) -> int:
        return len(self.mailbox)

    def empty(self) -> bool:
        return not len(self.mailbox)

    def offer(self, message: Any) -> Any:
        """As `Mailbox.offer`, from any thread."""
        with self._changed:
            lost = self.mailbox.offer(message)
            self._changed.notify_all()
        return lost

    def put(self, message: Any) -> None:
        """Queue a message whatever the depth."""
        with self._changed:
            if self.mailbox.is_open:
                self.mailbox.force(message)
                self._changed.notify_all()

    def put_first(self, message: Any) -> None:
        """Put a message into the lane."""
        with self._changed:
            if self.mailbox.is_open:
                self.mailbox.offer_first(message)
                self._changed.notify_all()

    def get(self, until: float | None = None, wanted: Callable[[], bool] = lambda: True) -> Any:
        """The next message.

        `NOTHING` at that time of `time.monotonic`, when it is closed, and when `wanted` says no
        (it is asked under the lock, before a message is taken).
        """
        with self._changed:
            while wanted():
                message = self.mailbox.take()
                left = None if until is None else until - monotonic()
                over = left is not None and left <= 0
                if message is not NOTHING or not self.mailbox.is_open or over:
                    self.is_waited_at = False
                    return message
                self.is_waited_at = True
                self._changed.wait(left)
            return NOTHING

    def wake(self) -> None:
        """Let whoever waits look again."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> list[Any]:
        with self._changed:
            waiting = self.mailbox.close()
            self._changed.notify_all()
        return waiting


class ThreadRef(PlacedRef[A], Generic[A]):
    """Talks to a ThreadActor."""

    __slots__ = ("reply", "thread")

    def __init__(self, runtime: Runtime, actor_class: type[A], place: Place | None) -> None:
        super().__init__(runtime, actor_class, place)
        self.actor_inbox: ThreadInbox = actor_class._create_actor_inbox()  # type: ignore[assignment]
        # Who waits for the answer to the message at work.
        self.reply: pykka.Future[Any] | None = None
        self.thread: threading.Thread | None = None

    @property
    def is_idle(self) -> bool:
        """Whether it waits for a message. (For tests.)"""
        return (
            not self.is_alive()
            or self._actor is None
            or (self.actor_inbox.is_waited_at and self.actor_inbox.empty())
        )

    def tell(self, message: Any) -> None:
        """Send a message, from any thread; never blocks and never raises."""
        lost = self.actor_inbox.offer(message)
        if lost is not NOTHING:
            self.refuse(lost, FULL if self.actor_inbox.is_open else STOPPED)

    def tell_first(self, message: Any) -> None:
        self.actor_inbox.put_first(message)

    def deliver(self, timer: Timer) -> None:
        self.actor_inbox.put(timer)

    def begin(self, actor: A) -> int:
        """A new incarnation takes the place; returns its number."""
        self.incarnation += 1
        self._actor = actor
        self.state = STARTING
        self.actor_inbox.is_waited_at = False
        return self.incarnation

    def kill(self, reason: str, *, keep: bool = False) -> None:
        """Part with the thread, which cannot be ended by force: whatever it does is ignored."""
        with _endings:
            lives = self._actor is not None
            self.incarnation += 1
            self._actor = None
            reply, self.reply = self.reply, None
        if reply is not None:
            reply.set_exception((None, unanswered(self, reason), None))
        if lives:
            self.end(reason, failed=False, keep=keep)
        elif not keep:
            self.close(ENDED)
        self.actor_inbox.wake()

    def finish(self, incarnation: int, reason: str, *, failed: bool, keep: bool = False) -> bool:
        """The end of an incarnation, from its thread; False when it was parted with before."""
        with _endings:
            if self.incarnation != incarnation or self._actor is None:
                return False
            self._actor = None
        self.end(reason, failed=failed, keep=keep)
        return True

    def take_reply(self, reply: pykka.Future[Any] | None) -> pykka.Future[Any] | None:
        """Who is to be answered; None when nobody waits, or got the news of the end before."""
        with _endings:
            if self.reply is not reply:
                return None
            self.reply = None
            return reply

    def note(self, seconds: float) -> None:
        """Count a message that took that long."""
        self.handled += 1
        self.busy += seconds
