"""Records of real simulations, made quickly and steered on the way."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sim.catalogue import scenario_class
from sim.notes import Notes
from sim.parameters import build
from sim.recording import DATABASE, Manifest, Recording
from sim.scenario import Scenario
from sim.simulation import Simulation
from sim.versions import versions
from tests.sim.worlds import Drift

Steered = Mapping[int, Mapping[str, Any]]
SMALL: Mapping[str, object] = {"agents": 4}


def load(name: str) -> type[Scenario]:
    """The catalogue's scenarios, and that of the tests."""
    return Drift if name == "drift" else scenario_class(name)


def record_run(
    folder: Path,
    ticks: int = 60,
    *,
    scenario: str = "tmaze",
    params: Mapping[str, object] = SMALL,
    seed: int = 1,
    checkpoints: int = 10,
    changes: Steered | None = None,
) -> list[str]:
    """Records a run in which everybody is changed after the ticks of `changes`; its hashes."""
    made = build(load(scenario), params)
    simulation = Simulation(made, seed)
    manifest = Manifest(
        folder.name, scenario, asdict(made), seed, "e1", "2025-01-01T00:00:00.000Z",
        versions=versions(),
    )  # fmt: skip
    hashes = []
    with Recording.create(folder, manifest) as recording:
        notes = Notes(recording, checkpoint_ticks=checkpoints)
        for number in range(1, ticks + 1):
            tick = simulation.tick()
            hashes.append(tick.hash)
            notes.take(tick, simulation)
            if number in (changes or {}):
                notes.change(simulation, None, (changes or {})[number], "ada")
        notes.end(simulation)
    return hashes


def alter(folder: Path, statements: Iterable[str]) -> None:
    """Runs SQL on the record."""
    database = sqlite3.connect(folder / DATABASE)
    with database:
        for statement in statements:
            database.execute(statement)
    database.close()
