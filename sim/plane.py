"""A square whose edges meet, and who is near whom on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sim.model import Array, Integers

_REACH = 2  # cells that a radius spans: smaller cells mean fewer strangers to compare with
_FEWEST_CELLS = 2 * _REACH + 1  # along a side, so that no cell is met from both its sides
_FEWEST_POINTS = 500  # fewer are only sorted from top to bottom: cells would take longer
_SLACK = 1 + 1e-9  # of a strip, for what rounding may take from a distance
MOST_COMPARED = 1 << 22
_BLOCK = 16_384  # points whose neighbours are sought at once, so that they stay in the cache


@dataclass(frozen=True, slots=True)
class Pairs:
    """Points `i` and `j` that are near each other, each pair once; `across` and `down` lead from
    i to j by the shortest way, `square` is its length squared."""

    i: Integers
    j: Integers
    across: Array
    down: Array
    square: Array


class Nearness:
    """Points with coordinates from 0 to below `side`, and which are within `radius`.

    `order` lists the points such that near ones stand near one another; the pairs count in it:
    `i` is the point `order[i]`. A point is compared with those of the cells around it alone.
    """

    def __init__(self, x: Array, y: Array, side: float, radius: float) -> None:
        self._side, self._square = side, radius * radius
        self._many = int(side / radius * _REACH)
        self._in_cells = len(x) >= _FEWEST_POINTS and self._many >= _FEWEST_CELLS
        # No point is near another on both ways round.
        self._in_strips = not self._in_cells and side > 2.01 * radius
        self._radius = radius
        self.order = np.arange(len(x))
        if self._in_strips:
            self.order = np.argsort(y, kind="stable")
            x, y = x[self.order], y[self.order]
        if self._in_cells:
            most = self._many - 1
            # Rounding may put a point a hair below the edge into a cell that is not there.
            row = np.minimum((y * (self._many / side)).astype(np.int64), most)
            column = np.minimum((x * (self._many / side)).astype(np.int64), most)
            cell = row * self._many + column
            self.order = np.argsort(cell, kind="stable")
            x, y, self._cell = x[self.order], y[self.order], cell[self.order]
            self._begins = np.searchsorted(self._cell, np.arange(self._many**2 + 1))
        self._x, self._y = x, y
        self._most = MOST_COMPARED

    def pairs(self, most: int = MOST_COMPARED) -> Iterator[Pairs]:
        """All pairs, in portions for which about so many are compared at once."""
        self._most = most
        if self._in_strips:
            yield from self._below()
            return
        if not self._in_cells:
            yield self._each_with_each()
            return
        for start in range(0, len(self._x), _BLOCK):
            here = np.arange(start, min(start + _BLOCK, len(self._x)))
            for below in range(_REACH + 1):
                yield from self._in_row(here, below)

    def restored(self, values: Array) -> Array:
        """Values (…, points) in `order`, in the order in which the points were given."""
        found = np.empty_like(values)
        found[..., self.order] = values
        return found

    def _below(self) -> Iterator[Pairs]:
        """Pairs with the points of the strip below each; over the lower edge it goes on above."""
        here = np.arange(len(self._x))
        lowest = self._y + self._radius * _SLACK
        count = np.searchsorted(self._y, lowest, side="right") - here - 1
        yield from self._near(here, here + 1, count, 0.0, np.zeros(len(here)))
        edge = np.flatnonzero(lowest >= self._side)
        if len(edge):
            count = np.searchsorted(self._y, lowest[edge] - self._side, side="right")
            down = np.full(len(edge), self._side)
            yield from self._near(edge, np.zeros_like(edge), count, 0.0, down)

    def _in_row(self, here: Integers, below: int) -> Iterator[Pairs]:
        """Pairs with the points in the row of cells so far below their own, half of them where
        that is the own row. A strip of cells that goes over an edge goes on at the other."""
        row, column = np.divmod(self._cell[here], self._many)
        over = row + below >= self._many
        row = np.where(over, row + below - self._many, row + below) * self._many
        down = np.where(over, self._side, 0.0)
        left, right = column - _REACH, column + _REACH
        begin = self._begins[row + np.maximum(left, 0)] if below else here + 1
        end = self._begins[row + np.minimum(right, self._many - 1) + 1]
        yield from self._near(here, begin, end - begin, 0.0, down)
        for side, those in ((self._side, right >= self._many), (-self._side, left < 0)):
            edge = np.flatnonzero(those)
            if not len(edge) or (side < 0 and not below):
                continue
            first = row[edge] if side > 0 else row[edge] + left[edge] + self._many
            after = row[edge] + (right[edge] - self._many + 1 if side > 0 else self._many)
            begin = self._begins[first]
            count = self._begins[after] - begin
            yield from self._near(here[edge], begin, count, side, down[edge])

    def _near(
        self, here: Integers, begin: Integers, count: Integers, right: float, down: Array
    ) -> Iterator[Pairs]:
        """Of the points here and the `count` from `begin` on, seen so far to the right and down
        of where they are, those pairs that are near; in more portions where a crowd is dense."""
        ends = np.cumsum(count)
        first = 0
        for last in (
            *np.searchsorted(ends, np.arange(self._most, ends[-1], self._most)).tolist(),
            len(here),
        ):
            part = slice(first, last)
            if last > first:
                yield self._compared(here[part], begin[part], count[part], right, down[part])
            first = max(first, last)

    def _compared(
        self, here: Integers, begin: Integers, count: Integers, right: float, down: Array
    ) -> Pairs:
        """As `_near`, at once."""
        ends = np.cumsum(count)
        j = np.arange(ends[-1]) + np.repeat(begin - ends + count, count)
        x = self._x[j] - np.repeat(self._x[here] - right, count)
        y = self._y[j] - np.repeat(self._y[here] - down, count)
        if self._in_strips:
            x -= self._side * np.rint(x / self._side)
        square = x * x + y * y
        near = np.flatnonzero(square <= self._square)
        i = np.repeat(here, count)
        return Pairs(i[near], j[near], x[near], y[near], square[near])

    def _each_with_each(self) -> Pairs:
        i, j = _all_pairs(len(self._x))
        x, y = self._x[j] - self._x[i], self._y[j] - self._y[i]
        x -= self._side * np.rint(x / self._side)
        y -= self._side * np.rint(y / self._side)
        square = x * x + y * y
        near = np.flatnonzero(square <= self._square)
        return Pairs(i[near], j[near], x[near], y[near], square[near])


def add(sums: Array, points: Integers, values: Array | None = None) -> None:
    """Add to each point's sum the values, 1 if none are given, that belong to it; points that
    lie close together in `sums` are counted fast."""
    if len(points):
        first = int(points.min())
        found = np.bincount(points - first, values)
        sums[first : first + len(found)] += found


def wrapped(coordinates: Array, side: float) -> Array:
    """From 0 to below `side`, which the remainder of a tiny negative number reaches by rounding."""
    remainder = coordinates % side
    remainder[remainder >= side] = 0.0
    return remainder


@lru_cache(maxsize=8)
def _all_pairs(points: int) -> tuple[Integers, Integers]:
    first, second = np.triu_indices(points, 1)
    return first, second
