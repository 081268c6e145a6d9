"""The loop of a simulation: steps a world, hashes its state, and goes on from a checkpoint."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from sim.digest import digest
from sim.parameters import ParameterError
from sim.perturbation import Perturbable, PerturbationError
from sim.random import Streams
from sim.scenario import Scenario, World
from sim.tick import Columns, Tick

NANOSECONDS = 1_000_000_000
LARGEST_SEED = 2**63 - 1


class CheckpointError(ValueError):
    """A checkpoint is not one of this scenario, or lacks a part."""


class Simulation:
    """A scenario's world and its random streams, one tick after the other.

    `for tick in Simulation(TMaze(agents=100), seed=1): ...` goes on endlessly. The same scenario,
    seed and replication give the same hash at every tick. `clock` gives nanoseconds to worlds that
    tell the time; by default the simulated ones, a second a tick. It never enters the state.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int = 0,
        replication: int = 0,
        clock: Callable[[], int] | None = None,
    ) -> None:
        for name, value in (("seed", seed), ("replication", replication)):
            if not 0 <= value <= LARGEST_SEED:
                raise ParameterError(name, value, f"a whole number from 0 to {LARGEST_SEED}")
        self._scenario = scenario
        self._streams = Streams(seed, replication)
        self._number = 0
        self._world = scenario.begin(self._streams, clock or self._simulated_time)

    @property
    def scenario(self) -> Scenario:
        return self._scenario

    @property
    def world(self) -> World:
        return self._world

    @property
    def number(self) -> int:
        """Of the last tick; 0 before the first."""
        return self._number

    @property
    def hash(self) -> str:
        """Of the state as it is, equal to that of the last tick."""
        return digest(self._state())

    def __iter__(self) -> Iterator[Tick]:
        while True:
            yield self.tick()

    def tick(self) -> Tick:
        """Make the next tick. After an exception the simulation is of no use any more."""
        self._number += 1
        frame = self._world.advance(self._number)
        for column in frame.columns.values():
            column.flags.writeable = False
        return Tick(
            self._number,
            float(self._number),
            self._world.agents,
            Columns(frame.columns),
            frame.aggregates,
            frame.log,
            self.hash,
            frame.detail,
        )

    def checkpoint(self) -> dict[str, Any]:
        """All that is needed to go on from here; a copy, which `sim.packing.pack` takes."""
        copy: dict[str, Any] = _copied(self._state())
        return {"scenario": self._scenario.name, **copy}

    def restore(self, checkpoint: Mapping[str, Any]) -> None:
        """Go back, or ahead, to a checkpoint of the same scenario; raises CheckpointError."""
        found = checkpoint.get("scenario")
        if found != self._scenario.name:
            raise CheckpointError(
                f"the checkpoint is one of {found!r}, the simulation one of {self._scenario.name!r}"
            )
        missing = {"number", "world", "streams"} - checkpoint.keys()
        if missing:
            raise CheckpointError(f"the checkpoint has no {', '.join(sorted(missing))}")
        self._world.restore(_copied(checkpoint["world"]))
        self._streams.restore(checkpoint["streams"])
        self._number = checkpoint["number"]

    def perturb(self, agent: int | None, change: Mapping[str, Any]) -> None:
        """Change something before the next tick, as sim.perturbation has it; `agent` None:
        everybody's. Raises PerturbationError; the world is then as it was."""
        if not isinstance(self._world, Perturbable):
            name = self._scenario.name
            raise PerturbationError("", f"nothing of the scenario {name} can be changed")
        self._world.perturb(agent, change)

    def _state(self) -> dict[str, Any]:
        return {
            "number": self._number,
            "world": self._world.state(),
            "streams": self._streams.state(),
        }

    def _simulated_time(self) -> int:
        return self._number * NANOSECONDS


def _copied(value: Any) -> Any:
    """The value with arrays of its own, so that the world may write into its arrays meanwhile."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, Mapping):
        return {key: _copied(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(held) for held in value]
    return value
