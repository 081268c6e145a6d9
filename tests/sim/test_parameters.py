"""Parameters: how they are described, read and refused."""

import contextlib
from dataclasses import dataclass
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.parameters import ParameterError, UnknownParameter, build, parameter, parse, schema
from tests.sim.worlds import Drift


def test_parameters_left_out_have_their_defaults() -> None:
    assert build(Drift, {"agents": 5}) == Drift(agents=5, speed=1.0, kind="free", loud=False)


def test_a_whole_number_does_for_a_number_and_the_other_way_where_nothing_is_lost() -> None:
    drift = build(Drift, {"agents": 5.0, "speed": 2})

    assert (drift.agents, drift.speed) == (5, 2.0)
    assert (type(drift.agents), type(drift.speed)) == (int, float)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("agents", 0, "a whole number from 1 to 1000"),
        ("agents", 1001, "a whole number from 1 to 1000"),
        ("agents", 1.5, "a whole number from 1 to 1000"),
        ("agents", "7", "a whole number from 1 to 1000"),
        ("agents", True, "a whole number from 1 to 1000"),
        ("agents", None, "a whole number from 1 to 1000"),
        ("agents", [1], "a whole number from 1 to 1000"),
        ("speed", float("nan"), "a number from 0.0 to 10.0 (cells)"),
        ("speed", float("inf"), "a number from 0.0 to 10.0 (cells)"),
        ("speed", 10**400, "a number from 0.0 to 10.0 (cells)"),
        ("kind", "bund", "one of free, bound"),
        ("loud", 1, "true or false"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_what_is_allowed(
    name: str, value: object, allowed: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        build(Drift, {name: value})

    error = caught.value
    assert (error.parameter, error.value, error.allowed) == (name, value, allowed) or value != value
    assert str(error).startswith(f"parameter `{name}` is ")
    assert str(error).endswith(f"allowed is {allowed}")
    assert len(str(error).splitlines()) == 1


def test_an_unknown_name_is_refused_with_one_that_is_near() -> None:
    with pytest.raises(UnknownParameter) as caught:
        build(Drift, {"agnets": 5})

    assert caught.value.suggestion == "agents"
    assert str(caught.value) == (
        "`agnets` is not a parameter of drift; did you mean `agents`?"
        " It has: agents, speed, kind, loud"
    )


def test_an_endless_name_or_value_makes_a_short_text() -> None:
    for params in ({"x" * 10**6: 1}, {"kind": "x" * 10**6}, {"agents": 10**10_000}):
        with pytest.raises(ParameterError) as caught:
            build(Drift, params)

        assert len(str(caught.value)) < 250


def test_an_instance_made_by_hand_is_checked_too() -> None:
    with pytest.raises(ParameterError, match="`agents` is 0"):
        Drift(agents=0)


def test_the_schema_says_the_bounds_and_the_defaults() -> None:
    described = schema(Drift)

    assert described["title"] == "Drift"
    assert described["properties"] == {
        "agents": {"type": "integer", "title": "Agents", "description": "How many drift",
                   "default": 3, "minimum": 1, "maximum": 1000},
        "speed": {"type": "number", "title": "Speed", "description": "Step", "default": 1.0,
                  "minimum": 0.0, "maximum": 10.0, "unit": "cells"},
        "kind": {"type": "string", "title": "Kind", "description": "Of what kind",
                 "default": "free", "enum": ["free", "bound"]},
        "loud": {"type": "boolean", "title": "Loud", "description": "Whether it is heard",
                 "default": False},
    }  # fmt: skip


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@given(st.dictionaries(st.sampled_from(["agents", "speed", "kind", "loud", "other"]), values))
def test_what_the_schema_allows_is_what_is_built(params: dict[str, Any]) -> None:
    finite = all(value == value and abs(value) != float("inf")
                 for value in params.values() if isinstance(value, float))  # fmt: skip
    allowed = finite and jsonschema.Draft202012Validator(schema(Drift)).is_valid(params)

    try:
        build(Drift, params)
        built = True
    except ParameterError:
        built = False

    assert built == allowed


def test_the_command_line_is_read_by_the_looks_of_the_values() -> None:
    assert parse("agents=100, x=2.5,on=true,off=False,word=left,tiny=1e-3,") == {
        "agents": 100, "x": 2.5, "on": True, "off": False, "word": "left", "tiny": 0.001,
    }  # fmt: skip
    assert parse("") == {}


@pytest.mark.parametrize("text", ["agents", "=3", "agents=", "a=1,a=2", "a=1,,b"])
def test_what_is_not_name_and_value_is_refused(text: str) -> None:
    with pytest.raises(ParameterError):
        parse(text)


@given(st.text())
def test_no_text_on_the_command_line_breaks_the_reading(text: str) -> None:
    with contextlib.suppress(ParameterError):
        parse(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 10**400])
def test_without_bounds_a_number_is_finite_all_the_same(value: object) -> None:
    @dataclass(frozen=True)
    class Free(Drift):
        weight: float = parameter(0.0)

    with pytest.raises(ParameterError, match=r"allowed is a number$"):
        build(Free, {"weight": value})


def test_a_field_that_is_no_parameter_is_a_mistake_of_the_scenario() -> None:
    @dataclass(frozen=True)
    class Wrong:
        size: int = 3

    @dataclass(frozen=True)
    class Odd:
        sizes: list[int] = parameter(())

    for scenario in (Wrong, Odd):
        with pytest.raises(TypeError, match="must be made with parameter"):
            schema(scenario)
