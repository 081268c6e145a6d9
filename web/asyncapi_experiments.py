"""What comparisons and sweeps result in, as schemas."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from web.asyncapi_words import Number, Time
from web.requests import RunName


class Parting(Struct):
    """The first recorded value that differs: of an agent, or of all (`agent` null)."""

    tick: int
    agent: int | None
    variable: str
    one: Any
    two: Any


class Distance(Struct):
    """How far two runs are from one another at a tick: of each column the mean absolute difference
    over the agents; of flags and texts the part of the agents that differ."""

    tick: int
    columns: dict[str, Number]


class DifferenceResult(Struct):
    """Two runs over the ticks `first` to `last` that both have. `tick`: the first whose hashes of
    the state differ, null where none does; `distances`: from there on, 200 at most."""

    runs: list[str]
    first: int
    last: int
    lengths: list[int]
    tick: int | None
    parting: Parting | None
    distances: list[Distance]


class SweepEntry(Struct):
    """How far a sweep is: `done` of its `runs`, failed ones among them; some of those by name with
    the reason. `tables`: files that can be had once it is finished."""

    sweep: RunName
    scenario: str
    state: Literal["running", "stopped", "finished", "failed"]
    runs: int
    done: int
    failed: int
    failures: dict[str, str]
    tables: list[str]
    started_at: Time
    reason: str | UnsetType = UNSET


class SweepsResult(Struct):
    """The sweeps that the token covers, the oldest first."""

    sweeps: list[SweepEntry]


class SweepStarted(Struct):
    """The name of the new sweep."""

    sweep: RunName
