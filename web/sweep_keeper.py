"""Keeps the sweeps: each in a process of its own, whose every line becomes an event."""

import asyncio
import contextlib
import json
import logging
import signal
import sys
from dataclasses import dataclass
from typing import Any

import msgspec
import pykka

from actors.event import Event
from actors.loop import LoopActor
from actors.publishing import Publish
from web.errors import CONFLICT, Refusal
from web.process import environment
from web.sweeping import DONE
from web.sweeps import SweepEntry, Sweeps

log = logging.getLogger(__name__)
AT_ONCE = 1
STOP_WITHIN = 5.0  # seconds
TOLD_EVERY = 0.1  # seconds between two events of a sweep
_LONGEST_LINE = 2**20
_LAST_BYTES = 2**14  # of what its process says that is wrong


@dataclass(frozen=True, slots=True)
class StartSweep:
    """Give the sweep a process. Answered when it has one; with Refusal where there is no room."""

    entry: SweepEntry


@dataclass(frozen=True, slots=True)
class StopSweep:
    """End the sweep's process; what it made stays. Answered when it is gone."""

    entry: SweepEntry


@dataclass(frozen=True, slots=True)
class _Said:
    """A line of a sweep's process."""

    entry: SweepEntry
    words: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Ended:
    """A sweep's process is gone."""

    entry: SweepEntry
    code: int
    error: str


@dataclass(frozen=True, slots=True)
class _Tell:
    """Time to tell how far a sweep is."""

    entry: SweepEntry


class SweepKeeper(LoopActor):
    """`sweeps` outlives this actor; processes do not."""

    def __init__(self, sweeps: Sweeps, broadcaster: pykka.ActorRef[Any]) -> None:
        super().__init__()
        self._sweeps = sweeps
        self._broadcaster = broadcaster
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._following: dict[str, asyncio.Task[None]] = {}
        self._due: set[str] = set()

    def on_start(self) -> None:
        for entry in self._sweeps:
            if entry.state == "running":
                entry.state = "stopped"

    async def on_stop(self) -> None:  # type: ignore[override]  # the mailbox waits for it
        for name in tuple(self._processes):
            await self._kill(name)

    def on_failure(self, *_: object) -> None:
        for process in self._processes.values():
            _signal(process, signal.SIGKILL)

    def on_receive(self, message: Any) -> Any:
        match message:
            case StartSweep(entry):
                return self._start(entry)
            case StopSweep(entry):
                return self._stop_sweep(entry)
            case _Said(entry, words):
                entry.hear(words)
                self._tell_soon(entry)
            case _Tell(entry):
                self._due.discard(entry.sweep)
                self._tell(entry)
            case _Ended(entry, code, error):
                self._ended(entry, code, error)
            case _:
                return super().on_receive(message)
        return None

    async def _start(self, entry: SweepEntry) -> None:
        if entry.sweep in self._processes:
            raise Refusal(CONFLICT, reason=f"the sweep {entry.sweep} goes on already")
        if len(self._processes) >= AT_ONCE:
            reason = f"{AT_ONCE} sweep is the most at a time; stop it, or wait for its end"
            raise Refusal(CONFLICT, reason=reason, limit=AT_ONCE)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "web.sweeping"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment(),
            limit=_LONGEST_LINE,
        )
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(entry.order) + b"\n")
        entry.state, entry.reason, entry.tables = "running", None, []
        self._sweeps.add(entry)
        self._processes[entry.sweep] = process
        self._following[entry.sweep] = asyncio.get_running_loop().create_task(
            self._follow(entry, process)
        )
        self._tell(entry)

    async def _follow(self, entry: SweepEntry, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        errors = asyncio.get_running_loop().create_task(_end_of(process.stderr))
        try:
            async for line in process.stdout:
                self.actor_ref.tell(_Said(entry, json.loads(line)))
        except ValueError:
            _signal(process, signal.SIGTERM)
        code = await process.wait()
        lines = (await errors).decode(errors="replace").strip().splitlines()
        self.actor_ref.tell(_Ended(entry, code, lines[-1] if lines else ""))

    async def _stop_sweep(self, entry: SweepEntry) -> None:
        if entry.sweep not in self._processes:
            raise Refusal(CONFLICT, reason=f"the sweep {entry.sweep} does not go on")
        entry.state = "stopped"
        await self._kill(entry.sweep)
        self._tell(entry)

    async def _kill(self, sweep: str) -> None:
        """What it made is on disk, file by file."""
        process = self._processes.pop(sweep)
        following = self._following.pop(sweep)
        _signal(process, signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await process.wait()
        except TimeoutError:
            _signal(process, signal.SIGKILL)
            await process.wait()
        following.cancel()

    def _ended(self, entry: SweepEntry, code: int, error: str) -> None:
        if self._processes.pop(entry.sweep, None) is None:
            return
        del self._following[entry.sweep]
        entry.state = "finished" if code == DONE else "failed"
        if code != DONE and entry.reason is None:
            entry.reason = error or f"its process ended with {code}"
            log.error("The sweep %s failed: %s", entry.sweep, entry.reason)
        self._tell(entry)

    def _tell_soon(self, entry: SweepEntry) -> None:
        """Many runs may end at once."""
        if entry.sweep not in self._due:
            self._due.add(entry.sweep)
            self.after(TOLD_EVERY, _Tell(entry))

    def _tell(self, entry: SweepEntry) -> None:
        topic = f"sweep.{entry.sweep}.progress"
        self._broadcaster.tell(Publish((Event(topic, entry.summary()),)))


async def _end_of(stream: asyncio.StreamReader) -> bytes:
    """The last of what a process says, however much it says."""
    last = b""
    while part := await stream.read(_LAST_BYTES):
        last = (last + part)[-_LAST_BYTES:]
    return last


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
