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
from sim.scenario_file import ScenarioFileError, load_source
from sim.simulation import CheckpointError, Simulation
from sim.tick import Tick

Load = Callable[[str], type[Scenario]]
Clock = Callable[[], int]
PAGE = 100  # changes read at a time


class TimeMachineError(RecordingError):
    """A record cannot be gone back in; the text is one line and says what is allowed."""


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody's change, made after tick `tick` and before the next; `by`: who wanted it."""

    tick: int
    agent: int | None
    change: Mapping[str, Any]
    by: str = ""


class Rebuilt:
    """The simulation of a record, as it was after the last checkpoint at or before a tick.

    A run that is no fork can be begun anew, too. `step` makes the next tick as it was made then,
    with what was changed before it. `load` finds a scenario by its name.
    """

    def __init__(
        self,
        recording: Recording,
        tick: int | None = None,
        load: Load = scenario_class,
        clock: Clock | None = None,
    ) -> None:
        self.folder = recording.folder
        self.simulation = begun(recording.manifest, load, clock)
        self.changes = changes(recording)
        self._made = 0  # of them
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
        return self.tick().hash

    def tick(self) -> Tick:
        """As `step`; the tick."""
        self.change()
        return self.simulation.tick()

    def grow(self, recording: Recording) -> None:
        """Take in what was changed since in a run that still goes on."""
        self.changes += changes(recording, len(self.changes))

    def change(self) -> None:
        """Make the changes that came after the present tick."""
        while (
            self._made < len(self.changes)
            and self.changes[self._made].tick <= self.simulation.number
        ):
            made = self.changes[self._made]
            self._made += 1
            try:
                self.simulation.perturb(made.agent, made.change)
            except PerturbationError as error:
                raise TimeMachineError(
                    f"{self.folder}: the change after tick {made.tick} cannot be made again:"
                    f" {error}"
                ) from error

    def _restore(self, tick: int, held: Mapping[str, Any]) -> None:
        try:
            self.simulation.restore(held["simulation"])
            made = int(held["counts"].get("perturbation", 0))
        except (CheckpointError, KeyError, TypeError, AttributeError) as error:
            raise TimeMachineError(
                f"{self.folder} has a checkpoint that is none of its scenario: {error}"
            ) from error
        if self.simulation.number != tick:
            raise TimeMachineError(
                f"{self.folder} is damaged: the checkpoint of tick {tick} is one of"
                f" {self.simulation.number}"
            )
        self.is_changed = made > 0
        self._made = made


def begun(
    manifest: Manifest, load: Load = scenario_class, clock: Clock | None = None
) -> Simulation:
    """The simulation at tick 0, also of a fork, which goes on from its checkpoint only."""
    try:
        scenario = load_source(manifest.source) if manifest.source else load(manifest.scenario)
    except (UnknownScenario, ScenarioFileError) as error:
        raise TimeMachineError(f"{manifest.run} cannot be made again: {error}") from None
    seed = manifest.seed if manifest.parent is None else manifest.parent.seed
    return Simulation(build(scenario, manifest.parameters), seed, manifest.replication, clock)


def changes(recording: Recording, first: int = 0) -> list[Change]:
    """What was changed in the run while it ran, in order; without the `first` ones."""
    topic = f"run.{recording.manifest.run}.log.perturbation"
    found: list[Change] = []
    while rows := recording.events(topic, first + len(found), limit=PAGE):
        found += [_change(recording, row) for row in rows]
    return found


def _change(recording: Recording, row: EventRow) -> Change:
    try:
        data = unwire(unpack(row.data))
        return Change(row.tick or 0, data["agent"], data["change"], str(data.get("by", "")))
    except (PackingError, KeyError, TypeError) as error:
        raise RecordingError(
            f"{recording.folder} is damaged: {row.topic} at {row.offset}: {error!r}"
        ) from error
