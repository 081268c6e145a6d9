"""One message to many actors that have nothing else to do: one turn for all instead of one each."""

from collections.abc import Callable
from time import perf_counter
from types import CoroutineType
from typing import Any

from actors.letters import STOPPED
from actors.mailbox import Mailbox
from actors.reference import RUNNING
from actors.runtime import SLICE, Runtime

_LOOKS = 64  # actors between two looks at the time


class Round:
    """Gives each of the refs the message, in a turn of its own on the runtime.

    It is the next turn of all these refs, whose mailboxes were empty and are marked as scheduled:
    what they are told meanwhile waits there, and is handled after this message. `then`, where one
    is set before the end, is called after the last.
    """

    __slots__ = ("_message", "_next", "_refs", "_runtime", "busy", "then")

    def __init__(self, runtime: Runtime, refs: list[Any], message: object) -> None:
        self._runtime = runtime
        self._refs = refs
        self._message = message
        self._next = 0
        # The time is booked on the actors; this is the runtime's.
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
            share = (now - started) / (len(part) or 1)
            for ref in part:
                ref.busy += share
            started = now
            if self.is_done:
                break
            if now > end:
                self._runtime.make_ready_first(self)
                return
        if self.then is not None:
            self.then()

    def _give(self, refs: list[Any]) -> None:
        message, make_ready = self._message, self._runtime.make_ready
        for ref in refs:
            box = ref.actor_inbox
            if ref.state is not RUNNING or box.lane:
                self._leave(ref, box)
                continue
            ref.handled += 1
            try:
                result = ref._actor.on_receive(message)
            except BaseException as error:  # noqa: BLE001 - it must not reach other actors
                ref.fail(error, message)
                continue
            if type(result) is CoroutineType:
                ref.wait_for(result, message, None)
            elif box.queue or box.lane:
                make_ready(ref)
            else:
                box.scheduled = False

    def _leave(self, ref: Any, box: Mailbox) -> None:
        """The actor ended, or supervision goes first: the message waits, before what came later."""
        if not box.is_open:
            ref.refuse(self._message, STOPPED)
            return
        box.queue.appendleft(self._message)
        if ref.state is RUNNING:
            self._runtime.make_ready(ref)
