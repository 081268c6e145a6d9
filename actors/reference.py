"""A ref that outlives its actor: place in the tree, mailbox and figures stay over a restart."""

import itertools
import threading
import uuid
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pykka
from pykka._envelope import Envelope
from pykka.messages import _ActorStop

from actors.future import LoopFuture, WouldBlock, answer, on_a_loop
from actors.letters import FULL, POISONED, STOPPED
from actors.mailbox import NOTHING, Cell, MailboxFull
from actors.registry import REFS
from actors.runtime import Place, Runtime
from actors.timers import Timer

A = TypeVar("A", bound=pykka.Actor)

# States of an actor.
STARTING = "starting"
RUNNING = "running"
STOPPING = "stopping"
RESTARTING = "restarting"
FAILED = "failed"
ENDED = "stopped"
OVER = frozenset({RESTARTING, FAILED, ENDED})

# What an actor's place outlives, its `survives`.
NOTHING_AT_ALL = 0
FAILURES = 1
EVERY_END = 2

LONGEST_REASON = 500
_numbers = itertools.count(1)
# Between somebody who wants to know of a start or an end, and the thread that starts or ends.
_moments = threading.Lock()


@dataclass(frozen=True, slots=True)
class Died:
    """Told to the parent, in its lane, when a child has ended. `waits`: its mailbox was kept."""

    ref: "PlacedRef[Any]"
    incarnation: int
    reason: str
    failed: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class Halt:
    """Stop now, before the messages that wait. `keep`: these wait for the next incarnation."""

    incarnation: int
    keep: bool


class StoppedFlag:
    """What pykka calls `actor_stopped`, without the lock of a `threading.Event`."""

    __slots__ = ("_ref",)

    def __init__(self, ref: "PlacedRef[Any]") -> None:
        self._ref = ref

    def is_set(self) -> bool:
        return not self._ref.is_alive()


def describe(error: BaseException) -> str:
    """One line for people: class and text, cut to a length that is fit for a table."""
    return f"{type(error).__name__}: {error}".rstrip(": ")[:LONGEST_REASON]


def unanswered(ref: "PlacedRef[Any]", reason: str) -> pykka.ActorDeadError:
    """For who asked something of an actor that ended before it could answer."""
    return pykka.ActorDeadError(f"{ref} ended before it answered: {reason}")


class PlacedRef(pykka.ActorRef[A], Generic[A]):
    """What LoopRef and ThreadRef share. `children` belongs to a supervisor, by name."""

    __slots__ = (
        "_actor", "_ended", "_number", "_path", "_started", "_timers", "_urn", "actor_class",
        "actor_inbox", "busy", "children", "handled", "incarnation", "last_error", "parent",
        "restarts", "runtime", "state", "survives",
    )  # fmt: skip

    actor_inbox: Any

    def __init__(self, runtime: Runtime, actor_class: type[A], place: Place | None) -> None:
        # Not pykka's, which wants an actor, makes a weak reference and reads the actor's URN.
        self.runtime = runtime
        self.actor_class = actor_class
        self._actor: A | None = None
        self._path = place.path if place else None
        self.parent: PlacedRef[Any] | None = place.parent if place else None
        self.survives = place.survives if place else NOTHING_AT_ALL
        self.children: dict[str, Any] | None = None
        self.state = STARTING
        self.handled = 0
        self.busy = 0.0
        self.restarts = 0
        self.incarnation = 0
        self.last_error: str | None = None
        self._number = next(_numbers)
        self._urn: str | None = None
        self._timers: set[Timer] | None = None
        self._started: LoopFuture[bool] | None = None
        self._ended: LoopFuture[bool] | None = None

    @property
    def path(self) -> str:
        """Where it is in the tree; an actor without a supervisor has its class and a number."""
        return self._path or f"/{self.actor_class.__name__}-{self._number}"

    @path.setter
    def path(self, path: str) -> None:
        self._path = path

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def actor_urn(self) -> str:  # type: ignore[override]  # made when somebody wants it
        if self._urn is None:
            self._urn = uuid.uuid4().urn
        return self._urn

    @property
    def actor_stopped(self) -> Any:  # type: ignore[override]  # as actor_urn
        return StoppedFlag(self)

    def _actor_weakref(self) -> A | None:  # type: ignore[override]  # pykka's proxies ask for it
        return self._actor

    def __str__(self) -> str:
        return f"{self.actor_class.__name__} {self.path}"

    def is_alive(self) -> bool:
        """Whether it takes messages; also while it waits to be restarted."""
        return bool(self.actor_inbox.room >= 0)

    def ask(self, message: Any, *, block: bool = True, timeout: float | None = None) -> Any:
        """As pykka's, but always answered: `ActorDeadError` or `MailboxFull` at the worst.

        Raises: `WouldBlock` when `block` is wanted on a loop's thread, before anything is sent.
        """
        if block and on_a_loop():
            raise WouldBlock(f"ask({type(message).__name__}) to {self}")
        future = self.actor_class._create_future()
        self.tell(Envelope(message, future))
        return future.get(timeout=timeout) if block else future

    def stop(self, *, block: bool = True, timeout: float | None = None) -> Any:
        """As pykka's: True when this stops it or it was stopping, False when it was dead."""
        return self.ask(_ActorStop(), block=block, timeout=timeout)

    def halt(self, *, keep: bool) -> None:
        """Have this incarnation stop, before the messages that wait."""
        self.tell_first(Halt(self.incarnation, keep))

    def tell_first(self, message: Any) -> None:
        """Put a message of supervision into the lane, which goes first and never fills."""
        raise NotImplementedError

    def kill(self, reason: str, *, keep: bool = False) -> None:
        """End it without waiting for what it does now. On the loop's thread."""
        raise NotImplementedError

    def started(self) -> LoopFuture[bool]:
        """Done when `on_start` has finished (True), or the actor ended before (False)."""
        with _moments:
            if self.state is STARTING:
                self._started = self._started or LoopFuture()
                return self._started
        return LoopFuture.of(self.state is RUNNING)

    def ended(self) -> LoopFuture[bool]:
        """Done when this incarnation has ended."""
        with _moments:
            if self.state not in OVER:
                self._ended = self._ended or LoopFuture()
                return self._ended
        return LoopFuture.of(True)

    def refuse(self, message: Any, reason: str) -> None:
        """A message that will not be handled: a dead letter, and an answer to whoever waits."""
        if type(message) in (Timer, Died, Halt):
            return
        reply = None
        if type(message) is Envelope:
            message, reply = message.message, message.reply_to
        if type(message) is _ActorStop:
            answer(reply, False)
            return
        self.runtime.dead_letters.record(self.path, self.actor_class, message, reason)
        if reply is not None:
            error: Exception = pykka.ActorDeadError(f"{self} is not there any more")
            if reason == FULL:
                error = MailboxFull(self.path, self.actor_inbox.size)
            reply.set_exception((type(error), error, None))

    def add_timer(self, seconds: float, message: Any, period: float | None) -> Timer:
        """A timer of this actor, which ends with it."""
        timer = Timer(self.runtime, seconds, message, period=period, owner=self)
        if self._timers is None:
            self._timers = set()
        self._timers.add(timer)
        return timer

    def forget(self, timer: Timer) -> None:
        """A timer is over."""
        if self._timers is not None:
            self._timers.discard(timer)

    def deliver(self, timer: Timer) -> None:
        """Queue a timer whose time has come. On the loop's thread."""
        raise NotImplementedError

    def poisoned(self, letter: Any) -> None:
        """Record the message at which the actor failed."""
        if letter is not NOTHING and type(letter) is not Died:
            message = letter.message if type(letter) in (Envelope, Timer, Cell) else letter
            self.runtime.dead_letters.record(self.path, self.actor_class, message, POISONED)

    def end(self, reason: str, *, failed: bool, keep: bool = False) -> None:
        """The incarnation is over: its timers go, its mailbox waits or closes, the parent knows."""
        incarnation = self.incarnation
        self._cancel_timers()
        self._actor = None
        survived = self.survives == EVERY_END or (failed and self.survives == FAILURES)
        waits = self.parent is not None and self.parent.is_alive() and (keep or survived)
        if waits:
            with _moments:
                self.state = RESTARTING
        else:
            self.close(FAILED if failed else ENDED)
        self._tell_moments(begun=False)
        if self.parent is not None:
            self.parent.tell_first(Died(self, incarnation, reason, failed, waits))

    def note_restart(self, before: "PlacedRef[Any]") -> None:
        """Go on with the count and the last error of the child that was here before."""
        self.restarts = before.restarts + 1
        self.last_error = before.last_error

    def not_born(self) -> None:
        """Its `__init__` failed: another attempt may follow."""
        self._cancel_timers()
        if self.is_alive():
            self.state = RESTARTING

    def close(self, state: str) -> None:
        """No restart any more: what waits is refused, what comes too. Does nothing twice."""
        if not self.is_alive():
            return
        with _moments:
            self.state = state
        REFS.discard(self)
        for message in self.actor_inbox.close():
            self.refuse(message, STOPPED)
        for child in reversed(list((self.children or {}).values())):
            child.ref.abandon()

    def abandon(self) -> None:
        """Its parent is gone for good: stop, and have no restart."""
        self.survives = NOTHING_AT_ALL
        if self._actor is None:
            self.close(ENDED)
        else:
            self.tell(_ActorStop())

    def running(self) -> None:
        """`on_start` has finished."""
        with _moments:
            self.state = RUNNING
        self._tell_moments(begun=True)

    def _cancel_timers(self) -> None:
        timers, self._timers = self._timers, None
        for timer in timers or ():
            timer.cancel()

    def _tell_moments(self, *, begun: bool) -> None:
        """Answer who waits for the start, and at an end who waits for that."""
        with _moments:
            started, self._started = self._started, None
            ended = None
            if not begun:
                ended, self._ended = self._ended, None
        if started is not None:
            started.set(begun)
        if ended is not None:
            ended.set(True)
