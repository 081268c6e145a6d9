"""Agents that are alike share one calculation: rows that are equal bit for bit, found fast."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.model import Array, Integers

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_START = np.uint64(0x243F6A8885A308D3)


@dataclass(frozen=True, slots=True)
class Groups:
    """`first[g]` is the first member of group g, `of[i]` the group of row i.

    Whatever is a function of the row alone may be computed of `rows[first]` and spread by `of`.
    """

    first: Integers
    of: Integers

    def __len__(self) -> int:
        return len(self.first)


_ONE = np.zeros(1, dtype=np.int64)
_ONE.flags.writeable = False
ALONE = Groups(_ONE, _ONE)
"""A single row is its own group."""


def group(rows: Array, keys: Integers) -> Groups:
    """Rows (n, width) that are equal, and whose keys (n,) are equal too.

    Rows are compared by a hash, and then in full; should two hashes ever collide, every row is
    a group of its own, which is slower and gives the same results.
    """
    if len(rows) == 1:
        return ALONE
    hashes = _hash(rows, keys)
    _, first, of = np.unique(hashes, return_index=True, return_inverse=True)
    representatives = first[of]
    alike = np.array_equal(rows[representatives], rows) and np.array_equal(
        keys[representatives], keys
    )
    if not alike:
        first = of = np.arange(len(rows))
    return Groups(first, of)


def group_pairs(groups: Integers, choices: Integers, choices_in_all: int) -> Groups:
    """Agents of the same group that made the same choice."""
    if len(groups) == 1:
        return ALONE
    _, first, of = np.unique(
        groups * choices_in_all + choices, return_index=True, return_inverse=True
    )
    return Groups(first, of)


def _hash(rows: Array, keys: Integers) -> NDArray[np.uint64]:
    words = np.ascontiguousarray(rows).view(np.uint64)
    mixed = words ^ (words >> _SHIFT)
    mixed *= _weights(rows.shape[1])
    mixed ^= mixed >> _SHIFT
    total: NDArray[np.uint64] = mixed.sum(axis=1, dtype=np.uint64)
    total += keys.astype(np.uint64) * _MULTIPLIER
    total ^= total >> _SHIFT
    total *= _MULTIPLIER
    return total


def _weights(width: int) -> NDArray[np.uint64]:
    """Odd numbers, one per column, so that the order of values matters."""
    steps = np.arange(width, dtype=np.uint64) * _MULTIPLIER + _START
    steps ^= steps >> _SHIFT
    return steps * _MULTIPLIER | np.uint64(1)
