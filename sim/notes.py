"""Records a simulation that runs in this process, as a live run's recorder does."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from sim.packing import wire
from sim.recording import EventRow, Recording, TickRow
from sim.simulation import Simulation
from sim.tick import Tick

CHECKPOINT_TICKS = 100
BATCH_SECONDS = 0.5


class Notes:
    """Gathers ticks and events, and writes them in batches. `first` is the tick it begins after."""

    def __init__(
        self,
        recording: Recording,
        *,
        checkpoint_ticks: int = CHECKPOINT_TICKS,
        batch_seconds: float = BATCH_SECONDS,
        first: int = 0,
    ) -> None:
        self._recording = recording
        self._prefix = f"run.{recording.manifest.run}"
        self._epoch = recording.manifest.epoch
        self._checkpoint_ticks = checkpoint_ticks
        self._batch_seconds = batch_seconds
        self._counts: dict[str, int] = {}
        self._ticks: list[TickRow] = []
        self._events: list[EventRow] = []
        self._written_at = perf_counter()
        self._states = 0
        self._state("running", first)

    def take(self, tick: Tick, simulation: Simulation) -> None:
        """Notes a tick."""
        columns = tick.columns.packed
        self._ticks.append(TickRow(tick.number, tick.time, tick.hash, tick.aggregates, columns))
        for log in tick.log:
            offset = self._counts.get(log.kind, 0)
            self._counts[log.kind] = offset + 1
            topic = f"{self._prefix}.log.{log.kind}"
            data = wire(log.data)
            self._events.append(EventRow(topic, self._epoch, offset, tick.number, tick.time, data))
        if tick.number % self._checkpoint_ticks == 0:
            self.write(simulation)
        elif perf_counter() - self._written_at > self._batch_seconds:
            self.write()

    def change(
        self, simulation: Simulation, agent: int | None, change: Mapping[str, Any], by: str
    ) -> None:
        """Changes the simulation, as sim.perturbation has it, and writes that with a checkpoint.

        Raises PerturbationError; nothing is changed then.
        """
        simulation.perturb(agent, change)
        offset = self._counts.get("perturbation", 0)
        self._counts["perturbation"] = offset + 1
        data = wire({"agent": agent, "change": dict(change), "by": by})
        topic = f"{self._prefix}.log.perturbation"
        self._events.append(EventRow(topic, self._epoch, offset, simulation.number, None, data))
        self.write(simulation)

    def end(self, simulation: Simulation) -> None:
        """Writes what is left, and where the run stands."""
        self._state("finished", simulation.number)
        self.write(simulation)

    def write(self, simulation: Simulation | None = None) -> None:
        """Writes what is left; with a simulation, a checkpoint of it too."""
        checkpoint = None
        if simulation is not None:
            data = {"simulation": simulation.checkpoint(), "counts": dict(self._counts)}
            checkpoint = (simulation.number, data)
        self._recording.append(self._ticks, self._events, checkpoint)
        self._ticks, self._events = [], []
        self._written_at = perf_counter()

    def _state(self, state: str, tick: int) -> None:
        data = wire({"state": state, "tick": tick, "hz": 0.0})
        self._events.append(
            EventRow(f"{self._prefix}.state", self._epoch, self._states, tick, None, data)
        )
        self._states += 1
