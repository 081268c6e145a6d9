"""Who takes what where all act in turn, worked out for many at once."""

from collections.abc import Callable
from functools import cache
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from sim.model import Array, Integers

FEW = 32  # takers; for so many one after the other is faster than rounds of arrays

Flags = NDArray[np.bool_]
Loop = Callable[[Integers, Flags, Integers, Array, Integers, Flags], None]


def take_in_turn(
    options: Integers, allowed: Flags, stock: Integers, chance: Array
) -> tuple[Integers, Flags]:
    """Where each goes, and whether it takes one of what is there.

    Row by row, each goes to a random one of its options (takers, ways) that has something in
    stock, and takes one; where none has, to a random one that is allowed, of which there is one
    at least. `stock` is per cell, and shrinks. Where numba is installed (the extra `fast`), it
    makes the loop over the rows.
    """
    places, takes = np.zeros(len(options), np.int64), np.zeros(len(options), np.bool_)
    loop = compiled() or in_rounds
    loop(options, allowed, stock, chance, places, takes)
    return places, takes


def in_rounds(
    options: Integers,
    allowed: Flags,
    stock: Integers,
    chance: Array,
    places: Integers,
    takes: Flags,
) -> None:
    """As take_in_turn, into `places` and `takes`: in each round all those act at once whose wishes
    nobody before them shares."""
    takers = np.arange(len(options))
    earliest = np.empty_like(stock) if len(takers) > FEW else stock
    while len(takers) > FEW:
        wanted = allowed & (stock[options] > 0)
        row, way = wanted.nonzero()
        # Of several that are written to one cell the last stays: backwards, the earliest taker.
        earliest[options[row, way][::-1]] = row[::-1]
        rows = np.arange(len(takers))
        disputed = wanted & (earliest[options] != rows[:, None])
        free: Flags = ~np.logical_or.reduce(disputed, axis=1)
        hopeful: Flags = np.logical_or.reduce(wanted, axis=1)
        found = options[rows, _pick(np.where(hopeful[:, None], wanted, allowed), chance)]
        now = takers[free]
        places[now], takes[now] = found[free], hopeful[free]
        stock[found[free & hopeful]] -= 1
        waits = ~free
        takers, options = takers[waits], options[waits]
        allowed, chance = allowed[waits], chance[waits]
    places[takers], takes[takers] = _one_by_one(options, allowed, stock, chance)


def _one_by_one(
    options: Integers, allowed: Flags, stock: Integers, chance: Array
) -> tuple[list[int], list[bool]]:
    """As take_in_turn."""
    places, takes = [], []
    left = stock.data
    open_cells = np.where(allowed, options, -1)
    for cells, number in zip(open_cells.tolist(), chance.tolist(), strict=True):
        ways = hopeful = [cell for cell in cells if cell >= 0 and left[cell] > 0]
        if not hopeful:
            ways = [cell for cell in cells if cell >= 0]
        place = ways[int(number * len(ways))]
        if hopeful:
            left[place] -= 1
        places.append(place)
        takes.append(bool(hopeful))
    return places, takes


def serially(
    options: Integers,
    allowed: Flags,
    stock: Integers,
    chance: Array,
    places: Integers,
    takes: Flags,
) -> None:
    """As in_rounds: a loop for a compiler, slow without one."""
    for i in range(options.shape[0]):
        wanted = hopeful = 0
        for way in range(options.shape[1]):
            if allowed[i, way]:
                wanted += 1
                hopeful += stock[options[i, way]] > 0
        takes[i] = hopeful > 0
        rank = int(chance[i] * (hopeful or wanted))
        for way in range(options.shape[1]):
            if allowed[i, way] and (hopeful == 0 or stock[options[i, way]] > 0):
                if rank == 0:
                    places[i] = options[i, way]
                    break
                rank -= 1
        stock[places[i]] -= hopeful > 0


@cache
def compiled() -> Loop | None:
    """`serially` by numba, None where that is not installed; its first call takes a second."""
    try:
        numba = import_module("numba")
    except ImportError:
        return None
    loop: Loop = numba.njit(cache=True)(serially)
    return loop


def _pick(possible: Flags, chance: Array) -> Integers:
    """In each row one of what is possible, each with the same chance."""
    counted = possible.cumsum(axis=1)
    wanted = (chance * counted[:, -1]).astype(np.int64)
    found: Integers = np.add.reduce(counted <= wanted[:, None], axis=1, dtype=np.int64)
    return found
