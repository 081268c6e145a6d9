"""Networks as compressed rows, against matrices and the sets they stand for."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.network import (
    Network,
    NetworkError,
    complete,
    erdos_renyi,
    read,
    read_file,
    ring,
    watts_strogatz,
)  # fmt: skip

pairs = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30)


def network(edges: set[tuple[int, int]]) -> Network:
    ends = np.array(sorted(edges, key=hash), dtype=np.int64).reshape(-1, 2)
    weights = (1 + ends[:, 1] + 8 * ends[:, 0]).astype(np.float64)
    return Network(8, ends[:, 0], ends[:, 1], weights)


@given(edges=pairs, seed=st.integers(0, 2**32 - 1))
def test_the_product_is_that_of_the_matrix(edges: set[tuple[int, int]], seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=8)
    found = network(edges)

    assert found.product(values) == pytest.approx(found.dense() @ values)


@given(edges=pairs, one=st.integers(0, 7), other=st.integers(0, 7))
def test_an_edge_cut_and_added_again_leaves_the_network_as_it_was(
    edges: set[tuple[int, int]], one: int, other: int
) -> None:
    found, before = network(edges), network(edges).dense()
    if (one, other) in edges:
        found.cut(one, other)
        assert np.array_equal(found.dense(), np.where(before == before[one, other], 0, before))
        found.add(one, other, before[one, other])
    else:
        found.add(one, other)
        assert found.dense()[one, other] == 1.0
        found.cut(one, other)

    assert np.array_equal(found.dense(), before)


def test_a_state_brings_the_network_back() -> None:
    found, other = ring(6, 2), ring(6, 2)
    found.cut(0, 1)

    other.restore(found.state())

    assert np.array_equal(other.dense(), found.dense())


def test_the_builders_link_as_many_as_they_say() -> None:
    random = np.random.default_rng(1)

    assert set(ring(10, 4).degree) == {4}
    assert set(complete(9).degree) == {8}
    assert watts_strogatz(100, 6, 0.5, random).edges == 600
    assert erdos_renyi(5000, 10, random).degree.mean() == pytest.approx(10, abs=0.4)
    assert erdos_renyi(5, 100, random).edges == 20


def test_edges_are_read_from_text_json_and_a_file(tmp_path: Path) -> None:
    path = tmp_path / "edges"
    path.write_text("0-1\n1>2:0.5\n")
    wanted = [[0, 1, 0], [1, 0, 0.5], [0, 0, 0]]

    assert read(3, "0-1, 1>2:0.5").dense().tolist() == wanted
    assert read_file(3, path).dense().tolist() == wanted
    assert read(3, "[[0, 1], [1, 2, 0.5]]").dense()[2, 1] == 0.5


@pytest.mark.parametrize(
    "text",
    ["0-3", "0=1", "0>1,0>1", "0>1:0", "[[0]]", "[", '[["a", 1]]', "[[0.5, 1]]", "[[true, 2]]"],
)
def test_edges_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(NetworkError):
        read(3, text)
