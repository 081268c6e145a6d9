"""A generative model says which matrix, axis and sum are off."""

from typing import Any

import numpy as np
import pytest

from sim.errors import ModelError, NotADistribution, TooManyPolicies, TooManyStates
from sim.model import Model
from sim.policies import enumerate_policies


def matrices(**changed: Any) -> dict[str, Any]:
    fitting: dict[str, Any] = {
        "A": [np.full((2, 2), 0.5)],
        "B": [np.eye(2)[:, :, None]],
        "C": [[0.0, 1.0]],
        "D": [[0.5, 0.5]],
    }
    return {**fitting, **changed}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"A": [[[0.5, 0.5], [0.5, 0.4]]]}, r"A\[0\] must sum to 1 along axis 0.*\[1\].*0\.9"),
        ({"D": [[0.7, 0.7]]}, r"D\[0\] must sum to 1 along axis 0, but sums to 1\.4"),
        ({"B": [np.eye(3)[:, :, None]]}, r"B\[0\] must have length 2 along axis 0, but has 3"),
        ({"C": [[0.0]]}, r"C\[0\] must have length 2 along axis 0, but has 1"),
        ({"A": [[[1.5, 0.5], [-0.5, 0.5]]]}, r"A\[0\] holds -0\.5 at \[1, 0\]"),
        ({"A": [[[np.nan, 0.5], [0.5, 0.5]]]}, r"A\[0\] holds nan at \[0, 0\]"),
        ({"C": []}, r"C has 0 matrices where A has 1"),
    ],
)
def test_a_matrix_that_is_off_is_named(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        Model(**matrices(**changed))


def test_the_sum_that_is_off_is_carried() -> None:
    with pytest.raises(NotADistribution) as caught:
        Model(**matrices(D=[[0.5, 0.2]]))

    assert (caught.value.matrix, caught.value.axis, caught.value.total) == ("D[0]", 0, 0.7)


def test_too_many_joint_states_are_counted() -> None:
    with pytest.raises(TooManyStates, match=r"100 × 100 = 10000 joint states.*4096"):
        Model(**matrices(D=[np.full(100, 0.01)] * 2))


def test_too_many_policies_are_counted() -> None:
    with pytest.raises(TooManyPolicies, match="15625 policies; 10000 at most"):
        enumerate_policies(5, 6)
