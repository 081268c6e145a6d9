"""The likelihood of joint outcomes: what all modalities say together in each joint state."""

from functools import cached_property
from math import prod

import numpy as np

from sim.errors import TooManyOutcomes, TooManyStates
from sim.model import MOST_JOINT_STATES, Array, Integers, Model

MOST_ENTRIES = 1 << 23
TINY = float(np.finfo(np.float64).tiny)


class Likelihood:
    """p(outcome | state) of every joint outcome that some state makes possible.

    `table` (rows + 1, states) has a row per such outcome, and zeros in the last row, which
    stands for all others; `outcomes` (rows, modalities) names them. Leaving out what cannot
    happen is exact and keeps the table short. In nats, per state: `ambiguity` is the entropy
    of its joint outcome, `preference` the expected sum of C over modalities.
    Raises TooManyOutcomes, and TooManyStates for a model that only mean field can think by.
    """

    def __init__(self, model: Model) -> None:
        if model.states > MOST_JOINT_STATES:
            raise TooManyStates(model.states, MOST_JOINT_STATES, model.shape)
        self._sizes = model.outcomes
        if prod(self._sizes) >= 1 << 62:
            raise TooManyOutcomes(prod(self._sizes) * model.states, MOST_ENTRIES)
        table = np.ones((1, model.states))
        codes = np.zeros(1, dtype=np.int64)
        for a in model.A:
            size = len(a)
            if table.size * size > MOST_ENTRIES:
                raise TooManyOutcomes(table.size * size, MOST_ENTRIES)
            matrix = a.reshape(size, model.states)
            table = (table[:, None, :] * matrix).reshape(-1, model.states)
            codes = (codes[:, None] * size + np.arange(size)).reshape(-1)
            possible = table.any(axis=1)
            table, codes = table[possible], codes[possible]
        self.rows = len(table)
        self.impossible = self.rows
        self.table: Array = np.vstack([table, np.zeros(model.states)])
        self.outcomes: Integers = np.stack(np.unravel_index(codes, self._sizes), axis=1)
        self._codes = codes
        self.ambiguity = entropy(table, axis=0)
        self.preference: Array = sum(
            (c @ a.reshape(len(c), model.states) for a, c in zip(model.A, model.C, strict=True)),
            np.zeros(model.states),
        )

    def row(self, outcomes: Integers) -> Integers:
        """The rows of observations (n, modalities); `impossible` for what no state can show."""
        codes = np.ravel_multi_index(tuple(outcomes.T), self._sizes)
        rows = np.minimum(np.searchsorted(self._codes, codes), self.rows - 1)
        found: Integers = np.where(self._codes[rows] == codes, rows, self.impossible)
        return found

    def sample(self, states: Integers, draws: Array) -> Integers:
        """The row that each state shows, by inverting its distribution at a number in [0, 1)."""
        cumulated = self._cumulated[:, states]
        rows: Integers = (draws * cumulated[-1] >= cumulated).sum(axis=0)
        return rows

    @cached_property
    def _cumulated(self) -> Array:
        return np.cumsum(self.table[: self.rows], axis=0)


def entropy(probabilities: Array, axis: int) -> Array:
    """In nats; 0 ln 0 is 0."""
    logs = np.maximum(probabilities, TINY)
    np.log(logs, out=logs)
    logs *= probabilities
    total: Array = -logs.sum(axis=axis)
    return total
