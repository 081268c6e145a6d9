"""Makes a recorded run's simulation again: as it was at a tick, and on from there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.catalogue import UnknownScenario, scenario_class
from sim.packing import PackingError, unpack, unwire
from sim.parameters import build
from sim.perturbation import PerturbationError
from sim.recording import EventRow, Manifest, Recording, RecordingError
from sim.scenario import Scenario
from sim.simulation import CheckpointError, Simulation

Load = Callable[[str], type[Scenario]]
PAGE = 100  # changes read at a time


class TimeMachineError(RecordingError):
    """A record cannot be gone back in; the text is one line and says what is allowed."""


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody's change, made after tick `tick` and before the next."""

    tick: int
    agent: int | None
    change: Mapping[str, Any]


class Rebuilt:
    """The simulation of a record, as it was after the last checkpoint at or before a tick.

    A run that is no fork can be begun anew, too. `step` makes the next tick as it was made then,
    with what was changed before it. `load` finds a scenario by its name.
    """

    def __init__(
        self, recording: Recording, tick: int | None = None, load: Load = scenario_class
    ) -> None:
        self.recording = recording
        self.simulation = begun(recording.manifest, load)
        self._changes = changes(recording)
        self.is_changed = False  # whether the checkpoint came after a change
        held = recording.last_checkpoint(tick)
        first = recording.manifest.parent
        if held is None and first is not None:
            raise TimeMachineError(
                f"{recording.folder} is a fork at tick {first.tick} and has no checkpoint of it"
            )
        if held is not None:
            self._restore(*held)

    def step(self) -> str:
        """Make the next tick; its hash."""
        self.change()
        return self.simulation.tick().hash

    def change(self) -> None:
        """Make the changes that came after the present tick."""
        while self._changes and self._changes[0].tick <= self.simulation.number:
            made = self._changes.pop(0)
            try:
                self.simulation.perturb(made.agent, made.change)
            except PerturbationError as error:
                raise TimeMachineError(
                    f"{self.recording.folder}: the change after tick {made.tick} cannot be made"
                    f" again: {error}"
                ) from error

    def _restore(self, tick: int, held: Mapping[str, Any]) -> None:
        try:
            self.simulation.restore(held["simulation"])
            made = held["counts"].get("perturbation", 0)
        except (CheckpointError, KeyError, TypeError, AttributeError) as error:
            raise TimeMachineError(
                f"{self.recording.folder} has a checkpoint that is none of its scenario: {error}"
            ) from error
        if self.simulation.number != tick:
            raise TimeMachineError(
                f"{self.recording.folder} is damaged: the checkpoint of tick {tick} is one of"
                f" {self.simulation.number}"
            )
        self.is_changed = made > 0
        del self._changes[: int(made)]


def begun(manifest: Manifest, load: Load = scenario_class) -> Simulation:
    """The simulation at tick 0, or at what stands for it in a fork."""
    try:
        scenario = load(manifest.scenario)
    except UnknownScenario as error:
        raise TimeMachineError(f"{manifest.run} cannot be made again: {error}") from None
    seed = manifest.seed if manifest.parent is None else manifest.parent.seed
    return Simulation(build(scenario, manifest.parameters), seed, manifest.replication)


def changes(recording: Recording) -> list[Change]:
    """All that was changed in the run while it ran, in order."""
    topic = f"run.{recording.manifest.run}.log.perturbation"
    found: list[Change] = []
    while rows := recording.events(topic, len(found), limit=PAGE):
        found += [_change(recording, row) for row in rows]
    return found


def _change(recording: Recording, row: EventRow) -> Change:
    try:
        data = unwire(unpack(row.data))
        return Change(row.tick or 0, data["agent"], data["change"])
    except (PackingError, KeyError, TypeError) as error:
        raise RecordingError(
            f"{recording.folder} is damaged: {row.topic} at {row.offset}: {error!r}"
        ) from error
