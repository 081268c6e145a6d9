"""The server process: its actors and its ports, put together, started and ended in order."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pykka
from tornado.web import Application

from actors.facts import ChildGivenUp, Fact
from actors.runtime import Runtime
from web.access import keep_requests_secret, log_request
from web.auth import Authenticator
from web.config import Settings
from web.doorway import Doorway
from web.draining import drain
from web.handlers import routes as socket_routes
from web.hosts import GuardedApplication, Hosts
from web.keeper import RestAll
from web.launcher import StageLauncher
from web.limits import RateLimits
from web.listening import listen
from web.pages import Pages, read_pages
from web.process import is_worker
from web.rest import Nothing
from web.rest import routes as page_routes
from web.resumption import Wish, fulfil, resume
from web.run_folder import hold
from web.secret import keys_of, prepare
from web.server_errors import DataFolderTakenError, PortTakenError
from web.server_tree import ServerTree
from web.stage import Stage
from web.tree import whole_tree
from web.versions import NAME, own_version

log = logging.getLogger(__name__)
LOCK = "server.lock"
ROOT = Path(__file__).parent
_BODY = 65_536  # bytes of a request


class Server:
    """`wishes` are runs that are to be there. Raises, from `start`, errors of one line each."""

    def __init__(self, settings: Settings, wishes: Sequence[Wish] = ()) -> None:
        self.settings = settings
        self.failed = asyncio.Event()
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
        try:
            sockets = listen(settings.server.host, settings.server.port)
        except OSError as error:
            os.close(self._lock)
            self._lock = None
            raise PortTakenError(settings.server.host, settings.server.port, error) from None
        self.port = sockets[0].getsockname()[1]
        self._runtime = Runtime()
        self._runtime.facts.listen(self._notice)
        self.launcher = StageLauncher(settings, authenticator, self.port)
        self.tree = ServerTree(settings, self.launcher)
        self._root = await self.tree.start()
        self.services = self.tree.services(lambda: whole_tree(self._root, self.tree.runs))
        pages = await asyncio.to_thread(read_pages, ROOT)
        self._http = Doorway.at(
            self._application(self._stage(authenticator), pages),
            room=settings.server.handshakes,
            within=settings.server.handshake_timeout,
            body=_BODY,
        )
        self._http.add_sockets(sockets)
        self.tree.runs.are_known.clear()
        self._beginning = asyncio.create_task(self._begin())
        self._is_ready = True

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
            os.close(self._lock)
            self._lock = None
        return True

    def kill(self) -> None:
        """Ends the workers at once; their runs go on from the last checkpoint another time."""
        for entry in self.tree.runs:
            if entry.pid is not None and is_worker(entry.pid, entry.run):
                os.kill(entry.pid, signal.SIGKILL)

    async def _end(self) -> None:
        """Viewers are told first; workers keep their connections until they have said all."""
        self._http.stop()
        patience = self.settings.server.shutdown_deadline / 2
        drained = asyncio.create_task(drain(self.tree.viewers, patience))
        with contextlib.suppress(pykka.ActorDeadError):
            await self.tree.keeper.ask(RestAll(), block=False)
        if not await drained:
            log.warning("Some viewers did not take what waited for them within %g s", patience)
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
            rates=RateLimits(self.settings.limits),
            pool=self.tree.pool,
            broadcaster=self.tree.broadcaster,
            services=self.services,
            connections=self.tree.connections,
        )

    def _application(self, stage: Stage, pages: Pages) -> Application:
        handlers: list[Any] = [
            *socket_routes(stage),
            *page_routes(
                pages=pages,
                services=self.services,
                folder=self.launcher.folder,
                is_ready=lambda: self._is_ready,
                exposition=self._exposition,
            ),
        ]
        server = self.settings.server
        return GuardedApplication(
            Hosts(server.host, server.hosts),
            handlers,
            stage=stage,
            default_handler_class=Nothing,
            log_function=log_request,
        )

    def _exposition(self) -> bytes:
        """On a thread. The library is imported with the first call."""
        if self._metrics is None:
            made: Callable[[], bytes] = import_module("web.metrics").Exposition(self.tree.counted)
            self._metrics = made
        return self._metrics()

    def _notice(self, fact: Fact) -> None:
        if isinstance(fact, ChildGivenUp) and fact.path == "/server":
            log.critical("The server cannot go on: %s", fact.reason)
            self.failed.set()
