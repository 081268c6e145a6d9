"""Those who are measured at a fan-out: each a server process, and a process full of clients."""

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from loadtests.compiled import compiled
from loadtests.cores import on_server_core
from loadtests.receivers import Receivers
from loadtests.servers.control import FRAME_BYTES
from loadtests.talk import Talk

SERVERS = Path(__file__).parent / "servers"
SUBSCRIBE = json.dumps({"type": "subscribe", "events": ["run.bench.>"]})
PATIENCE = 60.0  # seconds


class NotHereError(Exception):
    """A contender that this machine has not; the text is the cause."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a contender is started: its command for so many clients, with a folder to build in."""

    name: str
    command: Callable[[int, Path], list[str]]
    path: str = "/"
    message: str = ""
    headers: str = ""


def module(
    name: str, package: str | None = None, words: Sequence[str] = ()
) -> Callable[[int, Path], list[str]]:
    """The command of a module in loadtests.servers, which needs the package."""

    def command(clients: int, _folder: Path) -> list[str]:
        if package is not None and find_spec(package) is None:
            raise NotHereError(f"{package} is not installed")
        return [sys.executable, "-m", f"loadtests.servers.{name}", str(clients), *words]

    return command


def _limit(clients: int, folder: Path) -> list[str]:
    return [str(compiled(SERVERS / "limit.c", folder)), str(clients), str(FRAME_BYTES)]


LIMIT, OURS = "C, send() alone", "Stagewatch"
KINDS = (
    Kind(LIMIT, _limit),
    Kind("pure Python, s.send(frame)", module("plain_python")),
    Kind(OURS, module("stage"), "/ws/demo", SUBSCRIBE),
    Kind("uWebSockets (socketify publish)", module("socketify_publish", "socketify")),
    Kind("picows", module("picows_send", "picows")),
    Kind("websockets broadcast", module("websockets_broadcast", "websockets")),
    Kind("Tornado write_message", module("bare_tornado")),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement: deliveries per second, and the server's share of its core meanwhile."""

    rate: float
    busy: float


class Contender:
    """A server with all its clients connected; raises NotHereError and NotCompiledError."""

    def __init__(self, kind: Kind, clients: int, folder: Path) -> None:
        self._clients = clients
        with ExitStack() as undo:
            self._server = Talk(on_server_core(kind.command(clients, folder)))
            undo.callback(self._server.end)
            port = self._server.facts(PATIENCE)["port"]
            self._receivers = Receivers(clients, port, kind.path, kind.message, kind.headers)
            undo.pop_all()
        self._pause()

    def measure(self, rounds: int) -> Sample:
        """So many events to all clients, until the last byte has arrived at the last of them.

        Only meanwhile its processes run, since some peers are busy while they have nothing to do.
        """
        self._resume()
        self._server.say(str(rounds))
        sent = self._server.facts(PATIENCE)
        arrived = self._receivers.have(sent["bytes"])
        self._pause()
        seconds = (arrived - sent["started"]) / 1e9
        busy = sent["cpu"] / max(1, sent["ended"] - sent["started"])
        return Sample(rounds * self._clients / seconds, busy)

    def end(self) -> None:
        self._resume()
        self._receivers.end()
        self._server.end()

    def _pause(self) -> None:
        self._server.pause()
        self._receivers.pause()

    def _resume(self) -> None:
        self._server.resume()
        self._receivers.resume()
