"""Clients in a process of their own that connect, and then only answer pings.

`python -m loadtests.idlers PORT CLIENTS SECRET [HEADERS]` makes a token for each, tells `{}`, and
then answers the lines on its standard input, each with a line of JSON: `connect` when all are
greeted, `ask` when each has sent a message and has the answer, `report`.
"""

import json
import os
import selectors
import socket
import sys
import time
import zlib

import jwt

from loadtests.drain import allow_descriptors

AT_ONCE = 100  # handshakes under way
_REQUEST = (
    "GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {token}\r\n{headers}\r\n"
)
_QUESTION = b'{"type":"ping","data":"of some length, so that it is worth while to compress it"}'
_GREETED, _ANSWERED = b'"connection_established"', b'"pong"'
_PING, _PONG, _TEXT, _FINAL, _COMPRESSED, _MASKED = 0x9, 0xA, 0x1, 0x80, 0x40, 0x80
_MASK = bytes(4)


def tokens(count: int, secret: str) -> list[str]:
    """One for each client, of users of their own."""
    now = int(time.time())
    claims = {"aud": "stagewatch", "iss": "stagewatch", "iat": now, "exp": now + 3600}
    return [
        jwt.encode({"sub": f"idler-{os.getpid()}-{n}", "scopes": ["observe"], **claims}, secret)
        for n in range(count)
    ]


def question(*, compressed: bool) -> bytes:
    """The frame of a message from a client."""
    payload, first = _QUESTION, _FINAL | _TEXT
    if compressed:
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        payload = (deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]
        first |= _COMPRESSED
    return bytes((first, _MASKED | len(payload))) + _MASK + payload


def readable(frame: bytes) -> bytes:
    """A frame's text, inflated where it is compressed; as far as it is there."""
    if not frame or not frame[0] & _COMPRESSED:
        return frame
    start = 4 if frame[1] == 126 else 2
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(frame[start:])


class Idlers:
    """All clients of this process."""

    def __init__(self, port: int, count: int, secret: str, headers: str) -> None:
        self._port = port
        self._requests = [
            _REQUEST.format(port=port, token=token, headers=headers).encode()
            for token in tokens(count, secret)
        ]
        self._question = question(compressed="permessage-deflate" in headers)
        self._selector = selectors.EpollSelector()
        self._clients: list[socket.socket] = []
        self._early: dict[socket.socket, bytes] = {}
        self._greeted = self._answered = self._pings = self._closed = 0

    def connect(self) -> dict[str, int]:
        """Connect all; when the first began and when the last was greeted, in nanoseconds."""
        started = time.monotonic_ns()
        waiting = iter(self._requests)
        while self._greeted + self._closed < len(self._requests):
            while len(self._clients) - self._greeted < AT_ONCE and self._begin(next(waiting, b"")):
                pass
            self._read(1)
        return {"started": started, "ended": time.monotonic_ns(), "open": self._greeted}

    def ask(self) -> dict[str, int]:
        """Each asks something; how many have the answer."""
        wanted = self._answered + len(self._clients) - self._closed
        for client in self._clients:
            client.send(self._question)
        deadline = time.monotonic() + 60
        while self._answered < wanted and time.monotonic() < deadline:
            self._read(1)
        return {"answered": self._answered}

    def wait(self) -> None:
        """Answer pings and do what the lines on standard input say."""
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            if self._read(None):
                match sys.stdin.readline().strip():
                    case "":
                        os._exit(0)
                    case "connect":
                        done = self.connect()
                    case "ask":
                        done = self.ask()
                    case _:
                        done = {"closed": self._closed, "pings": self._pings}
                print(json.dumps(done), flush=True)

    def _begin(self, request: bytes) -> bool:
        if not request:
            return False
        client = socket.create_connection(("127.0.0.1", self._port))
        client.send(request)
        client.setblocking(False)
        self._clients.append(client)
        self._early[client] = b""
        self._selector.register(client, selectors.EVENT_READ)
        return True

    def _read(self, seconds: float | None) -> bool:
        """Take what comes; whether a line on standard input is there."""
        told = False
        for key, _ in self._selector.select(seconds):
            if key.fileobj is sys.stdin:
                told = True
                continue
            assert isinstance(key.fileobj, socket.socket)
            data = key.fileobj.recv(65536)
            if not data:
                self._closed += 1
                self._selector.unregister(key.fileobj)
            elif key.fileobj in self._early:
                self._greet(key.fileobj, data)
            else:
                self._take(key.fileobj, data)
        return told

    def _greet(self, client: socket.socket, data: bytes) -> None:
        """The answer to the handshake, and the greeting after it."""
        self._early[client] += data
        if _GREETED in readable(self._early[client].partition(b"\r\n\r\n")[2]):
            del self._early[client]
            self._greeted += 1

    def _take(self, client: socket.socket, data: bytes) -> None:
        """Frames; those that come to these clients are small, and come whole."""
        self._answered += data.count(_ANSWERED)
        if data[0] & 0xF == _PING:
            self._pings += 1
            payload = data[2 : 2 + data[1]]
            client.send(bytes((_FINAL | _PONG, _MASKED | len(payload))) + _MASK + payload)


def main() -> None:
    port, count, secret, headers, *_ = [*sys.argv[1:], ""]
    allow_descriptors(int(count) + 100)
    idlers = Idlers(int(port), int(count), secret, headers)
    print("{}", flush=True)
    idlers.wait()


if __name__ == "__main__":
    main()
