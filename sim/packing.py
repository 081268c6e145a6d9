"""Values to bytes with MessagePack: exactly, for checkpoints, or as the wire protocol has them."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgpack  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

ARRAY = 1  # the extension type of an array: [type, shape, bytes], packed in turn
LARGEST = 2**30
DEEPEST = 64
MOST_AXES = 32
_LEAST_ROOM = 2**16  # bytes
_NESTED = (dict, list, bytes, msgpack.ExtType)
TYPES = frozenset(
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


def wire_columns(columns: Mapping[str, Any]) -> bytes:
    """The bytes of `wire`, made column by column: small numbers and flags without a list."""
    parts: list[bytes | memoryview] = [_map_head(len(columns))]
    for name, column in columns.items():
        parts.append(_name(name))
        parts += _column(column)
    return b"".join(parts)


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
        plain = _plain(value, leaf, 0)
        # A buffer that is large enough at once is not copied as it grows.
        room = max(_LEAST_ROOM, _bulk(plain) + _LEAST_ROOM)
        packed: bytes = msgpack.packb(plain, use_bin_type=True, buf_size=room)
    except (ValueError, TypeError, OverflowError) as error:
        raise PackingError(f"a value cannot be packed: {error}") from None
    return packed


def _bulk(plain: Any) -> int:
    """About how many bytes the arrays of packable values take."""
    match plain:
        case msgpack.ExtType():
            return len(plain.data)
        case bytes():
            return len(plain)
        case dict():
            return sum(map(_bulk, plain.values()))
        case list():
            return sum(map(_bulk, plain)) if plain and isinstance(plain[0], _NESTED) else 0
    return 0


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
    if plain.dtype.str not in TYPES:
        raise PackingError(f"an array of {value.dtype} has no bytes of its own")
    # As [type, shape, bytes] would be packed, but with the bytes copied once.
    head = msgpack.packb([plain.dtype.str, list(value.shape), b""], use_bin_type=True)
    return msgpack.ExtType(ARRAY, b"".join((head[:-2], _bin_head(plain.nbytes), plain.data)))


def _bin_head(size: int) -> bytes:
    """What stands before so many bytes in MessagePack."""
    if size < 2**8:
        return b"\xc4" + size.to_bytes(1)
    if size < 2**16:
        return b"\xc5" + size.to_bytes(2)
    if size < 2**32:
        return b"\xc6" + size.to_bytes(4)
    raise PackingError(f"an array of {size} bytes is too large for MessagePack")


def _shown(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype.kind == "f":
        return {"f32": value.astype("<f4").tobytes(), "shape": list(value.shape)}
    return value.tolist()


@lru_cache(maxsize=1024)
def _name(name: str) -> bytes:
    return _packed(name, _shown)


def _column(column: Any) -> Sequence[bytes | memoryview]:
    """As `wire` packs an array. A number from 0 to 127 is its own byte in MessagePack, false and
    true are 0xc2 and 0xc3."""
    if not isinstance(column, np.ndarray) or column.ndim != 1 or not len(column):
        return (_packed(column, _shown),)
    size, kind = len(column), column.dtype.kind
    if kind == "f":
        plain = np.ascontiguousarray(column, dtype="<f4")
        tail = _name("shape") + b"\x91" + msgpack.packb(size)
        return b"\x82" + _name("f32") + _bin_head(plain.nbytes), plain.data, tail
    if kind == "b":
        return _array_head(size), (column.view(np.uint8) + np.uint8(0xC2)).data
    if kind in "iu" and column.min() >= 0 and column.max() < 2**7:
        return _array_head(size), column.astype(np.uint8).data
    return (_packed(column, _shown),)


def _map_head(size: int) -> bytes:
    return (0x80 | size).to_bytes(1) if size < 2**4 else b"\xde" + size.to_bytes(2)


def _array_head(size: int) -> bytes:
    if size < 2**4:
        return (0x90 | size).to_bytes(1)
    return b"\xdc" + size.to_bytes(2) if size < 2**16 else b"\xdd" + size.to_bytes(4)


def _array(code: int, data: bytes) -> NDArray[Any]:
    if code != ARRAY:
        raise PackingError(f"MessagePack extension {code} has no meaning here")
    match msgpack.unpackb(data, raw=False, strict_map_key=True):
        case [str(kind), list(shape), bytes(held)] if kind in TYPES:
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
