"""How a worker fares, and what its run is, in the words of the wire."""

import asyncio
import dataclasses
import os
from collections.abc import Mapping
from time import monotonic
from typing import Any

import pykka

from actors.event import Event, Position
from actors.history import History
from actors.monitor import ReadMetrics
from actors.reference import PlacedRef
from actors.steering import Ping, RunStatus
from actors.topics import Pattern
from actors.tree import snapshot
from sim.replaying import Replaying
from sim.simulation import Simulation
from web.launch import Launch

PING_EVERY = 0.5  # seconds


class WorkerVitals:
    """Asks the run again and again how it is; what it said last stands in the reports."""

    def __init__(
        self, launch: Launch, simulation: Simulation | Replaying, history: History
    ) -> None:
        self._launch = launch
        self._simulation = simulation
        self._history = history
        self._status = RunStatus("starting", simulation.number, simulation.scenario.hz)
        self._heard_at = monotonic()
        self.root: PlacedRef[Any] | None = None
        self.monitor: pykka.ActorRef[Any] | None = None

    async def watch(self, run: pykka.ActorRef[Any]) -> None:
        """Until it is cancelled, or the run is gone."""
        while run.is_alive():
            try:
                self._status = await run.ask(Ping(), block=False)
            except pykka.ActorDeadError:
                return
            self._heard_at = monotonic()
            await asyncio.sleep(PING_EVERY)

    def introduction(self) -> dict[str, Any]:
        """The params of `worker.attach`."""
        launch, world = self._launch, self._simulation.world
        return {
            "run": launch.run,
            "scenario": launch.scenario,
            "params": _plain(self._simulation.scenario),
            "seed": launch.seed,
            "epoch": launch.epoch,
            "agents": world.agents,
            "started_at": launch.created,
            "pid": os.getpid(),
            "state": self._status.state,
            "tick": self._status.tick,
            "speed": self._status.hz,
            "view": _plain(world.view),
            "columns": [_plain(column) for column in world.columns],
            "model": None if world.model is None else _plain(world.model),
        }

    async def report(self) -> dict[str, Any]:
        """The params of `worker.report`."""
        assert self.monitor is not None
        assert self.root is not None
        metrics = await self.monitor.ask(ReadMetrics(), block=False)
        return {
            "run": self._launch.run,
            "metrics": metrics,
            "actors": snapshot(self.root),
            "alive": monotonic() - self._heard_at,
            "tick": self._status.tick,
            "state": self._status.state,
        }

    def missed(self, pattern: Pattern, seen: Mapping[str, Position]) -> tuple[Event, ...]:
        """The events at hand that somebody lacks who has seen so much of these topics."""
        found: list[Event] = []
        for topic, position in list(self._history.positions(pattern)):
            last = seen.get(topic)
            is_known = last is not None and last.epoch == position.epoch
            first = last.offset + 1 if last is not None and is_known else None
            found += self._history.read(topic, first, None, self._history.limits.events)
        return tuple(found)


def _plain(value: Any) -> dict[str, Any]:
    return dataclasses.asdict(value)
