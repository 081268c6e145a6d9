"""What the monitor measures, and when."""

from typing import Any

import pytest

from actors.loop_lag import PERIOD, LagProbe, Lags
from actors.monitor import ReadMetrics, SystemMonitor
from actors.publishing import Publish
from tests.actors.stage import Listener, Stage
from tests.settle import settle


def published(told: list[Any]) -> list[dict[str, Any]]:
    events = [e for message in told if isinstance(message, Publish) for e in message.events]
    return [event.data for event in events if isinstance(event.data, dict)]


async def test_it_publishes_once_a_second() -> None:
    stage, told = Stage(), []  # type: tuple[Stage, list[Any]]
    monitor = SystemMonitor.start(Lags(), Listener.start(told))
    await settle()

    for _ in range(3):
        await stage.advance(1.0)

    assert len(published(told)) == 3
    await monitor.stop(block=False)


async def test_the_figures_are_those_of_this_process_and_machine() -> None:
    Stage()
    monitor = SystemMonitor.start(Lags())

    measured = await monitor.ask(ReadMetrics(), block=False)

    assert measured["memory"]["rss"] > 10_000_000
    assert 0 < measured["memory"]["machine_used"] < measured["memory"]["machine_total"]
    assert 0 < measured["descriptors"]["open"] < measured["descriptors"]["limit"]
    assert measured["threads"] >= 2
    assert measured["actors"] >= 2
    assert set(measured["cpu"]) == {"process", "machine"}
    await monitor.stop(block=False)


async def test_what_its_owner_counts_stands_beside_with_rates() -> None:
    stage, told = Stage(), []  # type: tuple[Stage, list[Any]]
    out = iter((100, 150, 450))
    monitor = SystemMonitor.start(
        Lags(),
        Listener.start(told),
        lambda: {"connections": {"open": 3}, "messages": {"out": next(out)}},
    )
    await settle()

    for _ in range(3):
        await stage.advance(1.0)

    assert [data["messages"] for data in published(told)] == [
        {"out": 100},
        {"out": 150, "out_per_s": 50.0},
        {"out": 450, "out_per_s": 300.0},
    ]
    assert published(told)[0]["connections"] == {"open": 3}
    await monitor.stop(block=False)


async def test_the_probe_finds_a_loop_that_is_late() -> None:
    stage, lags = Stage(), Lags()
    LagProbe.start(lags)
    await settle()
    for _ in range(98):
        await stage.advance(PERIOD)
    in_time = lags.take()

    for _ in range(99):
        await stage.advance(PERIOD)
    stage.clock.advance(PERIOD)
    stage.clock.advance(0.5)
    await settle()

    late = lags.take()
    assert in_time == {"lag_p50": 0.0, "lag_p99": 0.0, "lag_max": 0.0}
    assert late["lag_p50"] == pytest.approx(0.0, abs=1e-6)
    assert late["lag_max"] == pytest.approx(500.0)


def test_samples_that_nobody_takes_are_bounded() -> None:
    lags = Lags()
    lags.add(9.0)
    for _ in range(5000):
        lags.add(0.001)

    assert lags.take()["lag_max"] == pytest.approx(1.0)
    assert lags.take()["lag_max"] == 0.0
