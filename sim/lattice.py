"""Cells in rows and columns, and which of them are neighbours."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.model import Integers

Neighbourhood = Literal["moore", "von_neumann"]


@dataclass(frozen=True)
class Lattice:
    """Cells numbered row by row from the top left.

    Neighbours lie within `radius` steps: of a king (Moore) or of a rook's single steps (von
    Neumann). On a torus the edges meet; it must be wider and higher than a neighbourhood, lest a
    cell be its own neighbour, or another's twice.
    """

    rows: int
    columns: int
    neighbourhood: Neighbourhood = "moore"
    radius: int = 1
    torus: bool = False

    def __post_init__(self) -> None:
        if self.torus and min(self.rows, self.columns) <= 2 * self.radius:
            raise ValueError(
                f"a torus of {self.rows} × {self.columns} cells is no wider than a neighbourhood of"
                f" radius {self.radius}; it needs {2 * self.radius + 1} rows and columns"
            )

    @property
    def cells(self) -> int:
        return self.rows * self.columns

    @cached_property
    def neighbours(self) -> Integers:
        """Of each cell, (cells, neighbours), itself left out; `cells` stands for what would lie
        beyond an edge."""
        down, right = self._steps()
        row, column = np.divmod(np.arange(self.cells)[:, None], self.columns)
        rows, columns = row + down, column + right
        if self.torus:
            rows, columns = rows % self.rows, columns % self.columns
        inside = (rows >= 0) & (rows < self.rows) & (columns >= 0) & (columns < self.columns)
        found: Integers = np.where(inside, rows * self.columns + columns, self.cells)
        return found

    def coordinates(self, places: Integers) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Columns and rows of cells: x to the right, y down."""
        row, column = np.divmod(places, self.columns)
        return column.astype(np.int32), row.astype(np.int32)

    def _steps(self) -> tuple[Integers, Integers]:
        reach = np.arange(-self.radius, self.radius + 1)
        down, right = (axis.ravel() for axis in np.meshgrid(reach, reach, indexing="ij"))
        if self.neighbourhood == "moore":
            near = (down != 0) | (right != 0)
        else:
            length = np.abs(down) + np.abs(right)
            near = (length > 0) & (length <= self.radius)
        return down[near], right[near]
