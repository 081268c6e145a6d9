"""By which names the server may be called: a page of evil.example whose name was made to lead here
(DNS rebinding) says so in its Host header, and gets nothing."""

import ipaddress
import re
import socket
from collections.abc import Sequence
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.web import Application

from web.access import DiscreetRequest

ANY = "*"
_LOCAL = "localhost"
_MISDIRECTED = 421
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::[0-9]{1,5})?")


class Hosts:
    """`bound` is what the server listens at; `listed` are the names of the config.

    IP addresses are good, since no name leads astray there, and so are the machine's own names,
    which nobody elsewhere can make his own.
    """

    def __init__(self, bound: str, listed: Sequence[str], machine: str | None = None) -> None:
        machine = (machine if machine is not None else socket.gethostname()).lower()
        short = machine.partition(".")[0]
        own = (_LOCAL, machine, short, f"{short}.local")
        self._names = {_plain(name) for name in (*own, bound, *listed) if name}
        self._any = ANY in listed

    def know(self, header: str | None) -> bool:
        """Whether a request with this Host header is meant for us; None: it has none, so that it
        is no browser's."""
        if self._any or header is None:
            return True
        found = _HOST.fullmatch(header.strip())
        if found is None:
            return False
        name = _plain(found[1])
        return name in self._names or name.endswith(f".{_LOCAL}") or _is_address(name)


class StrangeHost(DiscreetRequest):
    """Answers a request, an upgrade too, that was not meant for this server."""

    def prepare(self) -> None:
        self.clear_header("Server")
        self.set_status(_MISDIRECTED, "Misdirected Request")
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("Connection", "close")
        self.finish(
            "This server is not known by the name in the Host header. If it should be, add the "
            "name to `server.hosts` in config.yaml.\n"
        )


class GuardedApplication(Application):
    """Looks at the Host header before anything else."""

    def __init__(self, hosts: Hosts, handlers: list[Any], **settings: Any) -> None:
        super().__init__(handlers, **settings)
        self._hosts = hosts

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        """As Tornado's, but for strange names."""
        if self._hosts.know(request.headers.get("Host")):
            return super().find_handler(request, **kwargs)
        return self.get_handler_delegate(request, StrangeHost)


def _plain(name: str) -> str:
    return name.lower().removeprefix("[").removesuffix("]").rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
