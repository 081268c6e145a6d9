"""Keeps the runs: begins them, brings workers and their runs together, and says when one ends."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pykka

from actors.child import Child
from actors.event import Event
from actors.facts import ChildFailed, ChildGivenUp, ChildRestarted, ChildStarted, ChildStopped
from actors.loop import LoopActor
from actors.loop_ref import LoopRef
from actors.publishing import Demand, ForgetRun, Publish, WatchDemand
from actors.restart import Restart
from actors.supervisor import StartChild, Supervisor, Watch
from web.announcement import RUN_ENDED, RUN_STARTED
from web.errors import CONFLICT, Refusal
from web.run_folder import Mark, discard, note
from web.runs import RunEntry, Runs
from web.sections import WorkerSettings
from web.worker_process import Launcher, PutToRest, WorkerProcess

log = logging.getLogger(__name__)
UNWATCHED = 120.0  # seconds that a replay goes on for nobody
_REMEMBERED = 10  # runs that are over and whose events are kept at hand

Announce = Callable[[str, object], None]


@dataclass(frozen=True, slots=True)
class Begin:
    """Give the run a worker. Answered when it has an actor; with Refusal where there is no room."""

    entry: RunEntry


@dataclass(frozen=True, slots=True)
class Taken:
    """The run has a worker that is connected; `is_new`: for the first time."""

    run: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Departed:
    """A connection is gone, a worker's maybe."""

    connection: pykka.ActorRef[Any]


@dataclass(frozen=True, slots=True)
class RestAll:
    """The server ends: all workers save their runs and end. Answered when they are gone."""


@dataclass(frozen=True, slots=True)
class _LookAtReplays:
    """Time to end those that nobody watches."""


class RunKeeper(LoopActor):
    """The runs' actors are children of `home`, a Supervisor that gives up one alone; what is known
    of them is in `runs`, which outlives this actor."""

    def __init__(
        self,
        runs: Runs,
        home: LoopRef[Supervisor],
        launcher: Launcher,
        settings: WorkerSettings,
        broadcaster: pykka.ActorRef[Any],
        announce: Announce,
    ) -> None:
        super().__init__()
        self._runs = runs
        self._home = home
        self._launcher = launcher
        self._settings = settings
        self._broadcaster = broadcaster
        self._announce = announce
        self._wanted: frozenset[str] = frozenset()
        self._over: list[str] = []

    def on_start(self) -> None:
        self._broadcaster.tell(WatchDemand(self.actor_ref))
        self.every(UNWATCHED / 4, _LookAtReplays())

    def on_receive(self, message: Any) -> Any:
        match message:
            case Begin(entry):
                return self._begin(entry)
            case Taken(run, is_new):
                self._taken(run, is_new)
            case Departed(connection):
                left = self._runs.of_connection(connection)
                if left is not None:
                    left.part()
            case Demand(patterns):
                self._wanted = patterns
                for entry in self._runs.live.values():
                    self._tell_demand(entry)
            case ChildFailed(name, _, reason, retry_in):
                log.warning("%s: %s; again in %.1f s", name, reason, retry_in or 0)
            case ChildRestarted(name):
                self._restarted(name)
            case ChildGivenUp(name, _, reason):
                return self._given_up(name, reason)
            case ChildStopped(name):
                return self._stopped(name)
            case _LookAtReplays():
                self._end_unwatched()
            case RestAll():
                return self._rest_all()
            case ChildStarted():
                pass
            case _:
                return super().on_receive(message)
        return None

    async def _begin(self, entry: RunEntry) -> None:
        if len(self._runs.live) >= self._settings.runs:
            most = self._settings.runs
            raise Refusal(CONFLICT, reason=f"{most} runs are the most at a time", limit=most)
        self._runs.add(entry)
        await self._note(entry, Mark("live"))
        child = Child(
            entry.run,
            (WorkerProcess, (entry, self._launcher, self._settings), {}),
            restart=Restart.TRANSIENT,
            stop_timeout=self._settings.stop_timeout + 2,
        )
        await self._home.ask(StartChild(child), block=False)
        self._home.tell(Watch(entry.run, self.actor_ref))

    def _taken(self, run: str, is_new: bool) -> None:
        entry = self._runs.live.get(run)
        if entry is not None:
            self._tell_demand(entry)
            if is_new:
                self._announce(RUN_STARTED, entry.summary())

    def _tell_demand(self, entry: RunEntry) -> None:
        if entry.line is not None:
            patterns = sorted(p for p in self._wanted if concerns(p, entry.run))
            if patterns != entry.told:
                entry.told = patterns
                entry.line.tell("demand", patterns=patterns)

    def _end_unwatched(self) -> None:
        """Looks are counted, as it is enough to be about right."""
        for entry in self._runs.live.values():
            if entry.replays is None or entry.line is None:
                continue
            is_watched = any(names(pattern, entry.run) for pattern in self._wanted)
            entry.unwatched = 0 if is_watched else entry.unwatched + 1
            if entry.unwatched >= 4:
                params = {"run": entry.run}
                entry.line.tell("command", id="unwatched", name="run.stop", params=params, by="")

    def _restarted(self, run: str) -> None:
        entry = self._runs.live.get(run)
        if entry is not None:
            entry.restarts += 1

    async def _given_up(self, run: str, reason: str) -> None:
        entry = self._runs.live.get(run)
        if entry is None:
            return
        tries = f"{self._settings.restarts} restarts within {self._settings.restart_window:g} s"
        entry.reason = f"given up after {tries}: {entry.reason or reason}"
        await self._close(entry, "failed")

    async def _stopped(self, run: str) -> None:
        """Ended by itself: the run is over. When the server ends, all runs go on another time."""
        entry = self._runs.live.get(run)
        if entry is not None and entry.state in ("finished", "failed"):
            await self._close(entry, entry.state)

    async def _close(self, entry: RunEntry, state: str) -> None:
        is_told = entry.state == state == "finished"
        entry.state, entry.line, entry.report = state, None, None
        self._runs.end(entry.run)
        entry.attached.set()
        if not is_told:
            self._publish_end(entry)
        if entry.replays is not None or not (entry.is_known or entry.is_resumed):
            await asyncio.to_thread(discard, self._launcher.folder(entry.run))
        elif state == "finished":
            await self._note(entry, Mark("finished", entry.tick))
        else:
            await self._note(entry, Mark("failed", entry.tick, entry.reason))
        if entry.replays is not None:
            self._runs.forget(entry.run)
        ended = {"run": entry.run, "state": state, "tick": entry.tick, "reason": entry.reason}
        self._announce(RUN_ENDED, {key: v for key, v in ended.items() if v is not None})
        self._over.append(entry.run)
        while len(self._over) > _REMEMBERED:
            self._broadcaster.tell(ForgetRun(self._over.pop(0)))

    def _publish_end(self, entry: RunEntry) -> None:
        """There is no worker any more that could say it."""
        data = {"state": entry.state, "tick": entry.tick, "hz": entry.speed or 0.0}
        if entry.reason is not None:
            data["reason"] = entry.reason
        topic = f"run.{entry.run}.state"
        event = Event(topic, data, entry.tick, None, entry.epoch, entry.states)
        entry.states += 1
        self._broadcaster.tell(Publish((event,)))

    async def _note(self, entry: RunEntry, mark: Mark) -> None:
        folder: Path = self._launcher.folder(entry.run)
        try:
            await asyncio.get_running_loop().run_in_executor(None, note, folder, mark)
        except OSError:
            log.exception("%s: its state could not be noted", entry.run)

    async def _rest_all(self) -> None:
        places = tuple((self._home.children or {}).values())
        asked = [place.ref.ask(PutToRest(), block=False) for place in places if place.lives]
        for answer in asked:
            try:
                await answer
            except pykka.ActorDeadError:
                log.debug("A worker was gone already")


def names(pattern: str, run: str) -> bool:
    """Whether the pattern is about this very run."""
    return pattern.startswith(f"run.{run}.")


def concerns(pattern: str, run: str) -> bool:
    """Whether the pattern may choose a topic of this run."""
    tokens = pattern.split(".")
    if tokens[0] == ">":
        return True
    if tokens[0] not in ("run", "*") or len(tokens) < 2:
        return False
    return tokens[1] in ("*", ">", run)
