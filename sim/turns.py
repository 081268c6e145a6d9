"""Who takes what where all act in turn, worked out for many at once."""

import numpy as np
from numpy.typing import NDArray

from sim.model import Array, Integers

Flags = NDArray[np.bool_]


def take_in_turn(
    options: Integers, allowed: Flags, stock: Integers, chance: Array
) -> tuple[Integers, Flags]:
    """Where each goes, and whether it takes one of what is there.

    Row by row, each goes to a random one of its options (takers, ways) that has something in
    stock, and takes one; where none has, to a random one that is allowed, of which there is one
    at least. `stock` is per cell, and shrinks.

    The result is that of one after the other: in each round all those act at once whose wishes
    nobody before them shares.
    """
    takers = np.arange(len(options))
    places, takes = np.zeros_like(takers), np.zeros(len(takers), dtype=bool)
    earliest = np.zeros_like(stock)
    while len(takers):
        wanted = allowed & (stock[options] > 0)
        row, way = wanted.nonzero()
        # Of several that are written to one cell the last stays: backwards, the earliest taker.
        earliest[options[row, way][::-1]] = row[::-1]
        rows = np.arange(len(takers))
        undisputed = (earliest[options] == rows[:, None]) | ~wanted
        free: Flags = np.asarray(undisputed.all(axis=1))
        hopeful: Flags = np.asarray(wanted.any(axis=1))
        found = options[rows, _pick(np.where(hopeful[:, None], wanted, allowed), chance)]
        now = takers[free]
        places[now], takes[now] = found[free], hopeful[free]
        stock[found[free & hopeful]] -= 1
        waits = ~free
        takers, options = takers[waits], options[waits]
        allowed, chance = allowed[waits], chance[waits]
    return places, takes


def _pick(possible: Flags, chance: Array) -> Integers:
    """In each row one of what is possible, each with the same chance."""
    counted = possible.cumsum(axis=1)
    wanted = (chance * counted[:, -1]).astype(np.int64)
    found: Integers = (counted <= wanted[:, None]).sum(axis=1)
    return found
