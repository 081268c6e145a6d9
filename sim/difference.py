"""Where two recorded runs part, and how far they are from one another after that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.rebuilding import TimeMachineError
from sim.recording import Recording, TickRow
from sim.tables import agent_columns

Values = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Parting:
    """The first value on record that differs: of an agent, or of all (`agent` None).

    The hash counts all of a state, the columns what is shown of it, in 32 bits: so the values may
    differ at a later tick than the hashes, or not at all.
    """

    tick: int
    agent: int | None
    variable: str
    one: Any
    two: Any


@dataclass(frozen=True, slots=True)
class Distance:
    """At a tick: of each numeric column the mean absolute difference over the agents, and of flags
    and texts the part of the agents that differ."""

    tick: int
    columns: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two runs, tick by tick from `first` to `last`, which both have.

    `tick`: the first of which the hashes differ, None where none does; `parting`: what differs
    first of what is on record; `distances`: from that tick on.
    """

    runs: tuple[str, str]
    first: int
    last: int
    lengths: tuple[int, int]
    tick: int | None
    parting: Parting | None
    distances: tuple[Distance, ...]


def diff(folder_a: str | Path, folder_b: str | Path) -> Difference:
    """Compare two records; raises TimeMachineError where they have no tick in common."""
    with Recording(folder_a) as a, Recording(folder_b) as b:
        starts = [next((row.tick for row in r.ticks(columns=False)), 1) for r in (a, b)]
        lengths = (a.last_tick(), b.last_tick())
        first, last = max(starts), min(lengths)
        if first > last:
            raise TimeMachineError(f"{folder_a} and {folder_b} have no tick in common")
        tick = _parted(a, b, first, last)
        parting: Parting | None = None
        distances: list[Distance] = []
        for one, two in _pairs(a, b, tick, last) if tick is not None else ():
            held = agent_columns(a, one), agent_columns(b, two)
            if parting is None:
                parting = _first_other(one, two, *held)
            distances.append(Distance(one.tick, _distances(*held)))
        runs = (a.manifest.run, b.manifest.run)
        return Difference(runs, first, last, lengths, tick, parting, tuple(distances))


def _parted(a: Recording, b: Recording, first: int, last: int) -> int | None:
    for one, two in _pairs(a, b, first, last, columns=False):
        if one.hash != two.hash:
            return one.tick
    return None


def _pairs(
    a: Recording, b: Recording, first: int, last: int, *, columns: bool = True
) -> Iterator[tuple[TickRow, TickRow]]:
    """Rows of the same tick; one that a record lacks is left out."""
    rows = a.ticks(first, last, columns=columns), b.ticks(first, last, columns=columns)
    one, two = (next(held, None) for held in rows)
    while one is not None and two is not None:
        if one.tick == two.tick:
            yield one, two
            one, two = (next(held, None) for held in rows)
        elif one.tick < two.tick:
            one = next(rows[0], None)
        else:
            two = next(rows[1], None)


def _first_other(one: TickRow, two: TickRow, a: Values, b: Values) -> Parting | None:
    """The lowest agent with another value, and the first of its columns; else an aggregate."""
    found: Parting | None = None
    for name in a:
        if name not in b:
            continue
        agents = min(len(a[name]), len(b[name]))
        other = np.flatnonzero(_differ(a[name][:agents], b[name][:agents]))
        agent = int(other[0]) if other.size else agents
        if not other.size and len(a[name]) == len(b[name]):
            continue
        if found is None or found.agent is None or agent < found.agent:
            values = (_value(held, agent) for held in (a[name], b[name]))
            found = Parting(one.tick, agent, name, *values)
    if found is not None:
        return found
    for name in sorted(one.aggregates.keys() | two.aggregates.keys()):
        sums = one.aggregates.get(name), two.aggregates.get(name)
        # A number that is none is as good as another such.
        if repr(sums[0]) != repr(sums[1]):
            return Parting(one.tick, None, name, *sums)
    return None


def _value(column: NDArray[Any], agent: int) -> Any:
    """None where there is no such agent."""
    return column[agent].item() if agent < len(column) else None


def _differ(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.bool_]:
    other: NDArray[np.bool_] = a != b
    if a.dtype.kind == b.dtype.kind == "f":
        other &= ~(np.isnan(a) & np.isnan(b))
    return other


def _distances(a: Values, b: Values) -> dict[str, float]:
    return {
        name: _distance(a[name], b[name])
        for name in a
        if name in b and a[name].shape == b[name].shape and a[name].size
    }


def _distance(a: NDArray[Any], b: NDArray[Any]) -> float:
    if a.dtype.kind in "iuf" and b.dtype.kind in "iuf":
        gap = np.abs(a.astype(np.float64) - b.astype(np.float64))
        gap[~_differ(a, b)] = 0.0
        return float(gap.mean())
    return float(np.mean(a != b))
