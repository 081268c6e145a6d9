"""What a worker is told at its start, through its standard input, and how it says goodbye."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from web.sections import HistorySettings, RecordingSettings, WorkerSettings

# Exit codes of a worker.
FINISHED = 0  # the run was told to stop
REFUSED = 2  # the run cannot be taken up; another try would end alike
FAILED = 3
SUSPENDED = 4  # the run is put to rest and can be taken up again
TAKEN = 5  # another worker has the run


@dataclass(frozen=True, slots=True)
class Onward:
    """How a run goes on that somebody has seen before: what the record may not have yet.

    `resumed`: it had a worker before; `states`: next offset of the state topic at least; `paused`,
    `hz`: None where not known; `until`: the condition that it is to pause at, where `paused` is
    known; `tick`: the last that was told.
    """

    resumed: bool = False
    states: int = 0
    paused: bool | None = None
    hz: float | None = None
    until: str | None = None
    tick: int = 0


@dataclass(frozen=True, slots=True)
class ForkOf:
    """The run goes on from a tick of another one, whose folder that is. `change`: the params of an
    `agent.perturb` that comes before the next tick, `by` whom."""

    folder: str
    tick: int
    params: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
    change: dict[str, Any] = field(default_factory=dict)
    by: str = ""


@dataclass(frozen=True, slots=True)
class ReplayOf:
    """The run makes the ticks of a recorded one again, whose folder that is, from a tick on."""

    folder: str
    tick: int


@dataclass(frozen=True, slots=True)
class Launch:
    """Everything that a worker needs. `folder`: absolute path of the run's folder; `created`: ISO
    8601; `url`: the server's socket; `token`: the first one, renewed over the connection; `source`:
    file and class of a scenario that is somebody's own."""

    run: str
    scenario: str
    params: dict[str, Any]
    seed: int
    epoch: str
    created: str
    folder: str
    url: str
    token: str = field(repr=False)
    onward: Onward = Onward()
    source: str = ""
    fork: ForkOf | None = None
    replay: ReplayOf | None = None
    workers: WorkerSettings = field(default_factory=WorkerSettings)
    recording: RecordingSettings = field(default_factory=RecordingSettings)
    history: HistorySettings = field(default_factory=HistorySettings)
    message_bytes: int = 16_777_216
    log_level: str = "info"


def packed(launch: Launch) -> bytes:
    """For the worker's standard input."""
    return msgspec.json.encode(launch)


def unpacked(data: bytes) -> Launch:
    """Raises msgspec.DecodeError where it is no launch."""
    return msgspec.json.decode(data, type=Launch)
