"""Many WebSocket clients in a process of its own that read and forget: the other end of benchmarks.

`python -m loadtests.drain PORT PATH CLIENTS [MESSAGE]` connects, sends each the message, says
`ready`, and then answers each line on its standard input, a number, with `done` when it has
received so many bytes of frames in all.
"""

import os
import resource
import selectors
import socket
import sys
import threading

_REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
_MASK = bytes(4)


def allow_descriptors(wanted: int) -> None:
    """Raises the limit on open files as far as is wanted and allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def connect(port: int, path: str, message: str) -> tuple[socket.socket, int]:
    """An upgraded socket, and how many bytes of frames came with the answer."""
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(_REQUEST.format(path=path, port=port).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += client.recv(4096)
    if message:
        payload = message.encode()
        client.sendall(bytes((0x81, 0x80 | len(payload))) + _MASK + payload)
    return client, len(answer.partition(b"\r\n\r\n")[2])


class Drain:
    """Reads from all sockets and counts."""

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
            if self.received >= self._expected:
                self._expected = sys.maxsize
                print("done", flush=True)


def main() -> None:
    port, path, clients, *message = sys.argv[1:]
    allow_descriptors(int(clients) + 100)
    drain = Drain()
    for _ in range(int(clients)):
        drain.add(*connect(int(port), path, *(message or [""])))
    print("ready", flush=True)
    threading.Thread(target=drain.listen, daemon=True).start()
    drain.run()


if __name__ == "__main__":
    main()
