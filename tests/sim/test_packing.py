"""Packing, exactly and for the wire, and unpacking of whatever comes."""

import contextlib
import math
from typing import Any

import msgpack  # type: ignore[import-untyped]
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from sim.packing import ARRAY, DEEPEST, PackingError, pack, unpack, unwire, wire, wire_columns

arrays = stn.arrays(
    st.sampled_from([np.float64, np.float32, np.int32, np.uint8, np.int64, np.bool_]),
    stn.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


# No number that float32 does not hold.
told = arrays.map(lambda array: array.clip(-1e38, 1e38) if array.dtype.kind == "f" else array)
small_numbers = stn.arrays(
    st.sampled_from([np.int32, np.int64, np.uint8]),
    st.integers(0, 40),
    elements=st.integers(0, 127),
)


@given(arrays)
def test_an_array_comes_back_exactly_and_can_be_written(array: np.ndarray[Any, Any]) -> None:
    back = unpack(pack({"held": [array]}))["held"][0]

    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


def test_an_array_of_any_layout_comes_back_row_by_row() -> None:
    array = np.arange(6.0).reshape(2, 3)

    for same in (array.T.copy().T, array.astype(">f8"), np.asfortranarray(array)):
        assert unpack(pack(same)).tolist() == array.tolist()


def test_scalars_become_plain_numbers_and_tuples_lists() -> None:
    packed = pack({"i": np.int32(4), "f": np.float64(0.1), "b": np.True_, "t": (1, None)})

    assert unpack(packed) == {"i": 4, "f": 0.1, "b": True, "t": [1, None]}


@pytest.mark.parametrize(
    "value",
    [object(), {1: 2}, {b"a": 1}, np.array([object()]), np.array(["a"]), 2**64, {"a": {3: 1}}, {1}],
)
@pytest.mark.parametrize("packing", [pack, wire])
def test_what_could_not_be_read_again_is_refused(packing: Any, value: object) -> None:
    if packing is wire and isinstance(value, np.ndarray) and value.dtype.kind == "U":
        return  # a list of texts is quite all right there

    with pytest.raises(PackingError):
        packing(value)


def test_what_is_nested_endlessly_is_refused() -> None:
    value: list[Any] = []
    value.append(value)

    for packing in (pack, wire):
        with pytest.raises(PackingError, match=f"more than {DEEPEST} deep"):
            packing(value)


def test_the_wire_has_floats_packed_other_arrays_as_lists_and_no_odd_numbers() -> None:
    held = {
        "f": np.array([[1.0, math.nan]]), "i": np.arange(3, dtype=np.int32),
        "b": np.array([True]), "n": math.nan, "m": np.float32(-math.inf), "s": ("x", 1),
    }  # fmt: skip

    plain = msgpack.unpackb(wire(held))

    assert plain == {
        "f": {"f32": np.array([1, math.nan], dtype="<f4").tobytes(), "shape": [1, 2]},
        "i": [0, 1, 2], "b": [True], "n": None, "m": None, "s": ["x", 1],
    }  # fmt: skip


@given(st.dictionaries(st.text(max_size=40), told | small_numbers | st.none(), max_size=20))
@example({str(number): np.arange(number) for number in range(18)})
@example({"flags": np.arange(2**16) % 3 == 0, "many": np.arange(2**16) % 128})
@example(
    {"f": np.ones(256, dtype=">f8")[::2], "large": np.array([127, 128]), "b": np.zeros(15) > 0}
)
def test_columns_are_packed_as_any_map_of_arrays_is(columns: dict[str, Any]) -> None:
    assert wire_columns(columns) == wire(columns)


@given(arrays.filter(lambda array: array.dtype == np.float32))
def test_floats_of_the_wire_can_be_unwired(array: np.ndarray[Any, Any]) -> None:
    [back] = unwire(unpack(wire([array])))

    assert (back.shape, back.tobytes()) == (array.shape, array.tobytes())


@given(st.binary() | st.binary(max_size=20).map(lambda held: pack([1, {"a": 2}]) + held))
@example(b"\x91" * 100_000)
@example(b"\xdd\xff\xff\xff\xff")
@example(b"\xc6\xff\xff\xff\xff")
@example(b"\x81\x01\x02")
@example(b"\xc7\x01\x05a")
def test_any_bytes_are_a_value_or_an_error(data: bytes) -> None:
    with contextlib.suppress(PackingError):
        unwire(unpack(data))


@pytest.mark.parametrize(
    "held",
    [
        ["<f8", [2], b"12345678"],
        ["<f8", [-1, -1], b"12345678"],
        ["<f8", [2**40, 0], b""],
        ["<f8", [1] * 33, b"12345678"],
        ["<f8", [True], b"12345678"],
        ["<f8", 1, b"12345678"],
        ["|O", [1], b"12345678"],
        ["<M8[s]", [1], b"12345678"],
        ["<f8", [1]],
        "text",
    ],
)
def test_an_array_that_does_not_add_up_is_refused(held: object) -> None:
    data = msgpack.packb(msgpack.ExtType(ARRAY, msgpack.packb(held)))

    with pytest.raises(PackingError):
        unpack(data)


def test_more_bytes_than_allowed_are_refused() -> None:
    with pytest.raises(PackingError, match="3 bytes are too many; 2 at most"):
        unpack(b"\xa2ab", largest=2)


@pytest.mark.parametrize(
    "held",
    [
        {"f32": b"1234", "shape": [2]},
        {"f32": b"123", "shape": [1]},
        {"f32": "1234", "shape": [1]},
        {"f32": b"", "shape": [2**40, 0]},
        {"f32": b"1234", "shape": "1"},
    ],
)
def test_floats_of_the_wire_that_do_not_add_up_are_refused(held: object) -> None:
    with pytest.raises(PackingError, match="do not fill its shape"):
        unwire([held])


def test_a_map_with_keys_that_are_no_strings_is_refused() -> None:
    with pytest.raises(PackingError, match="not allowed for map key"):
        unpack(msgpack.packb({1: 2}))
