"""A network: who listens to whom, and with which weight; its edges may come and go."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.model import Array, Integers

MOST_EDGES = 20_000_000
_EDGE = re.compile(r"(\d{1,9})\s*([->])\s*(\d{1,9})(?:\s*:\s*([0-9.eE+-]{1,30}))?")


class NetworkError(ValueError):
    """An edge cannot be there, cannot be cut, or cannot be read."""


class Network:
    """Directed weighted edges in compressed rows: agent i listens to `source[start[i]:start[i+1]]`,
    in ascending order, with `weight` beside. An agent may listen to itself, to each other once.
    """

    def __init__(self, agents: int, listener: Integers, source: Integers, weight: Array) -> None:
        """Raises NetworkError for an agent that is not there, an edge twice, a bad weight."""
        for end in (listener, source):
            if len(end) and not 0 <= end.min() <= end.max() < agents:
                raise NetworkError(f"an edge names an agent outside 0 to {agents - 1}")
        if not np.all(np.isfinite(weight) & (weight > 0)):
            raise NetworkError("the weight of an edge must be finite and above 0")
        code = listener.astype(np.int64) * agents + source
        order = np.argsort(code, kind="stable")
        twice = np.flatnonzero(np.diff(code[order]) == 0)
        if len(twice):
            edge = order[twice[0]]
            raise NetworkError(f"the edge {listener[edge]}>{source[edge]} is there twice")
        self.agents = agents
        self.source: Integers = source[order].astype(np.int64)
        self.weight: Array = weight[order].astype(np.float64)
        self.start: Integers = np.searchsorted(
            code[order], np.arange(agents + 1, dtype=np.int64) * agents
        ).astype(np.int64)

    @property
    def edges(self) -> int:
        return len(self.source)

    @property
    def degree(self) -> Integers:
        """To how many each listens."""
        return np.diff(self.start)

    @property
    def listener(self) -> Integers:
        """Of each edge."""
        return np.repeat(np.arange(self.agents), self.degree)

    def sums(self, values: Array) -> Array:
        """Of a value per edge (edges, …), for each listener; 0 where it listens to nobody."""
        total = np.zeros((self.agents, *values.shape[1:]))
        rows = np.flatnonzero(self.degree)
        if len(rows):
            total[rows] = np.add.reduceat(values, self.start[rows], axis=0)
        return total

    def product(self, values: Array) -> Array:
        """The matrix of weights times a value per agent (agents,)."""
        return self.sums(self.weight * values[self.source])

    def weighted(self, weight: Array) -> "Network":
        """The same edges with other weights."""
        return Network(self.agents, self.listener, self.source, weight)

    def dense(self) -> Array:
        """The weights as a matrix (listeners, sources), for small networks."""
        matrix = np.zeros((self.agents, self.agents))
        matrix[self.listener, self.source] = self.weight
        return matrix

    def find(self, listener: int, source: int) -> int | None:
        """The number of an edge; raises NetworkError where there is no such agent."""
        for agent in (listener, source):
            if not 0 <= agent < self.agents:
                raise NetworkError(f"there is no agent {agent}; they are 0 to {self.agents - 1}")
        first, last = self.start[listener : listener + 2].tolist()
        place = first + int(np.searchsorted(self.source[first:last], source))
        return place if place < last and self.source[place] == source else None

    def cut(self, listener: int, source: int) -> int:
        """Remove an edge and tell the number it had; raises NetworkError where there is none."""
        place = self.find(listener, source)
        if place is None:
            raise NetworkError(f"there is no edge {listener}>{source} to cut")
        self.source, self.weight = np.delete(self.source, place), np.delete(self.weight, place)
        self.start = self.start - (np.arange(self.agents + 1) > listener)
        return place

    def add(self, listener: int, source: int, weight: float = 1.0) -> int:
        """Add an edge and tell its number; raises NetworkError where there is one already."""
        if self.find(listener, source) is not None:
            raise NetworkError(f"the edge {listener}>{source} is there already")
        if not (np.isfinite(weight) and weight > 0):
            raise NetworkError(f"the weight of an edge is {weight}; it must be finite and above 0")
        first, last = self.start[listener : listener + 2].tolist()
        place = first + int(np.searchsorted(self.source[first:last], source))
        self.source = np.insert(self.source, place, source)
        self.weight = np.insert(self.weight, place, weight)
        self.start = self.start + (np.arange(self.agents + 1) > listener)
        return int(place)

    def state(self) -> dict[str, Any]:
        return {"start": self.start, "source": self.source, "weight": self.weight}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.start, self.source, self.weight = (
            np.array(state[name]) for name in ("start", "source", "weight")
        )


def undirected(agents: int, one: Integers, other: Integers) -> Network:
    """Each edge in both directions, of weight 1."""
    both = np.append(one, other), np.append(other, one)
    return Network(agents, *both, np.ones(2 * len(one)))


def ring(agents: int, neighbours: int) -> Network:
    """Each with the nearest `neighbours` on a circle, half of them on each side."""
    return undirected(agents, *_ring(agents, neighbours))


def complete(agents: int) -> Network:
    _hold(agents * (agents - 1))
    return undirected(agents, *np.triu_indices(agents, 1))


def erdos_renyi(agents: int, mean_degree: float, random: np.random.Generator) -> Network:
    """Each pair with the same probability, such that all have `mean_degree` on average."""
    pairs = agents * (agents - 1) // 2
    _hold(int(agents * mean_degree))
    if not pairs:
        return undirected(agents, *np.zeros((2, 0), dtype=np.int64))
    count = int(random.binomial(pairs, min(1.0, mean_degree / (agents - 1))))
    code = random.choice(pairs, count, replace=False, shuffle=False).astype(np.int64)
    # Pair c is (i, j) with j < i and c = i (i - 1) / 2 + j; the root may be off by one.
    i = ((1 + np.sqrt(1 + 8 * code.astype(np.float64))) / 2).astype(np.int64)
    i -= i * (i - 1) // 2 > code
    i += i * (i + 1) // 2 <= code
    return undirected(agents, i, code - i * (i - 1) // 2)


def watts_strogatz(
    agents: int, neighbours: int, rewiring: float, random: np.random.Generator
) -> Network:
    """A ring whose edges end elsewhere with probability `rewiring`, all at once; one that would
    then be there twice stays where it was."""
    one, other = _ring(agents, neighbours)
    chosen = random.random(len(one)) < rewiring
    target = random.integers(0, agents, len(one))
    before = _code(one, other, agents)
    after = _code(one, target, agents)
    first = np.zeros(len(one), dtype=np.bool_)
    moving = np.flatnonzero(chosen & (target != one) & ~np.isin(after, before))
    first[moving[np.unique(after[moving], return_index=True)[1]]] = True
    return undirected(agents, one, np.where(first, target, other))


def read(agents: int, text: str) -> Network:
    """`0-1, 1>2:0.5` or JSON `[[0, 1], [1, 2, 0.5]]`; raises NetworkError.

    `a-b` is both ways, `a>b` means that a listens to b; those of JSON go both ways.
    """
    edges = _from_json(text) if text.lstrip().startswith("[") else _from_text(text)
    _hold(len(edges))
    columns = list(zip(*edges, strict=True)) or [(), (), ()]
    ends = [np.array(end, dtype=np.int64) for end in columns[:2]]
    return Network(agents, ends[0], ends[1], np.array(columns[2], dtype=np.float64))


def read_file(agents: int, path: Path) -> Network:
    """As `read`, from a file; each line may be an edge."""
    return read(agents, path.read_text(encoding="utf-8"))


def _from_text(text: str) -> list[tuple[int, int, float]]:
    edges: list[tuple[int, int, float]] = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
        found = _EDGE.fullmatch(part)
        if found is None:
            raise NetworkError(f"`{part:.40}` is no edge; write 0-1, 0>1 or 0>1:0.5")
        edges += _both(found[1], found[3], found[4] or 1.0, both=found[2] == "-")
    return edges


def _from_json(text: str) -> list[tuple[int, int, float]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NetworkError(f"the edges are no JSON: {error}") from None
    edges: list[tuple[int, int, float]] = []
    for row in rows:
        if not isinstance(row, list) or len(row) not in (2, 3):
            raise NetworkError(f"`{row!r:.40}` is no edge; write [0, 1] or [0, 1, weight]")
        edges += _both(row[0], row[1], row[2] if len(row) == 3 else 1.0, both=True)
    return edges


def _both(one: Any, other: Any, weight: Any, *, both: bool) -> Sequence[tuple[int, int, float]]:
    try:
        # A number with a fraction is no agent, though int() would take it.
        a, b, w = int(str(one)), int(str(other)), float(weight)
    except (TypeError, ValueError, OverflowError):
        raise NetworkError(f"`{one!r:.20}, {other!r:.20}, {weight!r:.20}` is no edge") from None
    return [(a, b, w), (b, a, w)] if both and a != b else [(a, b, w)]


def _ring(agents: int, neighbours: int) -> tuple[Integers, Integers]:
    _hold(agents * neighbours)
    reach = min(neighbours // 2, (agents - 1) // 2)
    one = np.repeat(np.arange(agents, dtype=np.int64), reach)
    return one, (one + np.tile(np.arange(1, reach + 1), agents)) % agents


def _code(one: Integers, other: Integers, agents: int) -> Integers:
    """A number for each pair, whichever end comes first."""
    code: Integers = np.minimum(one, other) * agents + np.maximum(one, other)
    return code


def _hold(edges: int) -> None:
    if edges > MOST_EDGES:
        raise NetworkError(f"the network would have {edges} edges; {MOST_EDGES} at most")
