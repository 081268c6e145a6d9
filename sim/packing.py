"""Values to bytes with MessagePack: exactly, for checkpoints, or as the wire protocol has them."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import msgpack  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

ARRAY = 1  # the extension type of an array: [type, shape, bytes], packed in turn
LARGEST = 2**30
DEEPEST = 64
MOST_AXES = 32
_TYPES = frozenset(
    "|b1 |i1 |u1 <i2 <u2 <i4 <u4 <i8 <u8 <f2 <f4 <f8".split()  # noqa: SIM905 - reads better
)


class PackingError(ValueError):
    """A value has no place in MessagePack, or bytes hold no value."""


def pack(value: object) -> bytes:
    """The value's bytes; `unpack` gives the same again, arrays with type and shape.

    Tuples become lists, numpy scalars plain numbers. The keys of maps are strings.
    """
    return _packed(value, _exact)


def unpack(data: bytes, *, largest: int = LARGEST) -> Any:
    """The value that `pack` or `wire` was given; raises PackingError.

    Safe with bytes of any origin: it makes no more than they hold, runs nothing, and takes maps
    with strings as keys only. Arrays can be written into.
    """
    if len(data) > largest:
        raise PackingError(f"{len(data)} bytes are too many; {largest} at most")
    try:
        return msgpack.unpackb(data, ext_hook=_array, raw=False, strict_map_key=True)
    except PackingError:
        raise
    except (ValueError, TypeError, RecursionError, msgpack.exceptions.UnpackException) as error:
        raise PackingError(f"{len(data)} bytes are not MessagePack: {error!r}") from None


def wire(value: object) -> bytes:
    """The value as the protocol's MessagePack has it.

    Arrays of floats become `{"f32": <little-endian float32>, "shape": [...]}`, other arrays lists,
    numbers that are not finite nil; those within an array of floats stay.
    """
    return _packed(value, _shown)


def unwire(value: Any) -> Any:
    """An unpacked value with its f32 maps as arrays of float32; raises PackingError."""
    if isinstance(value, list):
        return [unwire(held) for held in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"f32", "shape"}:
        return _filled("<f4", value["shape"], value["f32"])
    return {key: unwire(held) for key, held in value.items()}


def _packed(value: object, leaf: Callable[[Any], Any]) -> bytes:
    try:
        packed: bytes = msgpack.packb(_plain(value, leaf, 0), use_bin_type=True)
    except (ValueError, TypeError, OverflowError) as error:
        raise PackingError(f"a value cannot be packed: {error}") from None
    return packed


def _plain(value: Any, leaf: Callable[[Any], Any], depth: int) -> Any:
    """The value in maps and lists, all that they hold as `leaf` has it."""
    if depth > DEEPEST:
        raise PackingError(f"a value is nested more than {DEEPEST} deep")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise PackingError(f"the key {key!r} of a map is not a string")
        return {key: _plain(held, leaf, depth + 1) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(held, leaf, depth + 1) for held in value]
    return leaf(value.item() if isinstance(value, np.generic) else value)


def _exact(value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    plain = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
    if plain.dtype.str not in _TYPES:
        raise PackingError(f"an array of {value.dtype} has no bytes of its own")
    held = [plain.dtype.str, list(value.shape), plain.tobytes()]
    return msgpack.ExtType(ARRAY, msgpack.packb(held, use_bin_type=True))


def _shown(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype.kind == "f":
        return {"f32": value.astype("<f4").tobytes(), "shape": list(value.shape)}
    return value.tolist()


def _array(code: int, data: bytes) -> NDArray[Any]:
    if code != ARRAY:
        raise PackingError(f"MessagePack extension {code} has no meaning here")
    match msgpack.unpackb(data, raw=False, strict_map_key=True):
        case [str(kind), list(shape), bytes(held)] if kind in _TYPES:
            return _filled(kind, shape, held)
    raise PackingError("an array must be its type, its shape and its bytes")


def _filled(kind: str, shape: Any, held: Any) -> NDArray[Any]:
    dtype = np.dtype(kind)
    if (
        not isinstance(held, bytes)
        or not isinstance(shape, list)
        or len(shape) > MOST_AXES
        or not all(isinstance(length, int) and 0 <= length <= LARGEST for length in shape)
        or math.prod(shape) * dtype.itemsize != len(held)
    ):
        raise PackingError(f"the bytes of an array of {dtype} do not fill its shape")
    return np.frombuffer(held, dtype=dtype).reshape(shape).copy()
