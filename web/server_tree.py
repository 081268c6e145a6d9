"""The actors of the server, and how they are put together."""

import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import pykka

from actors.audience import Subscriptions
from actors.broadcaster import Broadcaster
from actors.child import Child
from actors.history import History, HistoryLimits
from actors.loop import tell_all
from actors.loop_lag import LagProbe, Lags
from actors.loop_ref import LoopRef
from actors.monitor import SystemMonitor
from actors.restart import Backoff, Intensity
from actors.supervisor import StartChild, Supervisor
from sim.catalogue import Catalogue
from web.announcement import Announcement
from web.census import Census, Counted
from web.codec import encode_events
from web.config import Settings
from web.front_desk import FrontDesk
from web.front_process import FrontPlan, FrontProcess
from web.fronts import Fronts
from web.history_reader import HistoryReader
from web.keeper import RunKeeper
from web.launcher import StageLauncher
from web.ledger import Ledger
from web.pool import Pool
from web.pruning import Pruner
from web.recovery import Recovery
from web.run_services import RunServices
from web.runs import Runs
from web.services import StageServices
from web.sweep_keeper import STOP_WITHIN, SweepKeeper
from web.sweep_services import SweepServices
from web.sweeper import Sweeper
from web.sweeps import Sweeps

_RESTS = 2.0  # seconds that a worker has beyond its own time to stop


class ServerTree:
    """Starts the actors in their order. Refs stay good when a child is restarted; the stores here
    outlive the actors that keep them."""

    broadcaster: pykka.ActorRef[Any]
    monitor: pykka.ActorRef[Any]
    home: LoopRef[Supervisor]
    keeper: pykka.ActorRef[Any]
    sweep_keeper: pykka.ActorRef[Any]
    connections: LoopRef[Supervisor]
    root: LoopRef[Supervisor]

    def __init__(
        self,
        settings: Settings,
        launcher: StageLauncher,
        fronts: Fronts,
        ledger: Ledger,
        catalogue: Catalogue,
    ) -> None:
        self._settings = settings
        self.fronts = fronts
        self._catalogue = catalogue
        self._launcher = launcher
        limits = settings.history
        self.history = History(
            secrets.token_hex(4),
            HistoryLimits(limits.events, limits.topic_bytes, limits.bytes, limits.topics),
        )
        self._subscriptions = Subscriptions()
        self._lags = Lags()
        self.counted = Counted()
        self.pool = Pool(settings.limits, ledger)
        self.runs = Runs()
        self.sweeps = Sweeps()

    async def start(self) -> LoopRef[Supervisor]:
        """All actors run when this is done."""
        self.root = Supervisor.start(self._children(), name="server")
        await self.root.started()
        return self.root

    def services(self, tree: Callable[[], dict[str, Any]]) -> StageServices:
        """What answers for these actors."""
        data_dir = self._settings.data_dir.absolute()
        runs = RunServices(
            self.runs,
            self.keeper,
            self.home,
            self.broadcaster,
            self.history,
            data_dir,
            self._catalogue,
        )
        self.reader = HistoryReader(self.broadcaster, self._launcher.folder)
        recovery = Recovery(self.runs, self.history, self.reader)
        sweeps = SweepServices(self.sweeps, self.sweep_keeper, data_dir, self._catalogue)
        return StageServices(
            self._settings,
            runs,
            sweeps,
            self._catalogue,
            self.reader,
            self.monitor,
            self.pool,
            tree,
            recovery,
            self.fronts,
        )

    async def add_fronts(self, plan: FrontPlan, desk: Callable[[], FrontDesk]) -> None:
        """The fronts begin; each is restarted for itself."""
        home: pykka.ActorRef[Any] = await self.root.ask(
            StartChild(Child("fronts", partial(self._start_fronts, plan, desk))), block=False
        )
        await cast("LoopRef[Supervisor]", home).started()

    def announce(self, topic: str, data: object) -> None:
        """Tells every connection that is no worker's."""
        listening = [front.ref for front in self.fronts if front.ref and front.is_listening]
        tell_all([*self.viewers(), *listening], Announcement(topic, data))

    def viewers(self) -> list[pykka.ActorRef[Any]]:
        """The connections that are no workers'."""
        return [
            member.connection
            for member in self.pool
            if member.connection is not None and not member.identity.is_worker
        ]

    def _children(self) -> Sequence[Child]:
        settings = self._settings
        patience = settings.workers.stop_timeout + _RESTS
        data_dir = settings.data_dir.absolute()
        return (
            Child("broadcaster", self._start_broadcaster),
            Child("lag", (LagProbe, (self._lags,), {})),
            Child("census", self._start_census),
            Child("monitor", self._start_monitor),
            Child("runs", self._start_home, stop_timeout=patience * settings.workers.runs),
            Child("keeper", self._start_keeper, stop_timeout=patience),
            Child("sweeps", self._start_sweeps, stop_timeout=STOP_WITHIN + _RESTS),
            Child("pruner", (Pruner, (self.runs, data_dir, settings.recording, time.time), {})),
            Child("connections", self._start_connections),
            Child("sweeper", (Sweeper, (self.pool, settings.heartbeat, time.time), {})),
        )

    def _start_broadcaster(self) -> pykka.ActorRef[Any]:
        self.broadcaster = Broadcaster.start(encode_events, self.history, self._subscriptions)
        return self.broadcaster

    def _start_census(self) -> pykka.ActorRef[Any]:
        return Census.start(
            self.counted,
            self.pool,
            self.runs,
            self._subscriptions,
            self.broadcaster,
            self.fronts,
        )

    def _start_monitor(self) -> pykka.ActorRef[Any]:
        self.monitor = SystemMonitor.start(self._lags, self.broadcaster, self.counted)
        return self.monitor

    def _start_home(self) -> pykka.ActorRef[Any]:
        workers = self._settings.workers
        self.home = Supervisor.start(
            intensity=Intensity(workers.restarts, workers.restart_window),
            backoff=Backoff(first=workers.backoff, most=workers.backoff_most),
            escalate=False,
        )
        return self.home

    def _start_keeper(self) -> pykka.ActorRef[Any]:
        self.keeper = RunKeeper.start(
            self.runs,
            self.home,
            self._launcher,
            self._settings.workers,
            self.broadcaster,
            self.announce,
        )
        return self.keeper

    def _start_sweeps(self) -> pykka.ActorRef[Any]:
        self.sweep_keeper = SweepKeeper.start(self.sweeps, self.broadcaster)
        return self.sweep_keeper

    def _start_connections(self) -> pykka.ActorRef[Any]:
        self.connections = Supervisor.start(escalate=False)
        return self.connections

    def _start_fronts(self, plan: FrontPlan, desk: Callable[[], FrontDesk]) -> pykka.ActorRef[Any]:
        workers = self._settings.workers
        return Supervisor.start(
            [
                Child(
                    str(front.slot),
                    (FrontProcess, (front, plan, desk()), {}),
                    stop_timeout=plan.patience + _RESTS,
                )
                for front in self.fronts
            ],
            intensity=Intensity(workers.restarts, workers.restart_window),
            backoff=Backoff(first=workers.backoff, most=workers.backoff_most),
            escalate=False,
        )
