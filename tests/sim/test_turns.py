"""Taking in turn, all at once, is what taking one after the other is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.turns import Loop, compiled, in_rounds, serially

LOOPS = [in_rounds, serially, *filter(None, [compiled()])]  # the last where numba is installed


@pytest.mark.parametrize("loop", LOOPS)
@given(
    seed=st.integers(0, 10**6),
    takers=st.integers(0, 100),
    cells=st.integers(4, 30),
    ways=st.integers(1, 8),
    most=st.integers(1, 3),
)
def test_all_at_once_is_as_one_after_the_other(
    loop: Loop, seed: int, takers: int, cells: int, ways: int, most: int
) -> None:
    random = np.random.default_rng(seed)
    options = random.integers(0, cells, (takers, ways))
    allowed = random.random((takers, ways)) < 0.7
    allowed[:, 0] |= ~allowed.any(axis=1)
    stock = random.integers(0, most + 1, cells)
    chance = random.random(takers)
    left, expected = stock.copy(), []

    for taker in range(takers):
        may = [int(options[taker, way]) for way in range(ways) if allowed[taker, way]]
        wanted = [cell for cell in may if left[cell] > 0]
        chosen = (wanted or may)[int(chance[taker] * len(wanted or may))]
        expected.append((chosen, bool(wanted)))
        left[chosen] -= bool(wanted)
    places, takes = np.zeros(takers, np.int64), np.zeros(takers, np.bool_)
    loop(options, allowed, stock, chance, places, takes)

    assert list(zip(places.tolist(), takes.tolist(), strict=True)) == expected
    assert stock.tolist() == left.tolist()
