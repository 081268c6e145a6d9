"""What the actors of one event loop share: the loop, the clock, whose turn it is, lost messages."""

import asyncio
import contextlib
import logging
import threading
import weakref
from _thread import get_ident
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any, ClassVar, Protocol

import pykka

from actors.clock import Clock, LoopClock
from actors.facts import Facts
from actors.letters import FULL, DeadLetters
from actors.mailbox import NOTHING, Mailbox

logger = logging.getLogger(__name__)

# Seconds of handling after which other users of the loop get their turn.
SLICE = 0.004
# Where a LoopActor is in line: a tell must wake it; it is in a round and a tell must put it in line
# behind that; it will look into its mailbox by itself, for it is in line, busy, or not started yet.
IDLE, IN_ROUND, SCHEDULED = range(3)


class NoRuntimeError(RuntimeError):
    """An actor was started where no `Runtime` was made."""

    def __init__(self) -> None:
        super().__init__("no Runtime here: make one on the loop's thread with Runtime(loop)")


class Turn(Protocol):
    """What the runtime gives turns to; `busy` takes the seconds that they last."""

    busy: float

    def run(self) -> None: ...


class Runnable(Turn, Protocol):
    """What the runtime asks of a ref."""

    @property
    def actor_inbox(self) -> Any: ...

    def admit(self, arrivals: Mailbox | None) -> None: ...

    def refuse(self, message: Any, reason: str) -> None: ...


@dataclass(slots=True)
class Place:
    """Where in the tree the next actor starts, and with which ref when it is a restart."""

    path: str
    parent: Any
    survives: int
    ref: Any = None


class Runtime:
    """Gives actors their turns on the loop. Make it on the thread that runs the loop."""

    _of_loop: ClassVar[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, "Runtime"]] = (
        weakref.WeakKeyDictionary()
    )
    _latest: ClassVar["Runtime | None"] = None

    def __init__(
        self, loop: asyncio.AbstractEventLoop | None = None, clock: Clock | None = None
    ) -> None:
        self.loop = loop if loop is not None else asyncio.get_running_loop()
        self.clock: Clock = clock if clock is not None else LoopClock(self.loop)
        self.dead_letters = DeadLetters()
        self.facts = Facts()
        self.thread = get_ident()
        self.closed = False
        self.turns = 0
        # Handlers that are coroutines and still running.
        self.waiting = 0
        self._ready: deque[Turn] = deque()
        self._awake = False
        self._lock = threading.Lock()
        self._arrived: list[Runnable] = []
        self._calls: list[Callable[[], object]] = []
        self._woken = False
        self._place: Place | None = None
        Runtime._of_loop[self.loop] = Runtime._latest = self

    @classmethod
    def current(cls) -> "Runtime":
        """The runtime of this thread's loop; on a thread without a loop the newest one."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            runtime = cls._latest
        else:
            runtime = cls._latest
            if runtime is None or runtime.loop is not loop:
                runtime = cls._of_loop.get(loop)
        if runtime is None or runtime.closed:
            raise NoRuntimeError
        return runtime

    @property
    def is_idle(self) -> bool:
        """Whether no actor of the loop has a message that it could handle now."""
        return not (self._ready or self._arrived or self._calls)

    @contextlib.contextmanager
    def placing(self, place: Place) -> Iterator[None]:
        """Let the first actor that is started within take the place. On the loop's thread."""
        self._place = place
        try:
            yield
        finally:
            self._place = None

    def take_place(self) -> Place | None:
        """The place for the actor that starts now; the next one has none."""
        if get_ident() != self.thread:
            return None
        place, self._place = self._place, None
        return place

    def make_ready(self, turn: Turn) -> None:
        """Give it a turn soon. On the loop's thread."""
        self._ready.append(turn)
        if not self._awake:
            self._awake = True
            self.loop.call_soon(self._turn)

    def make_ready_first(self, turn: Turn) -> None:
        """Let it go on before all others, since it has not finished. From within its turn."""
        self._ready.appendleft(turn)

    def call(self, callback: Callable[[], object]) -> None:
        """Call on the loop's thread: now if this is it, else soon; not when it is closed."""
        if get_ident() == self.thread:
            callback()
            return
        with self._lock:
            if self.closed:
                return
            self._calls.append(callback)
            wake = self._wake_needed()
        if wake:
            self._wake()

    def post(self, ref: Runnable, message: Any) -> None:
        """Bring a message for the ref from another thread; bounded as its mailbox is."""
        box: Mailbox = ref.actor_inbox
        with self._lock:
            arrivals = box.arrivals
            if arrivals is None:
                arrivals = box.arrivals = Mailbox(box.size, box.policy)
                self._arrived.append(ref)
            lost = arrivals.offer(message)
            wake = self._wake_needed()
        if lost is not NOTHING:
            ref.refuse(lost, FULL)
        if wake:
            self._wake()

    def close(self) -> None:
        """Stop giving turns; what waits from other threads is answered with `ActorDeadError`."""
        self._admit()
        self.closed = True
        self._ready.clear()
        refs: list[Any] = pykka.ActorRegistry.get_all()
        for ref in refs:
            if getattr(ref, "runtime", None) is self:
                ref.kill("the runtime was closed")
        if Runtime._latest is self:
            Runtime._latest = None

    def _wake_needed(self) -> bool:
        """Under the lock: whether the loop must be told that there is something."""
        needed, self._woken = not self._woken, True
        return needed

    def _wake(self) -> None:
        try:
            self.loop.call_soon_threadsafe(self._admit)
        except RuntimeError:
            # The loop is closed: nobody else will answer what waits.
            self.closed = True
            self._admit()

    def _admit(self) -> None:
        """Move what other threads brought into the mailboxes."""
        with self._lock:
            arrived, self._arrived = self._arrived, []
            calls, self._calls = self._calls, []
            boxes = [ref.actor_inbox.arrivals for ref in arrived]
            for ref in arrived:
                ref.actor_inbox.arrivals = None
            self._woken = False
        for callback in calls if not self.closed else ():
            callback()
        for ref, box in zip(arrived, boxes, strict=True):
            ref.admit(box)

    def _turn(self) -> None:
        """Let ready actors handle a batch each, round after round, for one slice of time."""
        self.turns += 1
        ready = self._ready
        started = perf_counter()
        end = started + SLICE
        try:
            while ready:
                turn = ready.popleft()
                turn.run()
                now = perf_counter()
                turn.busy += now - started
                started = now
                if now > end:
                    break
        finally:
            if ready and not self.closed:
                self.loop.call_soon(self._turn)
            else:
                self._awake = False
