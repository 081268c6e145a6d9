"""What one tells and asks a Run, and what it tells those who follow it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pykka

from actors.event import Event
from sim.condition import Condition
from sim.tick import Log, Tick

State = Literal["starting", "restarted", "running", "paused", "finished", "failed"]
Stage = Literal["published", "recorded"]


class CommandRefused(Exception):  # noqa: N818 - reads as a statement
    """The command does not fit the state of the run; `reason` says why, in one sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class RunStatus:
    """The answer to every command, after it took effect. `hz` 0: as fast as it can."""

    state: State
    tick: int
    hz: float
    reason: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Make no further tick; refused once the run has ended."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on after a pause."""


@dataclass(frozen=True, slots=True)
class Step:
    """Make this many ticks while paused; answered when they are done."""

    ticks: int = 1


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Make this many ticks a second; 0: as fast as it can."""

    hz: float


@dataclass(frozen=True, slots=True)
class SaveCheckpoint:
    """Hand a checkpoint of the present tick to the recorder."""


@dataclass(frozen=True, slots=True)
class Until:
    """Go on until the condition holds after a tick, and pause there; the log event `breakpoint`
    says so. ConditionError where it names what the ticks do not have. A pause or a stop that comes
    before ends it, another Until takes its place."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Perturb:
    """Change something between two ticks; `agent` None: everybody's, `by`: who wants it.

    Answered when the change, the log event `perturbation` and a checkpoint are on record, before
    the next tick is made. PerturbationError where the world does not take the change.
    """

    agent: int | None
    change: Mapping[str, Any]
    by: str


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run: a checkpoint is handed over and the state becomes `finished`."""


@dataclass(frozen=True, slots=True)
class Suspend:
    """The process ends, the run does not: hand over a checkpoint and make no further tick.

    No state is published, so that the record tells how to take the run up again.
    """


@dataclass(frozen=True, slots=True)
class Seek:
    """Go to this tick of the recorded run that is replayed; answered when it was told. What is told
    from then on has a new epoch. Refused by a run that is no replay."""

    tick: int


@dataclass(frozen=True, slots=True)
class Ping:
    """Answered with the status: shows that the run's thread is alive."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """A tick and the events made of it so far, on its way to the Broadcaster.

    `origin` is told an Acknowledge at the end of the way. `epoch`: where it is not that of the run
    at its beginning.
    """

    tick: Tick
    events: tuple[Event, ...] = ()
    origin: pykka.ActorRef[Any] | None = None
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the run that no tick made, such as a change of state.

    It goes the same way as the ticks, so that it cannot overtake them.
    """

    event: Event


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The tick of this number and all before it are through this stage of their way; `epoch` is
    what the tick came with."""

    stage: Stage
    tick: int
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class Attach:
    """Tells the recorder which run it records: the one to acknowledge ticks to."""

    run: pykka.ActorRef[Any]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that it takes to go on from this tick; `counts`: next offset per kind of log event.

    `events` are written together with it; `keep` is told Kept as soon as that is done, which is
    not put off then.
    """

    tick: int
    simulation: Mapping[str, Any]
    counts: Mapping[str, int]
    events: tuple[Event, ...] = ()
    keep: pykka.ActorRef[Any] | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The checkpoint of this tick is on disk, or there is no record any more."""

    tick: int


@dataclass(frozen=True, slots=True)
class Report:
    """Ask the run to publish something as a log event of its own."""

    log: Log


# What a Run answers with its status, and refuses once it has ended.
COMMANDS = (Pause, Resume, Step, SetSpeed, SaveCheckpoint, Until, Perturb, Stop, Suspend, Seek)
