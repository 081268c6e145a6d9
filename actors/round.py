"""One message to many actors that have nothing else to do: one turn for all instead of one each."""

from collections.abc import Callable
from time import perf_counter
from types import CoroutineType
from typing import Any

from actors.letters import STOPPED
from actors.loop_ref import LoopRef
from actors.reference import RUNNING
from actors.runtime import IDLE, IN_ROUND, SLICE, Runtime

_LOOKS = 64  # actors between two looks at the time


class Round:
    """Gives each of the refs the message, in a turn of its own on the runtime.

    It is the next turn of all these refs, which were idle and are marked: what they are told
    meanwhile puts them in line behind it. `then`, where one is set before the end, is called after
    the last.
    """

    __slots__ = ("_message", "_next", "_refs", "_runtime", "_share", "busy", "then")

    def __init__(self, runtime: Runtime, refs: list[LoopRef[Any]], message: object) -> None:
        self._runtime = runtime
        self._refs = refs
        self._message = message
        self._next = 0
        # Seconds that each actor takes, about; the runtime books all of them on `busy`.
        self._share = 0.0
        self.busy = 0.0
        self.then: Callable[[], object] | None = None

    @property
    def is_done(self) -> bool:
        """Whether every actor has had the message."""
        return self._next >= len(self._refs)

    def run(self) -> None:
        """Go on for one slice of time at most. Called by the runtime."""
        started = perf_counter()
        end = started + SLICE
        while True:
            part = self._refs[self._next : self._next + _LOOKS]
            self._next += len(part)
            self._give(part)
            now = perf_counter()
            # Booked with the next part, whose turn is about as long.
            self._share = (now - started) / (len(part) or 1)
            started = now
            if self.is_done:
                break
            if now > end:
                self._runtime.make_ready_first(self)
                return
        if self.then is not None:
            self.then()

    def _give(self, refs: list[LoopRef[Any]]) -> None:
        message, share = self._message, self._share
        for ref in refs:
            if ref.turn != IN_ROUND and not self._may_have_it(ref):
                continue
            ref.handled += 1
            ref.busy += share
            try:
                result = ref._actor.on_receive(message)  # type: ignore[union-attr]
            except BaseException as error:  # noqa: BLE001 - it must not reach other actors
                ref.fail(error, message)
                continue
            if type(result) is CoroutineType:
                ref.wait_for(result, message, None)
            elif ref.turn == IN_ROUND:
                ref.turn = IDLE

    def _may_have_it(self, ref: LoopRef[Any]) -> bool:
        """Whether an actor that was told more meanwhile can take this message now. If it ended, or
        supervision goes first, the message waits, before what came later."""
        box = ref.actor_inbox
        if not box.is_open:
            ref.refuse(self._message, STOPPED)
            return False
        if ref.state is RUNNING and not box.lane:
            return True
        box.queue.appendleft(self._message)
        return False
