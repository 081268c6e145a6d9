"""The generative model of a mind, in the field's letters, checked when it is made."""

from collections.abc import Sequence
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import ModelError, NotADistribution, TooManyStates

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_JOINT_STATES = 4096
Matrices = Sequence[ArrayLike] | NDArray[Any]
"""A list of them, or pymdp's object array."""
Method = Literal["exact", "mean_field"]
MOST_KEPT = 1024  # actions whose matrices are found beforehand
TOLERANCE = 1e-6  # of a sum; what is off by less, such as float32, is scaled to sum to one


class Model:
    """What an agent believes about its world: a partially observed Markov decision process.

    Shapes, as pymdp takes them, for factors of S1..Sk states:
    `A[m]` outcomes × S1 × … × Sk: probability of an outcome in a joint state.
    `B[f]` next × current × control: how a factor moves; each factor has controls of its own.
    `C[m]` outcomes: raw log-preferences in nats, of any sum (they are not made a distribution).
    `D[f]` states: belief before the first observation.
    `E` policies, optional: prior over policies.

    An action is one control of every factor, numbered with the last factor's running fastest.
    The arrays are copies and cannot be written. Raises ModelError and, where `method` is "exact",
    TooManyStates; "mean_field" is for those who think by `sim.mean_field`.
    """

    def __init__(
        self,
        A: Matrices,
        B: Matrices,
        C: Matrices,
        D: Matrices,
        E: ArrayLike | None = None,
        *,
        method: Method = "exact",
    ) -> None:
        self.method = method
        self.D = tuple(_distribution(f"D[{f}]", D[f], 1) for f in range(len(D)))
        self.shape = tuple(len(d) for d in self.D)
        self.states = prod(self.shape)
        if not self.D or len(A) == 0:
            raise ModelError("A" if self.D else "D", "is empty: a model needs one at least")
        if self.states > MOST_JOINT_STATES and method == "exact":
            raise TooManyStates(self.states, MOST_JOINT_STATES, self.shape)
        _same_number("B", B, "D", self.D)
        _same_number("C", C, "A", A)
        self.A = tuple(
            _distribution(f"A[{m}]", A[m], 1 + len(self.shape), (None, *self.shape))
            for m in range(len(A))
        )
        self.outcomes = tuple(len(a) for a in self.A)
        self.B = tuple(
            _distribution(f"B[{f}]", B[f], 3, (size, size, None))
            for f, size in enumerate(self.shape)
        )
        self.controls = tuple(b.shape[2] for b in self.B)
        self.actions = prod(self.controls)
        self._stays = tuple(
            tuple(np.array_equal(b[:, :, control], np.eye(len(b))) for control in range(b.shape[2]))
            for b in self.B
        )
        self._moves = [self._moved_by(action) for action in range(min(self.actions, MOST_KEPT))]
        self.C = tuple(
            _numbers(f"C[{m}]", C[m], 1, (size,)) for m, size in enumerate(self.outcomes)
        )
        self.E = None if E is None else _distribution("E", E, 1)

    def initial(self) -> Array:
        """The joint belief before the first observation, (states,)."""
        joint = np.ones(1)
        for d in self.D:
            joint = np.multiply.outer(joint, d).reshape(-1)
        return joint

    def predict(self, beliefs: Array, action: int) -> Array:
        """The beliefs (n, states) after an action, moved one factor after the other.

        Exact, since factors move independently of one another given the action.
        """
        moved = beliefs
        moves = self._moves[action] if action < len(self._moves) else self._moved_by(action)
        for matrix, right in moves:
            moved = np.matmul(matrix, moved.reshape(-1, len(matrix), right))
        return moved.reshape(len(beliefs), self.states)

    def marginal(self, joint: Array, factor: int) -> Array:
        """One factor's share of a joint vector (states,): the sum over the other factors."""
        return marginal(joint, self.shape, factor)

    def _moved_by(self, action: int) -> list[tuple[Array, int]]:
        """The matrices of the factors that an action moves, each with the size of those after."""
        controls = np.unravel_index(action, self.controls)
        moves = []
        for factor, control in enumerate(controls):
            if not self._stays[factor][control]:
                matrix = self.B[factor][:, :, control]
                moves.append((matrix, prod(self.shape[factor + 1 :])))
        return moves


def marginal(joint: Array, shape: Sequence[int], factor: int) -> Array:
    """One factor's share of a joint vector (states,): the sum over the other factors."""
    others = tuple(f for f in range(len(shape)) if f != factor)
    found: Array = joint.reshape(tuple(shape)).sum(axis=others)
    return found


def _same_number(name: str, given: Matrices, other: str, wanted: Matrices) -> None:
    if len(given) != len(wanted):
        raise ModelError(name, f"has {len(given)} matrices where {other} has {len(wanted)}")


def _numbers(
    name: str, values: ArrayLike, dimensions: int, shape: tuple[int | None, ...] | None = None
) -> Array:
    """A copy that cannot be written; None in the shape stands for any size."""
    array = np.array(values, dtype=np.float64, order="C")
    if array.ndim != dimensions or array.size == 0:
        raise ModelError(name, f"must have {dimensions} axes, none empty, but is {array.shape}")
    for axis, size in enumerate(shape or ()):
        if size is not None and array.shape[axis] != size:
            raise ModelError(
                name, f"must have length {size} along axis {axis}, but has {array.shape[axis]}"
            )
    if not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ModelError(name, f"holds {array[place]} at {list(place)}: only finite numbers can be")
    array.flags.writeable = False
    return array


def _distribution(
    name: str, values: ArrayLike, dimensions: int, shape: tuple[int | None, ...] | None = None
) -> Array:
    """Probabilities that sum to one along the first axis; raises ModelError."""
    array = _numbers(name, values, dimensions, shape)
    if (array < 0).any():
        place = tuple(int(i) for i in np.argwhere(array < 0)[0])
        raise ModelError(
            name, f"holds {array[place]:g} at {list(place)}: no probability is below 0"
        )
    totals = np.asarray(array.sum(axis=0))
    wrong = np.argwhere(np.abs(totals - 1) > TOLERANCE)
    if len(wrong):
        column = tuple(int(i) for i in wrong[0])
        raise NotADistribution(name, 0, column, float(totals[column]))
    scaled: Array = array / totals
    scaled.flags.writeable = False
    return scaled
