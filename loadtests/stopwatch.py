"""Many WebSocket clients in a process of its own that note how old each frame is when it is whole.

`python -m loadtests.stopwatch PORT PATH CLIENTS MESSAGE` connects, sends each the message, and then
answers the lines on its standard input, each with a line of JSON: `report`, `stall`, `go_on`.
The age of a frame is that of its first event, by the time that stands in it as `"t"`: nanoseconds
of the monotonic clock, which all processes of a machine share.
"""

import json
import os
import selectors
import socket
import sys
import time
from array import array
from typing import Any

import numpy as np

from loadtests.drain import allow_descriptors, connect, say

_BUFFER = 1 << 18
_HEAD = 400  # bytes at the start of a message in which its first event tells its time
_SMALL = 1 << 16
_MARK, _TOPIC = b'"t":', b'"topic":'
_TEXT = 0x1


class Watcher:
    """One client: finds the ends of frames. `is_sample`: keeps them whole, to count events."""

    __slots__ = (
        "_fragment", "_head", "_is_text", "_left", "bytes", "events", "frames", "is_sample",
        "socket",
    )  # fmt: skip

    def __init__(self, client: socket.socket, early: bytes, *, is_sample: bool) -> None:
        client.setblocking(False)
        self.socket = client
        self.is_sample = is_sample
        self.frames = self.bytes = self.events = 0
        self._left = 0
        self._is_text = False
        self._head = bytearray()
        self._fragment = b""
        self.take(memoryview(early))

    def take(self, data: memoryview) -> list[int]:
        """The times that stand in the frames which these bytes complete."""
        self.bytes += len(data)
        if self._fragment:
            data = memoryview(self._fragment + bytes(data))
            self._fragment = b""
        found: list[int] = []
        at = 0
        while at < len(data):
            if not self._left:
                start = self._begin(data[at : at + 10])
                if not start:
                    self._fragment = bytes(data[at:])
                    break
                at += start
            part = min(self._left, len(data) - at)
            room = part if self.is_sample else min(part, _HEAD - len(self._head))
            if room > 0:
                self._head += data[at : at + room]
            at += part
            self._left -= part
            if not self._left:
                self._end(found)
        return found

    def _begin(self, data: memoryview) -> int:
        """Reads the start of a frame; its length, 0 where it is not all there yet."""
        size = data[1] & 0x7F if len(data) > 1 else 0
        length = 2 if size < 126 else 4 if size == 126 else 10
        if len(data) < length or len(data) < 2:
            return 0
        self._left = size if size < 126 else int.from_bytes(data[2:length], "big")
        self._is_text = data[0] & 0xF == _TEXT
        self._head.clear()
        return length

    def _end(self, found: list[int]) -> None:
        if not self._is_text:
            return
        self.frames += 1
        if self.is_sample:
            self.events += self._head.count(_TOPIC)
        at = self._head.find(_MARK, 0, _HEAD)
        if at >= 0:
            digits = bytes(self._head[at + len(_MARK) : at + len(_MARK) + 20])
            found.append(int(digits.partition(b",")[0]))


class Stopwatch:
    """Reads from all, and collects the ages; the first client is the sample."""

    def __init__(self, clients: list[Watcher]) -> None:
        self._clients = clients
        self._selector = selectors.EpollSelector()
        for client in clients:
            self._selector.register(client.socket, selectors.EVENT_READ, client)
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        self._ages = array("q")
        self._closed = 0

    def run(self) -> None:
        """Until its input ends."""
        buffer = bytearray(_BUFFER)
        view = memoryview(buffer)
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    self._obey(sys.stdin.readline())
                else:
                    self._read(key.data, view)

    def _read(self, client: Watcher, view: memoryview) -> None:
        try:
            size = client.socket.recv_into(view)
        except ConnectionResetError:
            size = 0
        if not size:
            self._closed += 1
            self._selector.unregister(client.socket)
            client.socket.close()
            return
        times = client.take(view[:size])
        if times:
            now = time.monotonic_ns()
            self._ages.extend([now - t for t in times])

    def _obey(self, line: str) -> None:
        match line.split():
            case []:
                os._exit(0)
            case ["report"]:
                print(json.dumps(self._report()), flush=True)
            case ["stall"]:
                for client in self._clients:
                    self._selector.unregister(client.socket)
                    # The kernel would read on for it, some megabytes.
                    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
                print("{}", flush=True)
            case ["go_on"]:
                for client in self._clients:
                    self._selector.register(client.socket, selectors.EVENT_READ, client)
                print("{}", flush=True)
            case _:
                raise ValueError(f"{line!r} is not report, stall or go_on")

    def _report(self) -> dict[str, Any]:
        """Ages in milliseconds, over all frames of all clients."""
        ages = np.frombuffer(self._ages, dtype=np.int64) / 1e6
        shares = {"p50": 50, "p99": 99, "p99_9": 99.9, "max": 100}
        report = {
            "frames": sum(client.frames for client in self._clients),
            "fewest_frames": min(client.frames for client in self._clients),
            "most_frames": max(client.frames for client in self._clients),
            "bytes": sum(client.bytes for client in self._clients),
            "events_in_a_frame": self._clients[0].events / max(1, self._clients[0].frames),
            "timed": len(ages),
            "closed": self._closed,
            **{name: float(np.percentile(ages, q)) for name, q in shares.items() if len(ages)},
        }
        self._ages = array("q")
        for client in self._clients:
            client.frames = client.bytes = client.events = 0
        return report


def main() -> None:
    port, path, clients, message = sys.argv[1:]
    allow_descriptors(int(clients) + 100)
    watchers = []
    for n in range(int(clients)):
        client, early = connect(int(port), path)
        watchers.append(Watcher(client, early, is_sample=n == 0))
    # Not before all are there, since nobody reads until then.
    for watcher in watchers:
        say(watcher.socket, message)
    Stopwatch(watchers).run()


if __name__ == "__main__":
    main()
