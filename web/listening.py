"""Sockets to listen at."""

import socket
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"
INSIDE = "inside.port"
_PORTS = range(1, 65_536)
_BACKLOG = 1024  # connections that come faster than they are accepted


def listen(host: str, port: int, *, shared: bool = False) -> list[socket.socket]:
    """One socket for each address that the host has, all at the same port; with port 0 a free one.

    `shared`: further processes of this user may listen there too, and the kernel deals connections
    out among them (SO_REUSEPORT). Raises OSError, and leaves no socket open then.
    """
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((info[0], info[4]) for info in found):
            taken = sockets[0].getsockname()[1] if sockets else port
            place = (address[0], taken, *address[2:])
            sockets.append(_listener(family, place, shared))
    except OSError:
        for made in sockets:
            made.close()
        raise
    return sockets


def begin_sharing(host: str, port: int) -> list[socket.socket]:
    """As `listen`, shared, for the first who does; raises OSError where anybody listens already,
    whom sharing would let in unseen."""
    for probe in listen(host, port):
        port = probe.getsockname()[1]
        probe.close()
    return listen(host, port, shared=True)


def listen_inside(folder: Path) -> socket.socket:
    """At a port of the loopback for the workers alone; the same one as last time where it is free,
    since workers may be left who look for it. Raises OSError."""
    note = folder / INSIDE
    try:
        port = int(note.read_text(encoding="ascii"))
        inside = _listener(socket.AF_INET, (LOOPBACK, port if port in _PORTS else 0), shared=False)
    except (OSError, ValueError):
        inside = _listener(socket.AF_INET, (LOOPBACK, 0), shared=False)
    note.write_text(str(inside.getsockname()[1]), encoding="ascii")
    return inside


def _listener(family: int, place: tuple[Any, ...], shared: bool) -> socket.socket:
    listener = socket.create_server(place, family=family, backlog=_BACKLOG, reuse_port=shared)
    listener.setblocking(False)
    return listener
