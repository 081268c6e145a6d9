"""Which runs a sweep is made of: each point of its design with each of the same seeds."""

import csv
import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.parameters import ParameterError, build, parse, schema
from sim.rebuilding import Load
from sim.simulation import LARGEST_SEED

Point = Mapping[str, Any]
MOST_RUNS = 1_000_000
_FARTHEST = 2.0**62  # bound of a range that numbers are drawn from


class SweepError(Exception):
    """A sweep cannot be made; the text is one line and says what is allowed."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a sweep; `name` is that of its file."""

    scenario: str
    point: int
    params: Point
    seed: int
    ticks: int
    every: int

    @property
    def name(self) -> str:
        return f"{self.point:06d}-{self.seed}"


@dataclass(frozen=True, slots=True)
class Design:
    """Each point is run with each seed: the seeds are common, so that points can be compared pair
    by pair. Values are kept every `every` ticks, and at the last; 0: at the last alone."""

    scenario: str
    points: tuple[Point, ...]
    seeds: tuple[int, ...]
    ticks: int
    every: int = 0

    def jobs(self) -> Iterator[Job]:
        """By point and seed."""
        for (number, params), seed in itertools.product(enumerate(self.points), self.seeds):
            yield Job(self.scenario, number, params, seed, self.ticks, self.every)

    @property
    def runs(self) -> int:
        return len(self.points) * len(self.seeds)

    def content(self) -> dict[str, Any]:
        """In plain values."""
        content: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return content

    def check(self, load: Load) -> None:
        """Raises SweepError, ParameterError or UnknownScenario before anything has run."""
        if not self.points or not self.seeds or self.ticks < 1 or self.every < 0:
            raise SweepError("a sweep needs at least one point, one seed and one tick")
        if len(set(self.seeds)) < len(self.seeds):
            raise SweepError("a sweep takes each seed once")
        if self.runs > MOST_RUNS:
            raise SweepError(f"a sweep of {self.runs} runs is too large; {MOST_RUNS} at most")
        for seed in self.seeds:
            if not 0 <= seed <= LARGEST_SEED:
                raise ParameterError("seed", seed, f"a whole number from 0 to {LARGEST_SEED}")
        scenario = load(self.scenario)
        for point in self.points:
            build(scenario, point)


def factorial(grid: Mapping[str, Sequence[Any]]) -> tuple[Point, ...]:
    """Every combination of the values; the last name varies fastest. Raises SweepError where there
    are too many."""
    _hold(math.prod(map(len, grid.values())))
    return tuple(
        dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())
    )


def random_points(
    ranges: Mapping[str, tuple[float, float]],
    samples: int,
    load: Load,
    scenario: str,
    seed: int = 0,
) -> tuple[Point, ...]:
    """Points drawn evenly from the ranges; whole numbers, both bounds included, for parameters that
    are whole. The same seed gives the same points. Raises SweepError."""
    _hold(samples)
    known = schema(load(scenario))["properties"]
    generator = np.random.default_rng(seed)
    drawn: dict[str, list[Any]] = {}
    for name, (low, high) in ranges.items():
        if not -_FARTHEST <= low <= high <= _FARTHEST:
            raise SweepError(f"`{name}` has the range {low:g}:{high:g}; allowed is low:high")
        if known.get(name, {}).get("type") == "integer":
            first, last = math.ceil(low), math.floor(high)
            if first > last:
                raise SweepError(f"`{name}` is whole, and {low:g}:{high:g} holds no whole number")
            drawn[name] = generator.integers(first, last + 1, samples).tolist()
        else:
            drawn[name] = generator.uniform(low, high, samples).tolist()
    return tuple({name: drawn[name][n] for name in drawn} for n in range(samples))


def _hold(points: int) -> None:
    if points > MOST_RUNS:
        raise SweepError(f"a sweep of {points} points is too large; {MOST_RUNS} at most")


def read_points(path: Path) -> tuple[Point, ...]:
    """A list of points: a CSV file with names in its first line, or a JSON list of objects."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix.lower() == ".json":
            found = json.loads(text)
            if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
                raise SweepError(f"{path} must be a list of objects, one a point")
            return tuple(found)
        return tuple(_read(row) for row in csv.DictReader(text.splitlines(), strict=True))
    except OSError as error:
        raise SweepError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError, csv.Error) as error:
        raise SweepError(f"{path} is no list of points: {error}") from None


def _read(row: Mapping[Any, Any]) -> Point:
    if any(not isinstance(part, str) for part in itertools.chain(row, row.values())):
        raise ValueError("a line has more or fewer values than there are names")
    return {name.strip(): parse(f"{name}={value}")[name.strip()] for name, value in row.items()}
