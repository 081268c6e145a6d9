"""Who is near whom on a square whose edges meet."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model import Array
from sim.plane import Nearness, add, wrapped


def points(seed: int, many: int, side: float) -> Array:
    return np.random.default_rng(seed).random((2, many)) * side


def by_brute_force(x: Array, y: Array, side: float, radius: float) -> set[tuple[int, int]]:
    near = set()
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            across, down = abs(x[i] - x[j]), abs(y[i] - y[j])
            across, down = min(across, side - across), min(down, side - down)
            if across**2 + down**2 <= radius**2:
                near.add((i, j))
    return near


@given(
    seed=st.integers(0, 10**6),
    many=st.sampled_from([1, 2, 40, 300, 500, 520]),
    side=st.floats(0.5, 20.0),
    radius=st.floats(0.2, 3.0),
    at_once=st.sampled_from([3, 500, 1 << 22]),
)
def test_cells_find_the_pairs_that_brute_force_finds_each_once(
    seed: int, many: int, side: float, radius: float, at_once: int
) -> None:
    x, y = points(seed, many, side)
    near = Nearness(x, y, side, radius)

    found: list[tuple[int, int]] = []
    for pairs in near.pairs(at_once):
        found += zip(near.order[pairs.i].tolist(), near.order[pairs.j].tolist(), strict=True)

    assert len(found) == len(set(found))
    assert {(min(pair), max(pair)) for pair in found} == by_brute_force(x, y, side, radius)


@pytest.mark.parametrize("many", [100, 600])
def test_a_pair_tells_the_shortest_way_from_one_to_the_other(many: int) -> None:
    x, y = points(1, many, 10.0)
    near = Nearness(x, y, 10.0, 1.5)

    for pairs in near.pairs():
        i, j = near.order[pairs.i], near.order[pairs.j]
        assert np.abs(pairs.across).max(initial=0) <= 1.5
        np.testing.assert_allclose((x[i] + pairs.across - x[j] + 5) % 10, 5, atol=1e-9)
        np.testing.assert_allclose((y[i] + pairs.down - y[j] + 5) % 10, 5, atol=1e-9)
        np.testing.assert_allclose(pairs.square, pairs.across**2 + pairs.down**2)


def test_values_in_the_order_of_nearness_find_back_to_their_points() -> None:
    x, y = points(2, 600, 10.0)
    near = Nearness(x, y, 10.0, 1.0)

    assert near.order.tolist() != list(range(600))
    assert near.restored(np.stack([x, y])[:, near.order]).tolist() == [x.tolist(), y.tolist()]


def test_what_is_added_goes_to_its_point_as_often_as_it_is_named() -> None:
    sums = np.zeros(5)

    add(sums, np.array([3, 1, 3]), np.array([1.0, 2.0, 4.0]))
    add(sums, np.array([1]))
    add(sums, np.array([], dtype=np.int64))

    assert sums.tolist() == [0.0, 3.0, 0.0, 5.0, 0.0]


def test_what_leaves_the_square_comes_in_at_the_other_edge() -> None:
    found = wrapped(np.array([-1.0, 0.0, 9.0, 10.0, 12.5, -1e-20]), 10.0)

    assert found.tolist() == [9.0, 0.0, 9.0, 0.0, 2.5, 0.0]
