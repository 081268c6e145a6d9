"""Where the foragers look, and what they believe about it."""

from dataclasses import dataclass

import numpy as np

from sim.grid import Grid
from sim.model import Model
from sim.scenario import Mark

PLACES = ("place 1", "place 2", "place 3", "place 4")
REWARDS = ("upper", "lower")
FIRST_CUES = ("nothing", *PLACES)
SECOND_CUES = ("nothing", *REWARDS)
OUTCOMES = ("nothing", "reward", "shock")


@dataclass(frozen=True)
class Places:
    """Where things stand, as cells; on 5 × 7 cells these are the places of Heins et al. 2022,
    on larger grids they move apart in proportion."""

    grid: Grid

    @property
    def first_cue(self) -> int:
        return self._cell(2, 0)

    @property
    def second_cues(self) -> tuple[int, ...]:
        return tuple(self._cell(*place) for place in ((0, 2), (1, 3), (3, 3), (4, 2)))

    @property
    def rewards(self) -> tuple[int, ...]:
        return self._cell(1, 5), self._cell(3, 5)

    def _cell(self, row: int, column: int) -> int:
        rows, columns = self.grid.rows - 1, self.grid.columns - 1
        return self.grid.cell(round(row * rows / 4), round(column * columns / 6))

    def marks(self) -> tuple[Mark, ...]:
        named = [(self.first_cue, "first cue", "cue")]
        named += [
            (cell, place, "cue") for cell, place in zip(self.second_cues, PLACES, strict=True)
        ]
        named += [(cell, name, "reward") for cell, name in zip(self.rewards, REWARDS, strict=True)]
        width = self.grid.columns
        return tuple(
            Mark(cell % width, cell // width, label, "cue" if kind == "cue" else "reward")
            for cell, label, kind in named
        )


def make_model(places: Places, reward: float, shock: float) -> Model:
    """Joint states: cells × places of the second cue (4) × places of the reward (2)."""
    grid = places.grid
    shape = (grid.cells, len(PLACES), len(REWARDS))
    place = np.broadcast_to(np.eye(grid.cells)[:, :, None, None], (grid.cells, *shape))
    first, second, outcome = np.zeros((5, *shape)), np.zeros((3, *shape)), np.zeros((3, *shape))
    first[0], second[0], outcome[0] = 1.0, 1.0, 1.0
    first[0, places.first_cue] = 0.0
    for i, cell in enumerate(places.second_cues):
        first[1 + i, places.first_cue, i] = 1.0
        second[0, cell, i] = 0.0
        for j in range(len(REWARDS)):
            second[1 + j, cell, i, j] = 1.0
    for j, cell in enumerate(places.rewards):
        outcome[0, cell] = 0.0
        outcome[1, cell, :, j] = 1.0
        outcome[2, cell, :, 1 - j] = 1.0
    stay = [np.eye(size)[:, :, None] for size in shape[1:]]
    return Model(
        A=[place, first, second, outcome],
        B=[grid.transitions(), *stay],
        C=[np.zeros(grid.cells), np.zeros(5), np.zeros(3), [0.0, reward, -shock]],
        D=[np.full(size, 1 / size) for size in shape],
    )
