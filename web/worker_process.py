"""The actor that has a run's worker process: starts it, takes it over, and knows when it hangs."""

import asyncio
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pykka

from actors.loop import LoopActor
from web.errors import CONFLICT, Refusal
from web.launch import FINISHED, REFUSED, Launch, Onward
from web.process import Process, is_worker, start, words_for
from web.requests import AttachWorker
from web.run_folder import is_held, last_words
from web.runs import RunEntry, WorkerLine
from web.sections import WorkerSettings

log = logging.getLogger(__name__)
LOOK_EVERY = 0.5  # seconds
_START_PATIENCE = 4  # times the time to hang: what a worker may take to begin


class WorkerEndedError(Exception):
    """The worker process is gone though its run is not over; `reason` says what is known."""

    def __init__(self, run: str, reason: str) -> None:
        super().__init__(reason)
        self.run = run
        self.reason = reason


class Launcher(Protocol):
    """Knows what a worker must be told."""

    def launch(self, entry: RunEntry, onward: Onward) -> Launch: ...

    def token(self, run: str) -> str: ...

    def folder(self, run: str) -> Path: ...

    @property
    def renew_every(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Attached:
    """A worker says that it has the run. Answered when it is taken, with Refusal when not."""

    told: AttachWorker
    connection: pykka.ActorRef[Any]


@dataclass(frozen=True, slots=True)
class PutToRest:
    """The server ends: let the worker save its run and end. Answered when it is gone."""


@dataclass(frozen=True, slots=True)
class _Look:
    """Time to see how the worker is."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """The process is gone."""

    process: Process


class WorkerProcess(LoopActor):
    """One incarnation has one process. It fails when the process does, and leaves the restart to
    its supervisor. A run that another process already has is taken over when that one attaches."""

    def __init__(self, entry: RunEntry, launcher: Launcher, settings: WorkerSettings) -> None:
        super().__init__()
        self._entry = entry
        self._launcher = launcher
        self._settings = settings
        self._process: Process | None = None
        self._signs = -1
        self._silence = 0.0
        self._hung: str | None = None
        self._rests = False
        self._is_taken = False
        self._token_age = 0.0

    async def on_start(self) -> None:  # type: ignore[override]  # the mailbox waits for it
        self.every(LOOK_EVERY, _Look())
        self._entry.pid = None
        await self._begin()

    async def on_stop(self) -> None:  # type: ignore[override]  # the mailbox waits for it
        await self._end()

    def on_failure(self, *_: object) -> None:
        self._entry.part()
        self._signal(signal.SIGKILL)

    def on_receive(self, message: Any) -> Any:
        match message:
            case _Look():
                return self._look()
            case Attached(told, connection):
                self._attach(told, connection)
            case _Ended(process):
                if process is self._process:
                    self._ended(process)
            case PutToRest():
                return self._end()
            case _:
                return super().on_receive(message)
        return None

    async def _begin(self) -> None:
        """Starts a worker, unless one that outlived an earlier server has the run."""
        entry, loop = self._entry, asyncio.get_running_loop()
        if await loop.run_in_executor(None, is_held, self._launcher.folder(entry.run)):
            return
        entry.begin_again()
        onward = Onward(
            entry.launches > 0, entry.states, entry.is_paused, entry.speed, entry.until, entry.tick
        )
        launch = self._launcher.launch(entry, onward)
        entry.launches += 1
        child = await loop.run_in_executor(None, start, launch)
        self._watch(child.pid, partial(Process, child.pid, child))
        log.info("%s has the worker %d", entry.run, child.pid)

    def _watch(self, pid: int, make: Callable[[Callable[[Process], object]], Process]) -> None:
        self._process = make(lambda process: self.actor_ref.tell(_Ended(process)))
        self._entry.pid = pid
        self._silence = 0.0

    def _attach(self, told: AttachWorker, connection: pykka.ActorRef[Any]) -> None:
        entry = self._entry
        if self._rests:
            raise Refusal(CONFLICT, reason="the server ends")
        if entry.line is not None and entry.line.connection.is_alive():
            raise Refusal(CONFLICT, reason=f"the run {entry.run} has a worker already")
        if self._process is None:
            self._adopt(told.pid)
        elif self._process.pid != told.pid:
            raise Refusal(CONFLICT, reason=f"the run {entry.run} has another worker")
        entry.part()
        entry.take(told, WorkerLine(entry.run, connection))
        self._token_age = 0.0
        self._is_taken = True

    def _adopt(self, pid: int) -> None:
        entry = self._entry
        unknown = f"there is no worker of {entry.run} with the number {pid} here"
        if not is_worker(pid, entry.run):
            raise Refusal(CONFLICT, reason=unknown)
        try:
            self._watch(pid, partial(Process, pid, None))
        except ProcessLookupError:
            raise Refusal(CONFLICT, reason=unknown) from None
        log.info("%s is back with the worker %d", entry.run, pid)

    async def _look(self) -> None:
        entry = self._entry
        if self._rests:
            return
        if self._process is None:
            await self._begin()
            return
        self._renew_token()
        self._count_silence()
        limit = self._settings.hang_timeout
        if not self._is_taken:
            limit *= _START_PATIENCE
        if self._silence > limit and self._hung is None:
            self._hung = f"the worker gave no sign of life for {limit:g} s"
            log.error("%s: %s", entry.run, self._hung)
            self._signal(signal.SIGKILL)

    def _count_silence(self) -> None:
        """Looks are counted, not seconds: if this process was halted, nobody is to blame."""
        entry = self._entry
        alive = entry.report is None or entry.report.alive < self._settings.hang_timeout
        if entry.signs != self._signs and alive:
            self._silence = 0.0
        else:
            self._silence += LOOK_EVERY
        self._signs = entry.signs

    def _renew_token(self) -> None:
        self._token_age += LOOK_EVERY
        line = self._entry.line
        if line is not None and self._token_age >= self._launcher.renew_every:
            self._token_age = 0.0
            line.tell("token", token=self._launcher.token(self._entry.run))

    def _ended(self, process: Process) -> None:
        """Stops where the run is over, fails where it is not."""
        entry, code = self._entry, process.code
        entry.part()
        if code == FINISHED or entry.state == "finished":
            entry.state = "finished"
            self.stop()
            return
        said = last_words(self._launcher.folder(entry.run))
        reason = self._hung or words_for(code)
        if code == REFUSED:
            entry.state, entry.reason = "failed", said or reason
            self.stop()
            return
        if entry.state == "failed" and entry.reason is not None:
            reason = entry.reason
        elif code is not None and code > 0 and said and self._hung is None:
            reason = f"{reason}: {said}"
        entry.state, entry.reason = "starting", reason
        raise WorkerEndedError(entry.run, reason)

    async def _end(self) -> None:
        """Lets the worker end in order, and ends it by force when its time is over."""
        self._rests = True
        process = self._process
        if process is None:
            return
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(self._settings.stop_timeout):
                await process.gone.wait()
        except TimeoutError:
            log.warning("%s: its worker did not end in time, and is killed", self._entry.run)
            self._signal(signal.SIGKILL)
            await process.gone.wait()
        self._process = None
        self._entry.part()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.signal(number)
