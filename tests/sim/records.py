"""Rows and folders of small records."""

from pathlib import Path

import numpy as np

from sim.manifest import Manifest
from sim.packing import wire
from sim.recording import EventRow, Recording, TickRow


def make_manifest(run: str = "r1", created: str = "2025-01-01T00:00:00.000Z") -> Manifest:
    return Manifest(
        run=run, scenario="drift", parameters={"agents": 3}, seed=7, epoch="e1", created=created,
        versions={"stagewatch": "0.1.0"},
    )  # fmt: skip


def make_recording(folder: Path, max_bytes: int = 2**31) -> Recording:
    return Recording.create(folder, make_manifest(folder.name), max_bytes=max_bytes)


def make_tick(tick: int, agents: int = 3) -> TickRow:
    columns = wire(
        {
            "place": np.arange(agents) + tick / 10,
            "hits": np.arange(agents, dtype=np.int32),
            "solved": np.arange(agents) == 1,
        }
    )
    return TickRow(tick, float(tick), f"hash{tick}", {"place": tick / 10, "hits": 1.0}, columns)


def make_event(offset: int, topic: str = "run.r1.log.hit", epoch: str = "e1") -> EventRow:
    data = wire({"agent": offset, "odd": float("nan"), "at": np.array([0.5, 2.0])})
    return EventRow(topic, epoch, offset, offset + 1, float(offset + 1), data)
