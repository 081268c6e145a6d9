"""How late the event loop is: what everything that runs on it has to wait at most."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from actors.loop import LoopActor

PERIOD = 0.02  # seconds between samples
MOST_SAMPLES = 1000


class Lags:
    """Samples in seconds. One thread may add while another takes."""

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=MOST_SAMPLES)

    def add(self, seconds: float) -> None:
        """One more; the oldest goes when nobody takes them."""
        self._samples.append(seconds)

    def take(self) -> Mapping[str, float]:
        """`lag_p50`, `lag_p99`, `lag_max` in milliseconds since the last call; 0 without any."""
        samples = [self._samples.popleft() for _ in range(len(self._samples))] or [0.0]
        middle, high, most = np.percentile(samples, (50, 99, 100)) * 1000
        return {"lag_p50": float(middle), "lag_p99": float(high), "lag_max": float(most)}


@dataclass(frozen=True, slots=True)
class _Look:
    """Expected at this time of the clock."""

    at: float


class LagProbe(LoopActor):
    """Sets itself a timer again and again, and notes how late each one comes."""

    def __init__(self, lags: Lags) -> None:
        super().__init__()
        self._lags = lags

    def on_start(self) -> None:
        self._look_later()

    def on_receive(self, message: Any) -> Any:
        match message:
            case _Look(at):
                self._lags.add(max(0.0, self.runtime.clock.now() - at))
                self._look_later()
            case _:
                return super().on_receive(message)
        return None

    def _look_later(self) -> None:
        self.after(PERIOD, _Look(self.runtime.clock.now() + PERIOD))
