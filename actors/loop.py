"""Actors on the event loop, without a thread: thousands of them share one."""

from _thread import get_ident
from collections.abc import Iterable
from typing import Any, ClassVar, Self

import pykka
from pykka.messages import _ActorStop

from actors.future import LoopFuture
from actors.loop_ref import LoopRef
from actors.mailbox import Mailbox, Policy
from actors.reference import PlacedRef, StoppedFlag
from actors.registry import REFS
from actors.round import Round
from actors.runtime import IDLE, IN_ROUND, Runtime
from actors.timers import Timer


class LoopActor(pykka.Actor):
    """A pykka actor that handles its messages on the runtime's loop, one at a time.

    A handler (`on_receive`, `on_start`, `on_stop`, or a method called through a proxy) may be a
    coroutine; the mailbox waits for it. An answer that is a `LoopFuture` is passed on when it is
    done, without waiting. Anything that a handler raises ends this actor and no other; an
    exception while answering an ask goes to who asked, and the actor goes on.
    """

    mailbox_size: ClassVar[int] = 1000
    mailbox_policy: ClassVar[Policy] = Policy.DROP_NEW
    # Messages handled before another actor gets its turn.
    batch: ClassVar[int] = 64

    @classmethod
    def start(cls, *args: Any, **kwargs: Any) -> LoopRef[Self]:
        """Start an actor, from the loop or any other thread; `__init__` runs here and now."""
        runtime = Runtime.current()
        place = runtime.take_place()
        ref: LoopRef[Self] | None = place.ref if place else None
        if ref is None:
            ref = LoopRef(runtime, cls, place)
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
        return Mailbox(cls.mailbox_size, cls.mailbox_policy)

    @staticmethod
    def _create_future() -> LoopFuture[Any]:
        return LoopFuture()

    def _start_actor_loop(self) -> None:
        self.actor_ref.begin(self)

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing to do: `start` has given the actor its ref, which has all the rest."""

    @property
    def actor_ref(self) -> LoopRef[Self]:
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

    def on_start(self) -> Any:
        """As pykka's; may be a coroutine. If it fails, `on_failure` is called and it counts."""

    def on_stop(self) -> Any:
        """As pykka's; may be a coroutine, which has until the stop's deadline."""

    def after(self, seconds: float, message: object) -> Timer:
        """Tell this actor the message once, that much later; ends with the actor."""
        return self.actor_ref.add_timer(seconds, message, None)

    def every(self, seconds: float, message: object) -> Timer:
        """Tell this actor the message again and again; ends with the actor."""
        return self.actor_ref.add_timer(seconds, message, seconds)

    def stop(self) -> None:
        """Stop after the messages that wait already."""
        self.actor_ref.tell(_ActorStop())


def tell_all(refs: Iterable[pykka.ActorRef[Any]], message: object) -> Round | None:
    """Tell many actors the same; the fast way on the loop's thread, and allowed on any.

    Returns the round of those that had nothing else to do, if there are any. An actor that is dead
    or full is a dead letter and no concern of the others.
    """
    here = get_ident()
    idle: list[LoopRef[Any]] = []
    runtime: Runtime | None = None
    for ref in refs:
        if (
            type(ref) is LoopRef
            and (ref.runtime is runtime or ref.runtime.thread == here)
            and ref.turn == IDLE
            and ref.is_plain
        ):
            ref.turn = IN_ROUND
            idle.append(ref)
            runtime = ref.runtime
            continue
        _tell(ref, message)
    if runtime is None:
        return None
    given = Round(runtime, idle, message)
    runtime.make_ready(given)
    return given


def _tell(ref: pykka.ActorRef[Any], message: object) -> None:
    if isinstance(ref, PlacedRef):
        ref.tell(message)
        return
    try:
        ref.tell(message)
    except pykka.ActorDeadError:
        Runtime.current().dead_letters.record(str(ref), ref.actor_class, message, "stopped")
