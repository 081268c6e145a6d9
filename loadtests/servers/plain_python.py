"""`for s in sockets: s.send(frame)`: what the language allows."""

import socket
import struct
import sys
import time

from loadtests.drain import allow_descriptors
from loadtests.servers.control import FRAME_BYTES, PAYLOAD, answer, tell

_ANSWER = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


def upgraded(listener: socket.socket) -> socket.socket:
    client, _ = listener.accept()
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        request += client.recv(4096)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.sendall(_ANSWER)
    return client


def main() -> None:
    clients = int(sys.argv[1])
    allow_descriptors(clients + 100)
    frame = struct.pack("!BBH", 0x81, 126, len(PAYLOAD)) + PAYLOAD.encode()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    tell(port=listener.getsockname()[1])
    sockets = [upgraded(listener) for _ in range(clients)]
    sent = 0
    for line in sys.stdin:
        started, cpu = time.monotonic_ns(), time.process_time_ns()
        for _ in range(int(line)):
            for s in sockets:
                s.send(frame)
        sent += int(line) * clients * FRAME_BYTES
        answer(started, cpu, sent)


if __name__ == "__main__":
    main()
