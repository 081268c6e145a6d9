"""Models in pymdp's form run as they are, and agree with pymdp where it is installed."""

from typing import Any

import numpy as np
import pytest

from sim.errors import ModelError, NotADistribution
from sim.model import Model
from sim.policies import Draws
from sim.population import Character, Population
from sim.pymdp_model import from_pymdp, plain_mind
from tests.sim.models import distributions, random_model


def objects(matrices: Any) -> np.ndarray[Any, Any]:
    """An object array of matrices, as pymdp's own functions make them."""
    array = np.empty(len(matrices), dtype=object)
    for i, matrix in enumerate(matrices):
        array[i] = np.array(matrix)
    return array


def same(one: Model, other: Model) -> bool:
    return all(
        np.allclose(a, b, rtol=0, atol=1e-15)
        for letter in "ABCD"
        for a, b in zip(getattr(one, letter), getattr(other, letter), strict=True)
    )


def test_lists_and_object_arrays_make_the_same_model() -> None:
    model = random_model(1)
    A, B, C, D = (objects(getattr(model, letter)) for letter in "ABCD")

    direct, adapted = Model(A, B, C, D), from_pymdp(A, B, C, D)

    assert same(direct, model)
    assert same(adapted, model)


def test_a_single_matrix_and_a_batch_of_one_are_taken() -> None:
    model = random_model(2, (3,))
    first = Model(model.A[:1], model.B, model.C[:1], model.D)

    alone = from_pymdp(model.A[0], model.B[0], model.C[0], model.D[0])
    A, B, C, D = ([m[None]] for m in (model.A[0], model.B[0], model.C[0], model.D[0]))
    batched = from_pymdp(A, B, C, D)

    assert same(alone, first)
    assert same(batched, first)


def test_what_is_missing_is_flat() -> None:
    model = random_model(2)

    made = from_pymdp(model.A, model.B)

    assert made.C[0].tolist() == [0, 0, 0]
    assert made.D[1].tolist() == [0.5, 0.5]


def test_a_likelihood_of_named_factors_is_the_same_in_the_others() -> None:
    random = np.random.default_rng(3)
    moves = [distributions(random, size, size, 1) for size in (2, 3, 4)]
    a = distributions(random, 2, 4, 2)

    made = from_pymdp([a], moves, A_dependencies=[[2, 0]])

    for s0, s1, s2 in np.ndindex(2, 3, 4):
        assert made.A[0][:, s0, s1, s2] == pytest.approx(a[:, s2, s0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"A": [np.full((2, 3), 0.5)]}, r"A\[0\] must have length 2 along axis 1, but has 3"),
        ({"A": [np.full((2, 2), 0.4)]}, r"A\[0\] must sum to 1 along axis 0.* sums to 0\.8"),
        ({"A": [np.full((2, 2, 2), 0.5)]}, r"A\[0\] must have 2 axes.*\(a batch of models"),
        ({"B": [np.eye(2)[:, :, None] * 2]}, r"B\[0\] must sum to 1 along axis 0.* sums to 2"),
        ({"C": [np.zeros((5, 2))]}, r"C\[0\] must have 1 axes, but is \(5, 2\)"),
        ({"D": [np.full(2, 0.4)]}, r"D\[0\] must sum to 1 along axis 0, but sums to 0\.8"),
        ({"A_dependencies": [[1]]}, r"A\[0\] depends on the factors \[1\] of 1"),
        ({"B_dependencies": [[0, 1]]}, r"B\[0\] depends on the factors \[0, 1\]"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, Any], said: str) -> None:
    fitting = {"A": [np.full((2, 2), 0.5)], "B": [np.eye(2)[:, :, None]]}

    with pytest.raises(ModelError, match=said):
        from_pymdp(**{**fitting, **change})


def test_the_sum_and_the_axis_that_are_off_are_carried() -> None:
    with pytest.raises(NotADistribution) as caught:
        from_pymdp([np.full((2, 2), 0.4)], [np.eye(2)[:, :, None]])

    assert (caught.value.matrix, caught.value.axis, caught.value.column) == ("A[0]", 0, (0,))
    assert caught.value.total == pytest.approx(0.8)


def test_it_runs_with_names_by_number() -> None:
    model = random_model(4)
    A, B, C, D = (objects(getattr(model, letter)) for letter in "ABCD")
    mind = plain_mind(from_pymdp(A, B, C, D), depth=2)
    population = Population(3, mind, Character())

    thoughts = population.think(
        mind.likelihood.row(np.array([[0, 1]] * 3)), Draws(np.zeros(3), np.zeros(3))
    )

    told = thoughts.detail.belief(0)
    assert told["observation"] == {"modality 0": "outcome 0", "modality 1": "outcome 1"}
    assert len(told["policies"]) == mind.info.policies == 16
