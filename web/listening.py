"""Sockets to listen at."""

import socket

_BACKLOG = 1024  # connections that come faster than they are accepted


def listen(host: str, port: int) -> list[socket.socket]:
    """One socket for each address that the host has, all at the same port; with port 0 a free one.

    Raises OSError, and leaves no socket open then.
    """
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((info[0], info[4]) for info in found):
            taken = sockets[0].getsockname()[1] if sockets else port
            place = (address[0], taken, *address[2:])
            sockets.append(socket.create_server(place, family=family, backlog=_BACKLOG))
            sockets[-1].setblocking(False)
    except OSError:
        for made in sockets:
            made.close()
        raise
    return sockets
