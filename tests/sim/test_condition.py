"""Conditions are understood, or it is said where they are not."""

import contextlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.condition import MOST_COMPARISONS, Condition, ConditionError
from sim.tick import Columns, Tick

FIGURES = {"entropy": 0.5, "reward": float("nan")}
SURPRISE = [0.0, 4.0, 2.0, float("nan")]


class NoDetail:
    def belief(self, agent: int) -> dict[str, Any]:
        return {}

    def agent(self, agent: int) -> dict[str, Any]:
        return {}


def a_tick(surprise: list[float] | None = None, number: int = 500) -> Tick:
    columns = Columns(
        surprise=np.array(SURPRISE if surprise is None else surprise),
        solved=np.array([1, 0, 1, 0], dtype=np.int32),
    )
    return Tick(number, float(number), 4, columns, FIGURES, (), "h", NoDetail())


@pytest.mark.parametrize(
    ("text", "holds", "agents"),
    [
        ("tick >= 500", True, []),
        ("tick > 500", False, []),
        ("time=500", True, []),
        ("entropy < 0.6", True, []),
        ("any(surprise) > 3", True, [1]),
        ("any surprise > 3", True, [1]),
        ("ANY surprise >= 2 AND tick == 500", True, [1, 2]),
        ("any(surprise) > 5", False, []),
        ("all(solved) <= 1", True, []),
        ("all(surprise) >= 0", False, []),
        ("mean(solved) = .5", True, []),
        ("max solved < 1 or any(surprise) > 1e0", True, [1, 2]),
        ("min(solved) != 0", False, []),
        ("sum(solved) == 2", True, []),
        ("mean(surprise) < 100", False, []),
        ("reward < 1", False, []),
        ("reward != 1", False, []),
        ("not reward < 1", True, []),
        ("not (tick < 500 or entropy > 1)", True, []),
        ("any(surprise) > 3 and any(solved) > 0", True, [0, 1, 2]),
        ("tick < 500 and any(surprise) > 3", False, []),
        ("any(surprise) > -1 and not any(surprise) > 9", True, [0, 1, 2]),
        ("  tick\t>=\n1 ", True, []),
    ],
)
def test_a_condition_holds_or_not_and_names_who_met_it(
    text: str, holds: bool, agents: list[int]
) -> None:
    found = Condition(text).look(a_tick())

    assert (found.holds, found.agents.tolist()) == (holds, agents)


@pytest.mark.parametrize(
    ("text", "at", "reason"),
    [
        ("", 0, "a column or figure is expected"),
        ("tick", 4, "one of <, <="),
        ("tick >", 6, "a number is expected"),
        ("tick > entropy", 7, "a number is expected"),
        ("tick > 3 tick", 9, "and, or, or the end"),
        ("any(surprise > 3", 13, "a closing parenthesis"),
        ("(tick > 3", 9, "a closing parenthesis"),
        ("any() > 3", 4, "the name of a column"),
        ("tick > 3 and", 12, "a column or figure"),
        ("3 > tick", 0, "a column or figure"),
        ("tick; import os", 4, "';' has no meaning"),
        ("__import__('os') > 1", 11, "has no meaning"),
        ("tick ≥ 3", 5, "'≥' has no meaning"),
        ("tick = 1 " + "or tick = 1 " * MOST_COMPARISONS, 9 + 12 * 15 + 3, "more than 16"),
        ("(" * 40 + "tick > 1" + ")" * 40, 17, "nested"),
        ("not " * 40 + "tick > 1", 68, "nested"),
        ("t" * 600, 500, "longer than 500"),
    ],
)
def test_what_is_no_condition_is_told_with_its_place(text: str, at: int, reason: str) -> None:
    with pytest.raises(ConditionError) as error:
        Condition(text)

    assert error.value.at == at
    assert reason in error.value.reason
    lines = str(error.value).splitlines()
    assert lines[-1] == f"  {' ' * at}^"


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("any(suprise) > 3", 4, "did you mean surprise?"),
        ("entrpy < 1", 0, "did you mean entropy?"),
        ("tick > 1 and surprise > 3", 13, "needs any, all"),
        ("mean(entropy) > 1", 5, "no column"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_what_there_is(text: str, at: int, says: str) -> None:
    with pytest.raises(ConditionError) as error:
        Condition(text).look(a_tick())

    assert error.value.at == at
    assert says in str(error.value)


NUMBERS = st.floats(-10, 10, allow_nan=False).map(lambda x: round(x, 3))


@st.composite
def conditions(draw: st.DrawFn, depth: int = 0) -> tuple[str, str]:
    """A condition, and the same in Python over `s`, a list."""
    if depth > 2 or draw(st.booleans()):
        how = draw(st.sampled_from(["any", "all", "min", "max", "tick"]))
        sign = draw(st.sampled_from(["<", "<=", ">", ">=", "!=", "=="]))
        number = draw(NUMBERS)
        if how == "tick":
            return f"tick {sign} {number}", f"7 {sign} {number}"
        if how in ("any", "all"):
            return f"{how}(surprise) {sign} {number}", f"{how}(v {sign} {number} for v in s)"
        return f"{how} surprise {sign} {number}", f"{how}(s) {sign} {number}"
    word = draw(st.sampled_from(["and", "or"]))
    one, two = draw(conditions(depth + 1)), draw(conditions(depth + 1))
    if draw(st.booleans()):
        return f"not (({one[0]}) {word} ({two[0]}))", f"(not ({one[1]} {word} {two[1]}))"
    return f"({one[0]}) {word} ({two[0]})", f"(({one[1]}) {word} ({two[1]}))"


@given(conditions(), st.lists(NUMBERS, min_size=4, max_size=4))
def test_conditions_mean_what_python_would_make_of_them(
    pair: tuple[str, str], surprise: list[float]
) -> None:
    text, python = pair

    found = Condition(text).look(a_tick(surprise, number=7))

    assert found.holds == eval(python, {"s": surprise})


@given(st.text(max_size=60))
def test_any_text_is_understood_or_refused(text: str) -> None:
    with contextlib.suppress(ConditionError):
        Condition(text)
