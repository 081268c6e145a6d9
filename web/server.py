"""The server process: its actors and its ports, put together, started and ended in order."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path

import pykka

from actors.facts import ChildGivenUp, Fact
from actors.runtime import Runtime
from web.access import keep_requests_secret
from web.auth import Authenticator
from web.config import Settings, as_flags
from web.doorway import Doorway
from web.draining import drain
from web.endpoints import application
from web.front_desk import FrontDesk
from web.front_launch import MODULE, FrontLaunch
from web.front_process import FrontPlan
from web.fronts import Fronts
from web.keeper import RestAll
from web.launcher import StageLauncher
from web.ledger import Ledger, LocalLedger, SharedLedger
from web.limits import RateLimits
from web.listening import begin_sharing, listen, listen_inside
from web.own_scenarios import catalogue_of
from web.pages import read_pages
from web.process import is_running, is_worker
from web.resumption import Wish, fulfil, resume
from web.run_folder import hold
from web.secret import keys_of, prepare
from web.server_errors import DataFolderTakenError, PortTakenError
from web.server_tree import ServerTree
from web.stage import Stage
from web.sweeps import found
from web.tree import whole_tree
from web.versions import NAME, own_version
from web.worker_process import PutToRest

log = logging.getLogger(__name__)
LOCK = "server.lock"
ROOT = Path(__file__).parent
_FRONTS_WITHIN = 10.0  # seconds that the start waits for the fronts
_FRONT_SHARE = 0.75  # of the deadline, for their viewers; then they are ended


class Server:
    """`wishes` are runs that are to be there. Raises, from `start`, errors of one line each."""

    def __init__(self, settings: Settings, wishes: Sequence[Wish] = ()) -> None:
        self.settings = settings
        self.failed = asyncio.Event()
        self.fronts = Fronts(settings.server.processes or len(os.sched_getaffinity(0)))
        self._ledger: Ledger = LocalLedger()
        self.port = 0
        self._wishes = wishes
        self._is_ready = False
        self._metrics: Callable[[], bytes] | None = None
        self._lock: int | None = None
        self._beginning: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listens when this is done; the runs begin afterwards."""
        settings = self.settings
        keep_requests_secret()
        prepare(settings.data_dir)
        authenticator = Authenticator(keys_of(settings))
        self._lock = hold(settings.data_dir, LOCK)
        if self._lock is None:
            raise DataFolderTakenError(settings.data_dir)
        self._open()
        self._runtime = Runtime()
        self._runtime.facts.listen(self._notice)
        self.launcher = StageLauncher(settings, authenticator, *self._inside)
        sources = [wish.source for wish in self._wishes if wish.source]
        catalogue = catalogue_of(settings, sources)
        self.tree = ServerTree(settings, self.launcher, self.fronts, self._ledger, catalogue)
        for entry in await asyncio.to_thread(found, settings.data_dir):
            self.tree.sweeps.add(entry)
        self._root = await self.tree.start()
        self.services = self.tree.services(lambda: whole_tree(self._root, self.tree.runs))
        pages = await asyncio.to_thread(read_pages, ROOT)
        stage = self._stage(authenticator)
        app = application(stage, pages, lambda: self._is_ready, self._exposition)
        self._http = Doorway.of(app, settings.server, self.fronts.processes)
        self._http.add_sockets(self._sockets)
        self.tree.runs.are_known.clear()
        self._beginning = asyncio.create_task(self._begin())
        if isinstance(self._ledger, SharedLedger):
            await self._begin_fronts(self._ledger)
        self._is_ready = True

    def _open(self) -> None:
        """The sockets, and what all processes share."""
        settings = self.settings
        host, port = settings.server.host, settings.server.port
        is_shared = self.fronts.processes > 1
        try:
            self._sockets = begin_sharing(host, port) if is_shared else listen(host, port)
        except OSError as error:
            self._let_go()
            raise PortTakenError(host, port, error) from None
        self.port = self._sockets[0].getsockname()[1]
        self._inside = host, self.port
        if is_shared:
            # The port leads to any process, and workers want this one.
            inside = listen_inside(settings.data_dir)
            self._sockets.append(inside)
            self._inside = inside.getsockname()[:2]
            self._ledger = SharedLedger.create(self.fronts.processes, settings.limits.connections)

    async def _begin_fronts(self, ledger: SharedLedger) -> None:
        settings = self.settings
        changes = as_flags(settings)
        processes, port = self.fronts.processes, self.port

        def launch(slot: int, line: int) -> FrontLaunch:
            return FrontLaunch(slot, processes, port, line, ledger.descriptor, changes)

        plan = FrontPlan(
            launch,
            self.tree.broadcaster,
            ledger,
            patience=settings.server.shutdown_deadline * _FRONT_SHARE,
            hang_timeout=settings.workers.hang_timeout,
        )
        timeout = settings.limits.request_timeout
        desk = partial(FrontDesk, self.services, self.tree.history, self._exposition, timeout)
        await self.tree.add_fronts(plan, desk)
        await self.fronts.settled(_FRONTS_WITHIN)

    async def begun(self) -> None:
        """Returns when the runs of the past are known, and those that are to be there begin."""
        if self._beginning is not None:
            await asyncio.shield(self._beginning)

    async def stop(self) -> bool:
        """Ends everything in order; False where that could not be done within the deadline."""
        if self._lock is None:
            return True
        self._is_ready = False
        if self._beginning is not None:
            self._beginning.cancel()
        try:
            async with asyncio.timeout(self.settings.server.shutdown_deadline):
                await self._end()
        except TimeoutError:
            log.error("Not everything ended within the deadline")  # noqa: TRY400
            self.kill()
            return False
        finally:
            self._runtime.close()
            self._let_go()
        return True

    def kill(self) -> None:
        """Ends the other processes at once; runs go on from the last checkpoint another time."""
        for front in self.fronts:
            if front.pid is not None and is_running(MODULE, front.pid, str(front.slot)):
                os.kill(front.pid, signal.SIGKILL)
        for entry in self.tree.runs:
            if entry.pid is not None and is_worker(entry.pid, entry.run):
                os.kill(entry.pid, signal.SIGKILL)

    def _let_go(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def _end(self) -> None:
        """Viewers are told first; workers keep their connections until they have said all."""
        self._http.stop()
        patience = self.settings.server.shutdown_deadline / 2
        processes = self.fronts.processes
        drained = asyncio.create_task(drain(self.tree.viewers, patience, processes))
        resting = [f.ref.ask(PutToRest(), block=False) for f in self.fronts if f.ref is not None]
        with contextlib.suppress(pykka.ActorDeadError):
            await self.tree.keeper.ask(RestAll(), block=False)
        if not await drained:
            log.warning("Some viewers did not take what waited for them within %g s", patience)
        for answer in resting:
            with contextlib.suppress(pykka.ActorDeadError):
                await answer
        self._root.stop(block=False)
        await self._root.ended()
        self.tree.reader.close()
        await self._http.close_all_connections()

    async def _begin(self) -> None:
        tree, settings = self.tree, self.settings
        try:
            await resume(settings.data_dir, tree.runs, tree.keeper, settings.workers.runs)
        finally:
            tree.runs.are_known.set()
        await fulfil(self._wishes, tree.runs, self.services.runs)

    def _stage(self, authenticator: Authenticator) -> Stage:
        return Stage(
            name=NAME,
            version=own_version(),
            settings=self.settings,
            authenticator=authenticator,
            rates=RateLimits(self.settings.limits, self._ledger),
            pool=self.tree.pool,
            broadcaster=self.tree.broadcaster,
            services=self.services,
            connections=self.tree.connections,
            processes=self.fronts.processes,
        )

    async def _exposition(self) -> bytes:
        """The library is imported with the first call, which takes a moment."""
        return await asyncio.to_thread(self._exposed)

    def _exposed(self) -> bytes:
        if self._metrics is None:
            made: Callable[[], bytes] = import_module("web.metrics").Exposition(self.tree.counted)
            self._metrics = made
        return self._metrics()

    def _notice(self, fact: Fact) -> None:
        if isinstance(fact, ChildGivenUp) and fact.path == "/server":
            log.critical("The server cannot go on: %s", fact.reason)
            self.failed.set()
        elif isinstance(fact, ChildGivenUp) and fact.path.startswith("/server/fronts/"):
            log.critical("%s is given up, the others go on: %s", fact.path, fact.reason)
