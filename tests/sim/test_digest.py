"""The hash of a state."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.digest import digest
from sim.packing import pack, unpack

leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=4)
    | st.lists(st.integers(0, 9), max_size=4).map(np.array)
    | st.lists(st.floats(width=32), max_size=4).map(lambda held: np.array(held, dtype=np.float32))
)
states = st.dictionaries(
    st.text(max_size=3),
    st.recursive(
        leaves,
        lambda held: st.lists(held, max_size=3) | st.dictionaries(st.text(max_size=2), held),
        max_leaves=8,
    ),
)


@given(states)
def test_the_order_of_keys_makes_no_difference(state: dict[str, Any]) -> None:
    assert digest(state) == digest(dict(reversed(state.items())))


@given(states)
def test_a_state_that_was_packed_has_the_same_hash(state: dict[str, Any]) -> None:
    assert digest(unpack(pack(state))) == digest(state)


@given(states, states)
def test_states_that_differ_have_other_hashes(one: dict[str, Any], other: dict[str, Any]) -> None:
    # By sorted keys the bytes of the packed value are as different as the values.
    assert (digest(one) == digest(other)) == (pack(in_order(one)) == pack(in_order(other)))


def in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value)}
    return [in_order(held) for held in value] if isinstance(value, list) else value


ONE = np.array([1.0, 2.0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ONE, ONE.astype(np.float32)),
        (ONE, ONE.reshape(2, 1)),
        (ONE, ONE.view(np.int64)),
        (ONE, [1.0, 2.0]),
        ({"a": ONE, "b": ONE[:0]}, {"a": ONE[:1], "b": ONE[1:]}),
        (ONE[:0], b"<f8 (0,)"),
        (1, 1.0),
        (1, True),
        ("1", 1),
        ("a", b"a"),
        (None, False),
        (0.0, -0.0),
        ([], {}),
    ],
)
def test_what_looks_alike_has_another_hash(one: object, other: object) -> None:
    assert digest({"value": one}) != digest({"value": other})


def test_how_an_array_lies_in_memory_makes_no_difference() -> None:
    plain = np.arange(6, dtype=np.int32).reshape(2, 3)

    for same in (np.asfortranarray(plain), plain.astype(">i4"), np.repeat(plain, 2, 1)[:, ::2]):
        assert digest({"value": same}) == digest({"value": plain})


def test_a_numpy_scalar_counts_as_its_number() -> None:
    assert digest({"value": np.int32(3)}) == digest({"value": 3})
    assert digest({"value": np.float64(0.1)}) == digest({"value": 0.1})


@pytest.mark.parametrize("value", [object(), np.array([object()]), {1, 2}, np.array(["a"])])
def test_what_has_no_bytes_of_its_own_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        digest({"value": value})


def test_the_hash_of_a_known_state_stays() -> None:
    state = {"b": np.arange(3), "a": [1, 2.5, "x", None, True], "c": {}}

    assert digest(state) == "d6b064d4c42803b51e3ac7e9bd0d0090"
