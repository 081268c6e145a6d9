"""For Locust: viewers come until the server is full, and go on coming. Run by `make climb`."""

import os

import gevent
from locust import LoadTestShape

from loadtests.locustfile import FIGURES, Viewer

MOST = int(os.environ["CLIMB_CONNECTIONS"])
ABOVE = 1.4  # times as many want to come in
PER_SECOND = 50
HOLD_SECONDS = 10


class Comer(Viewer):
    """A viewer that stays outside when it is turned away."""

    def on_start(self) -> None:
        try:
            super().on_start()
        except ConnectionRefusedError:
            while True:
                gevent.sleep(3600)


class Climb(LoadTestShape):
    """Up to the limit, a while there; past it, a while there; the end."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._is_past = False
        self._full_at = MOST / PER_SECOND + HOLD_SECONDS
        self._end_at = self._full_at + (ABOVE - 1) * MOST / PER_SECOND + HOLD_SECONDS

    def tick(self) -> tuple[int, float] | None:
        now = self.get_run_time()  # type: ignore[no-untyped-call]
        if now < self._full_at:
            return MOST, PER_SECOND
        if not self._is_past:
            self._is_past = True
            FIGURES.turn()
        return (int(ABOVE * MOST), PER_SECOND) if now < self._end_at else None
