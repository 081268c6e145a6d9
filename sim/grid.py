"""A grid of cells to walk on: its moves, and the straight and the bent ways across it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.model import Array, Integers

MOVES = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1), "stay": (0, 0)}
ACTIONS = tuple(MOVES)
_ACTION_OF_MOVE = np.array([[-1, 0, -1], [2, 4, 3], [-1, 1, -1]])  # by row and column step + 1


@dataclass(frozen=True)
class Routes:
    """Ways from each cell: `cells` and `actions`, both (cells, routes, steps); who has arrived
    stays. The cell after step t is `cells[..., t]`."""

    cells: Integers
    actions: Integers


@dataclass(frozen=True)
class Grid:
    """Cells numbered row by row from the top left."""

    rows: int
    columns: int

    @property
    def cells(self) -> int:
        return self.rows * self.columns

    @property
    def labels(self) -> tuple[str, ...]:
        """Row and column of each cell, both from 0."""
        return tuple(f"{cell // self.columns},{cell % self.columns}" for cell in range(self.cells))

    def cell(self, row: int, column: int) -> int:
        return row * self.columns + column

    def distance(self, one: Integers | int, other: Integers | int) -> Integers:
        """Steps of the shortest way."""
        rows = np.abs(np.asarray(one) // self.columns - np.asarray(other) // self.columns)
        columns = np.abs(np.asarray(one) % self.columns - np.asarray(other) % self.columns)
        distance: Integers = rows + columns
        return distance

    @cached_property
    def next_cell(self) -> Integers:
        """Where each action leads, (cells, actions); walls stop who walks against them."""
        row, column = np.divmod(np.arange(self.cells), self.columns)
        moves = np.array(list(MOVES.values()))
        there = np.clip(row[:, None] + moves[:, 0], 0, self.rows - 1) * self.columns
        cells: Integers = there + np.clip(column[:, None] + moves[:, 1], 0, self.columns - 1)
        return cells

    def transitions(self) -> Array:
        """`B` of the place: next × current × action."""
        matrix: Array = (np.arange(self.cells)[:, None, None] == self.next_cell).astype(np.float64)
        return matrix

    def routes(self) -> Routes:
        """To every cell by a shortest way of one bend at most, then staying there.

        Every cell has the same number of them, 2 × cells - (rows + columns - 1): two to each
        cell, but one to itself and to those in its row or column. All have as many steps as the
        longest way has.
        """
        start, goal = np.divmod(np.arange(self.cells**2), self.cells)
        rows_first = self._bent(start, goal)
        flipped = Grid(self.columns, self.rows)
        columns_first = self._flip(flipped._bent(self._flip(start), self._flip(goal)), back=True)
        bends = (start // self.columns != goal // self.columns) & (
            start % self.columns != goal % self.columns
        )
        steps = rows_first.shape[1]
        cells = np.concatenate(
            [
                rows_first.reshape(self.cells, self.cells, steps),
                columns_first[bends].reshape(self.cells, -1, steps),
            ],
            axis=1,
        )
        return Routes(cells, self._actions(cells))

    def _bent(self, start: Integers, goal: Integers) -> Integers:
        """The cells passed, (ways, steps), changing the row first."""
        steps = np.arange(1, max(self.rows + self.columns - 1, 2))
        row, column = np.divmod(start, self.columns)
        goal_row, goal_column = np.divmod(goal, self.columns)
        down, right = goal_row - row, goal_column - column
        along = np.minimum(steps, np.abs(down)[:, None])
        across = np.clip(steps - np.abs(down)[:, None], 0, np.abs(right)[:, None])
        passed_row = row[:, None] + np.sign(down)[:, None] * along
        passed: Integers = passed_row * self.columns + (
            column[:, None] + np.sign(right)[:, None] * across
        )
        return passed

    def _flip(self, cells: Integers, *, back: bool = False) -> Integers:
        """Cell numbers of the grid with rows and columns exchanged, or back from it."""
        width, height = (self.rows, self.columns) if back else (self.columns, self.rows)
        flipped: Integers = cells % width * height + cells // width
        return flipped

    def _actions(self, cells: Integers) -> Integers:
        start = np.broadcast_to(np.arange(self.cells)[:, None, None], (*cells.shape[:2], 1))
        before = np.concatenate([start, cells[..., :-1]], axis=2)
        down = cells // self.columns - before // self.columns
        right = cells % self.columns - before % self.columns
        actions: Integers = _ACTION_OF_MOVE[down + 1, right + 1]
        return actions
