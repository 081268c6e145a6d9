"""Makes the ticks of a recorded run again, one after the other, and goes to any of them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sim.catalogue import scenario_class
from sim.perturbation import PerturbationError
from sim.rebuilding import Clock, Load, Rebuilt, TimeMachineError
from sim.recording import Recording
from sim.scenario import Scenario, World
from sim.tick import Log, Tick

_AHEAD = 200  # hashes read at a time
_PATIENCE = 2.0  # seconds until a tick that was made is on record
_LOOK_EVERY = 0.02


def wait_for(folder: Path, tick: int) -> None:
    """Until the tick is on record, two seconds at most. Blocks."""
    until = monotonic() + _PATIENCE
    while monotonic() < until:
        with Recording(folder) as record:
            if record.last_tick() >= tick:
                return
        sleep(_LOOK_EVERY)


class Replaying:
    """A recorded run's simulation once more; what is recorded meanwhile follows.

    It begins, and goes on after `seek`, at a checkpoint; `step` makes a tick of the way to the one
    that was sought. `tick` tells in its log what was changed before it, and, as an `anomaly`, the
    first hash that is another than on record. Raises TimeMachineError.
    """

    def __init__(
        self,
        folder: str | Path,
        tick: int = 1,
        load: Load = scenario_class,
        clock: Clock | None = None,
    ) -> None:
        self._folder = Path(folder)
        self._load = load
        self._clock = clock
        self._hashes: dict[int, str] = {}
        self._is_true = True
        wait_for(self._folder, tick)
        with Recording(self._folder) as record:
            parent = record.manifest.parent
            self.first = 1 if parent is None else parent.tick + 1
            self.last = record.last_tick()
            self._check(tick)
            self.aim = tick
            self._rebuilt = Rebuilt(record, tick - 1, load, clock)

    @property
    def scenario(self) -> Scenario:
        return self._rebuilt.simulation.scenario

    @property
    def world(self) -> World:
        return self._rebuilt.simulation.world

    @property
    def number(self) -> int:
        """Of the last tick that was made."""
        return self._rebuilt.simulation.number

    @property
    def is_at_end(self) -> bool:
        """Whether the next tick is not on record, or not yet."""
        if self.number < self.last:
            return False
        with Recording(self._folder) as record:
            self.last = record.last_tick()
            self._rebuilt.grow(record)
        return self.number >= self.last

    @property
    def is_there(self) -> bool:
        """Whether the tick that was sought is the next one."""
        return self.number >= self.aim - 1

    def seek(self, tick: int) -> None:
        """Go to the last checkpoint before a tick, or stay where it is nearer from here.

        What a live run has told is on record a moment later, and is waited for.
        """
        wait_for(self._folder, tick)
        with Recording(self._folder) as record:
            self.last = record.last_tick()
            self._check(tick)
            held = record.last_checkpoint(tick - 1)
            if self.number < tick and (held is None or held[0] <= self.number):
                self._rebuilt.grow(record)
            else:
                self._rebuilt = Rebuilt(record, tick - 1, self._load, self._clock)
        self.aim = tick

    def step(self) -> None:
        """Make a tick of the way."""
        self._rebuilt.step()

    def tick(self) -> Tick:
        """Make the next one, which has to be on record."""
        tick = self._rebuilt.tick()
        log = [
            Log("perturbation", {"agent": made.agent, "change": dict(made.change), "by": made.by})
            for made in self._rebuilt.changes
            if made.tick == tick.number - 1
        ]
        recorded = self._recorded(tick.number)
        if self._is_true and recorded != tick.hash:
            self._is_true = False
            log.append(Log("anomaly", {"recorded": recorded, "made": tick.hash}))
        return replace(tick, log=(*log, *tick.log)) if log else tick

    def checkpoint(self) -> dict[str, Any]:
        """Of the simulation as it is."""
        return self._rebuilt.simulation.checkpoint()

    def perturb(self, _agent: int | None, _change: Mapping[str, Any]) -> None:
        """Refused: what was, was."""
        raise PerturbationError("", "a replay cannot be changed; fork the run to change it")

    def _check(self, tick: int) -> None:
        if not self.first <= tick <= self.last:
            raise TimeMachineError(
                f"{self._folder} has the ticks {self.first} to {self.last}; there is no {tick}"
            )

    def _recorded(self, tick: int) -> str | None:
        if tick not in self._hashes:
            with Recording(self._folder) as record:
                rows = record.ticks(tick, tick + _AHEAD - 1, columns=False)
                self._hashes = {row.tick: row.hash for row in rows}
        return self._hashes.get(tick)
