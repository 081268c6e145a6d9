"""Neighbours on a grid of cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.lattice import Lattice, Neighbourhood

NEIGHBOURHOODS: tuple[Neighbourhood, ...] = ("moore", "von_neumann")


def around(lattice: Lattice, cell: int) -> set[int]:
    """The cells within the radius, by trying all of them."""
    row, column = divmod(cell, lattice.columns)
    found = set()
    for other in range(lattice.cells):
        down, right = abs(other // lattice.columns - row), abs(other % lattice.columns - column)
        if lattice.torus:
            down, right = min(down, lattice.rows - down), min(right, lattice.columns - right)
        length = max(down, right) if lattice.neighbourhood == "moore" else down + right
        if 0 < length <= lattice.radius:
            found.add(other)
    return found


@given(
    rows=st.integers(7, 9),
    columns=st.integers(7, 10),
    neighbourhood=st.sampled_from(NEIGHBOURHOODS),
    radius=st.integers(1, 3),
    torus=st.booleans(),
)
def test_neighbours_are_the_cells_within_the_radius(
    rows: int, columns: int, neighbourhood: Neighbourhood, radius: int, torus: bool
) -> None:
    lattice = Lattice(rows, columns, neighbourhood, radius, torus)

    for cell, found in enumerate(lattice.neighbours.tolist()):
        inside = [other for other in found if other != lattice.cells]
        assert len(inside) == len(set(inside))
        assert set(inside) == around(lattice, cell)


def test_a_torus_has_no_edge() -> None:
    lattice = Lattice(5, 6, torus=True)

    assert lattice.neighbours.max() < lattice.cells


def test_a_torus_as_narrow_as_a_neighbourhood_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 5 rows and columns"):
        Lattice(4, 9, radius=2, torus=True)


def test_coordinates_are_column_and_row() -> None:
    x, y = Lattice(3, 4).coordinates(Lattice(3, 4).neighbours[0][[4, 6]])

    assert (x.tolist(), y.tolist()) == ([1, 0], [0, 1])
