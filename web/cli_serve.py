"""Runs a server in this process until it is told to end."""

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence

from sim.catalogue import Catalogue
from sim.parameters import build, parse
from sim.scenario_file import is_source, load_source, split_source
from web.config import DEMO, Settings
from web.descriptors import allow_many
from web.own_scenarios import catalogue_of
from web.resumption import Wish
from web.server import Server
from web.versions import own_version

FIRST_RUN = "foragers"
FAILED, KILLED = 1, 137
_COLLECT_AFTER = (50_000, 20, 100)  # objects made, then collections of the younger generation
_ANY_ADDRESS = ("0.0.0.0", "::", "")


def serve(settings: Settings, runs: Sequence[str]) -> int:
    """The exit status. Raises what `Server.start` raises, UnknownScenario, ScenarioFileError and
    ParameterError."""
    catalogue = catalogue_of(settings)
    wishes = [_wish(text, catalogue) for text in runs]
    if not wishes and settings.mode == DEMO:
        wishes = [Wish(FIRST_RUN)]
    logging.basicConfig(
        level=settings.log.level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    allow_many(settings.limits.connections)
    status = asyncio.run(_serve(settings, wishes))
    sys.stdout.flush()
    sys.stderr.flush()
    # A thread that still reads a record would hold the end up; all that matters is done.
    os._exit(status)


async def _serve(settings: Settings, wishes: Sequence[Wish]) -> int:
    server = Server(settings, wishes)
    await server.start()
    told = asyncio.Event()

    def tell() -> None:
        if told.is_set():
            server.kill()
            os._exit(KILLED)
        told.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, tell)
    sys.stdout.write(f"{_ready(settings, server.port)}\n")
    sys.stdout.flush()
    gc.collect()
    gc.freeze()
    # With the default, looking through what all connections hold takes half of each handshake.
    gc.set_threshold(*_COLLECT_AFTER)
    ends = [asyncio.ensure_future(event.wait()) for event in (told, server.failed)]
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    is_orderly = await server.stop()
    return 0 if is_orderly and not server.failed.is_set() else FAILED


def _ready(settings: Settings, port: int) -> str:
    host = "127.0.0.1" if settings.server.host in _ANY_ADDRESS else settings.server.host
    host = f"[{host}]" if ":" in host else host
    return f"Stagewatch {own_version()} is ready at http://{host}:{port} (mode {settings.mode})"


def _wish(text: str, catalogue: Catalogue) -> Wish:
    """`tmaze:agents=10,depth=3`, or with `mine.py:Mine` for the name, as a wish for a run."""
    if is_source(text):
        source, rest = split_source(text)
        scenario = load_source(source)
    else:
        name, _, rest = text.partition(":")
        scenario, source = catalogue(name), catalogue.files.get(name, "")
    params = parse(rest)
    build(scenario, params)
    return Wish(scenario.name, params, source)
