"""The hash of a state: equal states have equal hashes, on every machine."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgpack  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

from sim.packing import TYPES

SIZE = 16  # bytes
_PLAIN = frozenset((int, float, str, bool, type(None)))
# Of the types whose bytes are hashed as they stand in memory.
_NAMES = {np.dtype(name): name for name in TYPES}


def digest(state: Mapping[str, Any]) -> str:
    """The blake2b hash of a state in hexadecimal.

    Arrays count with their type, shape and bytes (little-endian, row by row); maps by rising key;
    a tuple counts as a list, a numpy scalar as the number. Raises TypeError for what has no bytes
    of its own, such as an array of objects.
    """
    hasher = blake2b(digest_size=SIZE)
    # The outline holds every length, so that what the arrays add can be told apart.
    outline = msgpack.packb(_outline(state, hasher), use_bin_type=True)
    hasher.update(outline)
    hasher.update(len(outline).to_bytes(8, "little"))
    return hasher.hexdigest()


def _outline(value: Any, hasher: blake2b) -> Any:
    """The value with its maps sorted and its arrays, once hashed, as their type and shape."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, np.ndarray):
        return _array(value, hasher)
    if isinstance(value, dict):
        return {
            key: held if type(held := value[key]) in _PLAIN else _outline(held, hasher)
            for key in sorted(value)
        }
    if isinstance(value, list | tuple):
        return [_outline(held, hasher) for held in value]
    if isinstance(value, np.generic):
        return _outline(value.item(), hasher)
    if isinstance(value, bytes | int | float | str):
        return value
    raise TypeError(f"a {kind.__name__} cannot be part of a state")


def _array(array: NDArray[Any], hasher: blake2b) -> msgpack.ExtType:
    name = _NAMES.get(array.dtype)
    if name is None or not array.flags.c_contiguous:
        if array.dtype.kind not in "biuf":
            raise TypeError(f"an array of {array.dtype} cannot be part of a state")
        array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        name = array.dtype.str
    hasher.update(array.reshape(-1).data)
    return _kind(name, array.shape)


@lru_cache(maxsize=1024)
def _kind(name: str, shape: tuple[int, ...]) -> msgpack.ExtType:
    return msgpack.ExtType(1, f"{name} {shape}".encode())
