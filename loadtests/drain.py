"""Many WebSocket clients in a process of its own that read and forget: the other end of benchmarks.

`python -m loadtests.drain PORT PATH CLIENTS [MESSAGE [HEADERS]]` connects, sends each the message,
says `ready`, and then answers each line on its standard input, a number, with `done` and the
monotonic clock's nanoseconds when it has received so many bytes of frames in all.
"""

import os
import resource
import selectors
import socket
import sys
import threading
import time

_REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
)
_MASK = bytes(4)


def allow_descriptors(wanted: int) -> None:
    """Raises the limit on open files as far as is wanted and allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def connect(port: int, path: str, headers: str = "") -> tuple[socket.socket, bytes]:
    """An upgraded socket, and the bytes of frames that came with the answer."""
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(_REQUEST.format(path=path, port=port, headers=headers).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += client.recv(4096)
    return client, answer.partition(b"\r\n\r\n")[2]


def say(client: socket.socket, message: str) -> None:
    """Sends a text message, masked with zeros, of at most 125 bytes."""
    payload = message.encode()
    client.sendall(bytes((0x81, 0x80 | len(payload))) + _MASK + payload)


class Drain:
    """Reads from all sockets and counts.

    It is never the limit: the later it comes to a socket, the more it finds there.
    """

    def __init__(self) -> None:
        self._selector = selectors.EpollSelector()
        self._expected = sys.maxsize
        self.received = 0

    def add(self, client: socket.socket, received: int) -> None:
        client.setblocking(False)
        self._selector.register(client, selectors.EVENT_READ)
        self.received += received

    def listen(self) -> None:
        """Takes the numbers on standard input, in a thread of its own."""
        for line in sys.stdin:
            self._expected = int(line)
        os._exit(0)

    def run(self) -> None:
        """For ever; says `done` whenever the expected number is reached."""
        buffer = bytearray(1 << 18)
        while True:
            for key, _ in self._selector.select(0.02):
                assert isinstance(key.fileobj, socket.socket)
                self.received += key.fileobj.recv_into(buffer)
            arrived = time.monotonic_ns()
            if self.received >= self._expected:
                self._expected = sys.maxsize
                print("done", arrived, flush=True)


def main() -> None:
    port, path, clients, message, headers, *_ = [*sys.argv[1:], "", ""]
    allow_descriptors(int(clients) + 100)
    drain = Drain()
    for _ in range(int(clients)):
        client, early = connect(int(port), path, headers)
        if message:
            say(client, message)
        drain.add(client, len(early))
    print("ready", flush=True)
    threading.Thread(target=drain.listen, daemon=True).start()
    drain.run()


if __name__ == "__main__":
    main()
