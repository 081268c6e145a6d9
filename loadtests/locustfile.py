"""What a viewer does, for Locust: connect, subscribe, listen, ping and query.

Run by `make load`, or by hand against a running server with a metronome:
`locust -f loadtests/locustfile.py --host ws://127.0.0.1:8000`.
"""

import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gevent
import msgspec
import websocket
from gevent.event import AsyncResult
from locust import User, between, events, task
from locust.env import Environment
from locust.runners import MasterRunner

from loadtests.figures import Figures

ENDPOINT = "/api/v1/ws/demo"
PATTERNS = ["run.*.log.beat"]
ANSWER_WITHIN = 10.0


FIGURES = Figures()
# It tells of every connection that the server closes.
logging.getLogger("websocket").setLevel(logging.CRITICAL)


class Viewer(User):
    """One connection with one subscription, which now and then pings or asks."""

    wait_time = between(4, 8)

    def on_start(self) -> None:
        self._answers: dict[str, AsyncResult] = {}
        self._count = 0
        started = time.perf_counter()
        with self._measured("connect"):
            try:
                self._socket = websocket.create_connection(
                    f"{self.host}{ENDPOINT}",
                    timeout=ANSWER_WITHIN,
                    subprotocols=["stagewatch.v1.json"],
                )
                first = msgspec.json.decode(self._socket.recv())
            except Exception as error:
                FIGURES.refused[type(error).__name__] += 1
                raise
            if first["type"] != "connection_established":
                FIGURES.refused[f"{first.get('code')} {self._close_code()}"] += 1
                raise ConnectionRefusedError(f"{first.get('code')}: {first.get('message')}")
        FIGURES.connected(time.perf_counter() - started)
        self._socket.settimeout(None)
        self._reader = gevent.spawn(self._read)
        with self._measured("subscribe"):
            self._ask({"type": "subscribe", "events": PATTERNS})

    def on_stop(self) -> None:
        if hasattr(self, "_reader"):
            self._reader.kill()
            # Without waiting for the answer, which thousands would do at once.
            self._socket.send_close()
            self._socket.shutdown()  # type: ignore[no-untyped-call]
            FIGURES.open -= 1

    @task(3)
    def ping(self) -> None:
        with self._measured("ping"):
            self._ask({"type": "ping"})

    @task(1)
    def list_runs(self) -> None:
        with self._measured("query runs.list"):
            self._ask({"type": "query", "query": "runs.list"})

    def _close_code(self) -> int:
        """Why the server closed, after its last message."""
        _, data = self._socket.recv_data()
        return int.from_bytes(data[:2], "big")

    def _read(self) -> None:
        try:
            while True:
                message = msgspec.json.decode(self._socket.recv())
                if message["type"] == "event":
                    FIGURES.received(message["events"])
                elif waiting := self._answers.pop(message.get("id"), None):
                    waiting.set(message)
        except (OSError, websocket.WebSocketException, msgspec.DecodeError):
            FIGURES.lost += 1
            FIGURES.open -= 1

    def _ask(self, message: dict[str, Any]) -> None:
        """Send a message and wait for its answer.

        Raises:
            RuntimeError: the answer is an error
            gevent.Timeout: there is none in time
        """
        self._count += 1
        name = str(self._count)
        self._answers[name] = AsyncResult()
        waiting = self._answers[name]
        self._socket.send(json.dumps({**message, "id": name}))
        answer = waiting.get(timeout=ANSWER_WITHIN)
        if answer["type"] == "error":
            raise RuntimeError(f"{answer['code']}: {answer['message']}")

    @contextmanager
    def _measured(self, name: str) -> Iterator[None]:
        """Report the block to Locust's statistics as one request; a failure is counted there."""
        started = time.perf_counter()
        failure: BaseException | None = None
        try:
            yield
        except (Exception, gevent.Timeout) as error:  # Locust counts whatever went wrong
            failure = error
            FIGURES.failed[f"{name}: {type(error).__name__}"] += 1
            if name == "connect":
                raise
        finally:
            self.environment.events.request.fire(
                request_type="ws",
                name=name,
                response_time=1e3 * (time.perf_counter() - started),
                response_length=0,
                exception=failure,
                context={},
            )


@events.quitting.add_listener  # type: ignore[untyped-decorator]
def write_figures(environment: Environment, **_: Any) -> None:
    """Leave the figures where `make load` picks them up; each process of Locust its own."""
    folder = os.environ.get("STAGEWATCH_LOAD_FIGURES")
    if folder and not isinstance(environment.runner, MasterRunner):
        FIGURES.write(Path(folder) / f"{os.getpid()}.json")
