"""Answers the queries and carries out the commands of clients and workers."""

import asyncio
import os
import platform
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import pykka
from msgspec import Struct

from actors.event import Event, Position, Subscription
from actors.monitor import ReadMetrics
from sim.catalogue import Catalogue
from web.auth import Identity
from web.config import Settings
from web.errors import UNKNOWN_COMMAND, UNKNOWN_QUERY, Refusal
from web.fronts import Fronts
from web.history_reader import HistoryReader
from web.members import as_listed
from web.messages import instant
from web.pool import Pool
from web.recovery import Recovery
from web.requests import (
    COMMANDS,
    QUERIES,
    AttachWorker,
    CompareRuns,
    ForkRun,
    OfRun,
    OfSweep,
    ReadHistory,
    ReplayRun,
    SeekTick,
    StartRun,
    StartSweep,
    WorkerReply,
    WorkerReport,
)
from web.run_services import RunServices
from web.scenarios import described
from web.stage import Missed
from web.sweep_services import SweepServices
from web.time_services import TimeServices
from web.versions import NAME, own_version

_FRONTS_WITHIN = 2.0  # seconds that fronts have to tell who is connected there


class StageServices:
    """The `Services` of web/stage.py. `tree` gives the picture of all actors."""

    def __init__(
        self,
        settings: Settings,
        runs: RunServices,
        sweeps: SweepServices,
        catalogue: Catalogue,
        history: HistoryReader,
        monitor: pykka.ActorRef[Any],
        pool: Pool,
        tree: Callable[[], dict[str, Any]],
        recovery: Recovery,
        fronts: Fronts,
    ) -> None:
        self.runs = runs
        self._sweeps = sweeps
        self._catalogue = catalogue
        self._scenarios: tuple[dict[str, Any], ...] | None = None
        self._time = TimeServices(runs, settings.data_dir.absolute())
        self._recovery = recovery
        self._fronts = fronts
        self._settings = settings
        self._history = history
        self._monitor = monitor
        self._pool = pool
        self._tree = tree
        self._started_at = time.time()

    async def query(self, name: str, params: Struct, identity: Identity) -> object:
        """The result of a query of web.requests.QUERIES."""
        match name:
            case "server.info":
                return self._info()
            case "runs.list":
                return {"runs": self.runs.listed(identity)}
            case "run.get":
                assert isinstance(params, OfRun)
                return self.runs.described(params.run)
            case "run.diff":
                assert isinstance(params, CompareRuns)
                return await self._time.diff(params, identity)
            case "run.agents" | "agent.get" | "belief.get":
                return await self.runs.ask("query", name, params, identity.user)
            case "system.metrics":
                return await self._monitor.ask(ReadMetrics(), block=False)
            case "actors.tree":
                return self._tree()
            case "history":
                assert isinstance(params, ReadHistory)
                return await self._read(params)
            case "scenarios.list":
                if self._scenarios is None:
                    self._scenarios = await asyncio.to_thread(described, self._catalogue)
                return {"scenarios": self._scenarios}
            case "sweeps.list":
                return {"sweeps": self._sweeps.listed(identity)}
            case "connections.list":
                elsewhere = await self._fronts.members(_FRONTS_WITHIN)
                return {"connections": [*map(as_listed, self._pool), *elsewhere]}
            case _:
                raise Refusal(UNKNOWN_QUERY, query=name, known=sorted(QUERIES))

    async def command(
        self, name: str, params: Struct, identity: Identity, connection: pykka.ActorRef[Any]
    ) -> object:
        """The result of a command, after it took effect."""
        match params:
            case StartRun():
                entry = await self.runs.start(params)
                return {"run": entry.run}
            case ForkRun():
                return {"run": (await self._time.fork(params, identity.user)).run}
            case ReplayRun():
                return {"run": (await self._time.replay(params)).run}
            case SeekTick():
                return await self._time.seek(params, identity.user)
            case StartSweep():
                return await self._sweeps.start(params)
            case OfSweep():
                return await self._sweeps.change(name, params.sweep)
            case AttachWorker():
                return await self.runs.attach(params, identity, connection)
            case WorkerReport():
                self.runs.report(params, identity)
                return {}
            case WorkerReply():
                self.runs.reply(params, connection)
                return {}
            case _ if name.startswith(("run.", "agent.")) and name in COMMANDS:
                return await self.runs.ask("command", name, params, identity.user)
            case _:
                raise Refusal(UNKNOWN_COMMAND, command=name, known=sorted(COMMANDS))

    def missed(
        self, _subscriptions: Sequence[Subscription], since: Mapping[str, Position]
    ) -> Coroutine[Any, Any, Missed] | None:
        """What came after these positions and is no more at hand."""
        return self._recovery.missed(since) if since else None

    def publish(self, identity: Identity, run: str, events: tuple[Event, ...]) -> None:
        """Takes what a worker tells."""
        self.runs.publish(identity, run, events)

    def departed(self, connection: pykka.ActorRef[Any]) -> None:
        """The connection is gone; it may have been a worker's."""
        self.runs.departed(connection)

    def _info(self) -> dict[str, Any]:
        return {
            "name": NAME,
            "version": own_version(),
            "mode": self._settings.mode,
            "started_at": instant(self._started_at),
            "uptime": time.time() - self._started_at,
            "pid": os.getpid(),
            "python": platform.python_version(),
            "viewers": self._pool.viewers + self._fronts.viewers,
        }

    async def _read(self, params: ReadHistory) -> dict[str, Any]:
        tokens = params.topic.split(".")
        run = tokens[1] if tokens[0] == "run" and len(tokens) > 2 else None
        if run is not None and self.runs.known(run).replays is not None:
            run = None  # it has no record
        events = await self._history.read(params.topic, params.from_, params.to, params.limit, run)
        return {"topic": params.topic, "events": events}
