"""Figures in Prometheus' format. No label comes from a client."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

PREFIX = "stagewatch_"
_OWN_CODES = frozenset(str(code) for code in range(1000, 1016))

# Where a figure stands in `system.metrics`, its name here, its kind and its text.
_PLAIN: tuple[tuple[str, str, str, type[Metric], str], ...] = (
    ("connections", "open", "connections", GaugeMetricFamily, "Open connections"),
    ("connections", "viewers", "viewers", GaugeMetricFamily, "Connections that are no workers"),
    ("connections", "total", "connections_opened", CounterMetricFamily, "Connections so far"),
    ("connections", "refused", "connections_refused", CounterMetricFamily, "Refused by a limit"),
    ("messages", "in", "messages_received", CounterMetricFamily, "Messages of clients"),
    ("messages", "out", "messages_sent", CounterMetricFamily, "Messages to clients"),
    ("messages", "bytes_in", "received_bytes", CounterMetricFamily, "Bytes of clients"),
    ("messages", "bytes_out", "sent_bytes", CounterMetricFamily, "Bytes to clients"),
    ("queues", "bytes", "queued_bytes", GaugeMetricFamily, "Bytes that wait for clients"),
    ("drops", "conflated", "conflated_events", CounterMetricFamily, "Replaced by newer ones"),
    ("drops", "dead_letters", "dead_letters", CounterMetricFamily, "Messages that reached nobody"),
    ("drops", "slow_consumers", "slow_consumers", CounterMetricFamily, "Closed for slowness"),
    ("runs", "running", "runs_running", GaugeMetricFamily, "Runs that make ticks"),
    ("runs", "total", "runs", GaugeMetricFamily, "Runs that have a worker"),
)


class Exposition(Collector):
    """`figures` gives what stands in `system.metrics`; `__call__` the text for a scrape."""

    def __init__(self, figures: Callable[[], Mapping[str, Any]]) -> None:
        self._figures = figures
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def __call__(self) -> bytes:
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Called by the registry."""
        figures = self._figures()
        for group, key, name, family, text in _PLAIN:
            value = figures.get(group, {}).get(key)
            if value is not None:
                yield family(PREFIX + name, text, value=value)  # type: ignore[call-arg]
        yield self._closes(figures.get("closes", {}))

    @staticmethod
    def _closes(closes: Mapping[str, int]) -> Metric:
        """Codes that clients may choose freely count together."""
        counts: dict[str, int] = {}
        for code, count in closes.items():
            label = code if code in _OWN_CODES else "other"
            counts[label] = counts.get(label, 0) + count
        family = CounterMetricFamily(PREFIX + "closes", "Closed connections", labels=["code"])
        for label, count in sorted(counts.items()):
            family.add_metric([label], count)
        return family
