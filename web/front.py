"""The main program of a front: one more process that serves the port, for viewers only."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from actors.loop_ref import LoopRef
from actors.runtime import Runtime
from actors.supervisor import Supervisor
from web.access import keep_requests_secret
from web.auth import Authenticator
from web.config import Settings, load
from web.descriptors import allow_many
from web.doorway import Doorway
from web.draining import drain
from web.endpoints import application
from web.front_launch import FrontLaunch, unpacked
from web.front_line import FrontLine, Listening
from web.front_services import FrontServices
from web.front_tree import FrontTree
from web.ledger import SharedLedger
from web.limits import RateLimits
from web.listening import listen
from web.pages import read_pages
from web.secret import keys_of
from web.stage import Stage
from web.versions import NAME, own_version

log = logging.getLogger(__name__)
ENDED, FAILED, REFUSED = 0, 1, 2
ROOT = Path(__file__).parent


class FrontServer:
    """Lives until it is told to end, or until the first process is gone."""

    def __init__(self, launch: FrontLaunch, settings: Settings) -> None:
        self._launch = launch
        self._settings = settings
        self._is_ready = False

    async def live(self) -> int:
        """The exit code."""
        runtime = Runtime()
        line = await FrontLine.over(socket.socket(fileno=self._launch.line))
        ledger = SharedLedger(self._launch.ledger, self._launch.slot)
        self._tree = FrontTree(self._settings, line, ledger)
        root = await self._tree.start()
        hearing = asyncio.create_task(self._tree.link.live(self._tree.broadcaster))
        told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, _once_then_at_once(told))
        await self._listen(ledger)
        line.send(Listening())
        gc.collect()
        gc.freeze()
        ending = asyncio.create_task(told.wait())
        await asyncio.wait((hearing, ending), return_when=asyncio.FIRST_COMPLETED)
        if hearing.done():
            # Whoever comes next must find the port free.
            log.error("The first process is gone", exc_info=hearing.exception())
            os._exit(FAILED)
        is_orderly = await self._end(root)
        hearing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await hearing
        line.close()
        runtime.close()
        return ENDED if is_orderly else FAILED

    async def _listen(self, ledger: SharedLedger) -> None:
        settings = self._settings
        services = FrontServices(self._tree.link, self._tree.history)
        stage = Stage(
            name=NAME,
            version=own_version(),
            settings=settings,
            authenticator=Authenticator(keys_of(settings)),
            rates=RateLimits(settings.limits, ledger),
            pool=self._tree.pool,
            broadcaster=self._tree.broadcaster,
            services=services,
            connections=self._tree.connections,
            processes=self._launch.processes,
        )
        pages = await asyncio.to_thread(read_pages, ROOT)
        app = application(stage, pages, lambda: self._is_ready, services.exposition)
        self._http = Doorway.of(app, settings.server, self._launch.processes)
        server = settings.server
        self._http.add_sockets(listen(server.host, self._launch.port, shared=True))
        self._is_ready = True

    async def _end(self, root: LoopRef[Supervisor]) -> bool:
        self._is_ready = False
        self._http.stop()
        deadline = self._settings.server.shutdown_deadline
        try:
            async with asyncio.timeout(deadline):
                await drain(self._tree.viewers, deadline / 2, self._launch.processes)
                root.stop(block=False)
                await root.ended()
                await self._http.close_all_connections()
        except TimeoutError:
            log.error("Not everything ended within the deadline")  # noqa: TRY400
            return False
        return True


def _once_then_at_once(told: asyncio.Event) -> Callable[[], None]:
    def tell() -> None:
        if told.is_set():
            os._exit(FAILED)
        told.set()

    return tell


def main() -> int:
    """Reads the launch from standard input."""
    try:
        launch = unpacked(sys.stdin.buffer.read())
    except msgspec.DecodeError as error:
        sys.stderr.write(f"There is no launch on the standard input: {error}\n")
        return REFUSED
    settings = load(flags=launch.settings)
    own = f"%(asctime)s %(levelname)s front {launch.slot} %(name)s: %(message)s"
    logging.basicConfig(level=settings.log.level.upper(), format=own)
    keep_requests_secret()
    allow_many(settings.limits.connections)
    return asyncio.run(_live(launch, settings))


async def _live(launch: FrontLaunch, settings: Settings) -> int:
    code = await FrontServer(launch, settings).live()
    # A thread that still reads a record would hold the end up; all that matters is done.
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
