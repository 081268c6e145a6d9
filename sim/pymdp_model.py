"""Models as pymdp has them, and a mind with plain names for any model."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import ModelError
from sim.likelihood import Likelihood
from sim.mind import Mind
from sim.model import Matrices, Method, Model
from sim.policies import Planner
from sim.scenario import Factor, ModelInfo
from sim.sequences import Sequences


def from_pymdp(
    A: Matrices,
    B: Matrices,
    C: Matrices | None = None,
    D: Matrices | None = None,
    E: ArrayLike | None = None,
    *,
    A_dependencies: Sequence[Sequence[int]] | None = None,
    B_dependencies: Sequence[Sequence[int]] | None = None,
    method: Method = "exact",
) -> Model:
    """The model that pymdp's Agent would make of these arguments.

    Taken are lists and object arrays of matrices, one matrix alone, a leading batch of one, and
    likelihoods of those factors only that `A_dependencies` names. C is flat and D uniform where
    they are missing. Raises ModelError, for factors that move one another too.
    """
    moves = [_one(f"B[{f}]", b, 3) for f, b in enumerate(_matrices(B, 3))]
    shape = tuple(b.shape[0] for b in moves)
    for f, of in enumerate(B_dependencies or []):
        if list(of) != [f]:
            raise ModelError(
                f"B[{f}]", f"depends on the factors {list(of)}: a factor here moves by itself"
            )
    likelihoods = []
    for m, a in enumerate(_matrices(A, 1 + len(shape))):
        of = range(len(shape)) if A_dependencies is None else A_dependencies[m]
        likelihoods.append(_widened(f"A[{m}]", _one(f"A[{m}]", a, 1 + len(of)), of, shape))
    outcomes = [len(a) for a in likelihoods]
    return Model(
        likelihoods,
        moves,
        [np.zeros(size) for size in outcomes] if C is None else _vectors("C", C),
        [np.full(size, 1 / size) for size in shape] if D is None else _vectors("D", D),
        None if E is None else _one("E", E, 1),
        method=method,
    )


def plain_info(model: Model, policies: int) -> ModelInfo:
    """Names by number, for a model that came without any."""
    factors = tuple(
        Factor(f"factor {f}", tuple(f"state {s}" for s in range(size)))
        for f, size in enumerate(model.shape)
    )
    modalities = tuple(
        (f"modality {m}", tuple(f"outcome {o}" for o in range(size)))
        for m, size in enumerate(model.outcomes)
    )
    return ModelInfo(factors, modalities, tuple(f"action {u}" for u in range(model.actions)),
                     policies)  # fmt: skip


def plain_mind(model: Model, depth: int = 1, planner: Planner | None = None) -> Mind:
    """A mind for `sim.population`, which chooses among sequences of so many actions, or by the
    planner."""
    likelihood = Likelihood(model)
    plans = planner or Sequences(model, likelihood, depth)
    return Mind(model, plain_info(model, plans.policies), likelihood, plans)


def _matrices(given: Matrices, axes: int) -> list[Any]:
    """A list of them, also where there is one alone."""
    if isinstance(given, np.ndarray) and given.dtype != object and given.ndim == axes:
        return [given]
    return list(given)


def _vectors(letter: str, given: Matrices) -> list[NDArray[Any]]:
    numbers = isinstance(given, np.ndarray) and given.dtype != object and given.ndim == 1
    return [_one(f"{letter}[{i}]", v, 1) for i, v in enumerate([given] if numbers else given)]


def _one(name: str, matrix: Any, axes: int) -> NDArray[Any]:
    """Without a batch axis, which can only be of one."""
    array = np.asarray(matrix, dtype=np.float64)
    if array.ndim == axes + 1 and len(array) == 1:
        alone: NDArray[Any] = array[0]
        return alone
    if array.ndim != axes:
        batch = " (a batch of models: take one)" if array.ndim == axes + 1 else ""
        raise ModelError(name, f"must have {axes} axes, but is {array.shape}{batch}")
    return array


def _widened(name: str, a: NDArray[Any], of: Sequence[int], shape: tuple[int, ...]) -> NDArray[Any]:
    """The likelihood over all factors, the same whatever those are that it does not depend on."""
    factors = list(of)
    if len(set(factors)) != len(factors) or not set(factors) <= set(range(len(shape))):
        raise ModelError(name, f"depends on the factors {factors} of {len(shape)}")
    for axis, f in enumerate(factors, start=1):
        if a.shape[axis] != shape[f]:
            raise ModelError(
                name, f"must have length {shape[f]} along axis {axis}, but has {a.shape[axis]}"
            )
    order = np.argsort(factors)
    ordered = a.transpose(0, *(1 + order))
    sizes = [size if f in factors else 1 for f, size in enumerate(shape)]
    return np.broadcast_to(ordered.reshape(len(a), *sizes), (len(a), *shape))
