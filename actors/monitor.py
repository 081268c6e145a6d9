"""Watches the process and the machine, once a second."""

import resource
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psutil
import pykka

from actors.event import Event
from actors.loop_lag import Lags
from actors.publishing import Publish
from actors.registry import REFS
from actors.thread import ThreadActor

PERIOD = 1.0
TOPIC = "system.metrics"
# Totals under `messages` that are told per second as well.
RATES = ("in", "out", "bytes_in", "bytes_out")

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReadMetrics:
    """Answered with the figures of the last measurement; a fresh one if there was none."""


@dataclass(frozen=True, slots=True)
class _Measure:
    """Time for the next measurement."""


class SystemMonitor(ThreadActor):
    """Publishes `system.metrics`.

    `figures` gives what its owner counts (connections, messages, queues…), to stand beside what is
    measured here; it is called on this actor's thread. Without a broadcaster it only answers.
    """

    mailbox_size = 100

    def __init__(
        self,
        lags: Lags,
        broadcaster: pykka.ActorRef[Any] | None = None,
        figures: Callable[[], Figures] = dict,
    ) -> None:
        super().__init__()
        self._lags = lags
        self._broadcaster = broadcaster
        self._figures = figures
        self._process = psutil.Process()
        self._measured: dict[str, Any] | None = None
        self._measured_at = 0.0

    def on_start(self) -> None:
        # CPU figures are since the call before; this is the first.
        self._process.cpu_percent()
        psutil.cpu_percent()
        self.every(PERIOD, _Measure())

    def on_receive(self, message: Any) -> Any:
        match message:
            case _Measure():
                measured = self._measure()
                if self._broadcaster is not None:
                    self._broadcaster.tell(Publish((Event(TOPIC, measured),)))
            case ReadMetrics():
                return self._measured if self._measured is not None else self._measure()
            case _:
                return super().on_receive(message)
        return None

    def _measure(self) -> dict[str, Any]:
        now = self.runtime.clock.now()
        process, machine = self._process, psutil.virtual_memory()
        with process.oneshot():
            measured: dict[str, Any] = {
                "cpu": {"process": process.cpu_percent(), "machine": psutil.cpu_percent()},
                "memory": {
                    "rss": process.memory_info().rss,
                    "machine_used": machine.total - machine.available,
                    "machine_total": machine.total,
                },
                "descriptors": {
                    "open": process.num_fds(),
                    "limit": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
                },
                "threads": process.num_threads(),
                "loop": dict(self._lags.take()),
                "actors": len(REFS),
            }
        measured.update(self._figures())
        if "messages" in measured:
            measured["messages"] = self._with_rates(measured["messages"], now)
        self._measured, self._measured_at = measured, now
        return measured

    def _with_rates(self, totals: Mapping[str, Any], now: float) -> dict[str, Any]:
        before = self._measured.get("messages", {}) if self._measured is not None else {}
        seconds = now - self._measured_at
        rates = {
            f"{name}_per_s": (totals[name] - before[name]) / seconds
            for name in RATES
            if name in totals and name in before and seconds > 0
        }
        return {**totals, **rates}
