"""Pages of the agents' table, checked against plain sorting and filtering."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.agent_table import agent_number, page, row
from actors.questions import InvalidTable, NoSuchAgent, ReadAgents
from sim.tick import Columns, Tick
from tests.actors.worlds import CountingDetail, make_tick


def table(*values: float) -> Tick:
    columns = Columns(value=np.array(values), solved=np.array(values) > 1)
    return Tick(7, 7.0, len(values), columns, {}, (), "", CountingDetail(7))


def numbers(tick: Tick, question: ReadAgents) -> list[int]:
    return [int(found["agent"]) for found in page(tick, question)["agents"]]


def test_a_page_holds_the_rows_from_offset_on_and_counts_all() -> None:
    found = page(make_tick(1, agents=10), ReadAgents(offset=3, limit=2))

    assert found == {
        "agents": [
            {"agent": "3", "value": 4.0, "action": 0, "even": True},
            {"agent": "4", "value": 5.0, "action": 1, "even": False},
        ],
        "total": 10,
        "tick": 1,
    }


def test_values_are_plain_python_so_that_any_codec_takes_them() -> None:
    assert {type(value) for value in row(make_tick(1), 0).values()} == {float, int, bool}


@given(
    st.lists(st.sampled_from([0.0, 1.0, 2.0, math.nan, -1.5]), min_size=1, max_size=60),
    st.integers(0, 20),
    st.integers(1, 20),
    st.booleans(),
)
def test_rows_are_sorted_with_equal_ones_by_number_and_unknown_values_last(
    values: list[float], offset: int, limit: int, falling: bool
) -> None:
    sign = -1 if falling else 1
    order = sorted(
        range(len(values)),
        key=lambda i: (math.isnan(values[i]), 0 if math.isnan(values[i]) else sign * values[i], i),
    )

    sort = "-value" if falling else "value"
    found = numbers(table(*values), ReadAgents(offset, limit, sort=sort))

    assert found == order[offset : offset + limit]


@pytest.mark.parametrize(
    ("conditions", "passing"),
    [
        ("value>1", [2, 3]),
        ("value>=1", [1, 2, 3]),
        ("value<1", [0]),
        ("value <= 1", [0, 1]),
        ("value=2.0", [2]),
        ("value!=2", [0, 1, 3]),
        ("value>0.5, value<3", [1, 2]),
        ("solved=1", [2, 3]),
        ("agent>=2,solved=1", [2, 3]),
        ("value>-1e9", [0, 1, 2, 3]),
        ("", [0, 1, 2, 3]),
    ],
)
def test_a_filter_lets_through_the_rows_for_which_all_conditions_hold(
    conditions: str, passing: list[int]
) -> None:
    tick = table(0.0, 1.0, 2.0, 3.0)

    assert numbers(tick, ReadAgents(filter=conditions)) == passing
    assert page(tick, ReadAgents(filter=conditions, limit=1))["total"] == len(passing)


def test_a_filtered_table_is_sorted_too() -> None:
    tick = table(3.0, 0.0, 2.0, 5.0, 4.0)

    assert numbers(tick, ReadAgents(sort="-value", filter="value>2", limit=2)) == [3, 4]


@pytest.mark.parametrize(
    ("question", "parameter"),
    [
        (ReadAgents(limit=0), "limit"),
        (ReadAgents(limit=501), "limit"),
        (ReadAgents(offset=-1), "offset"),
        (ReadAgents(sort="nothing"), "sort"),
        (ReadAgents(sort="--value"), "sort"),
        (ReadAgents(filter="nothing=1"), "filter"),
        (ReadAgents(filter="value"), "filter"),
        (ReadAgents(filter="value=1;drop"), "filter"),
        (ReadAgents(filter="value=one"), "filter"),
        (ReadAgents(filter="value=1,"), "filter"),
        (ReadAgents(filter=",".join(["value=1"] * 17)), "filter"),
        (ReadAgents(filter="value=" + "1" * 600), "filter"),
    ],
)
def test_a_wrong_question_is_refused_with_what_is_allowed(
    question: ReadAgents, parameter: str
) -> None:
    with pytest.raises(InvalidTable) as refused:
        page(table(1.0, 2.0), question)

    assert refused.value.parameter == parameter
    assert refused.value.allowed


@pytest.mark.parametrize("text", ["-1", "4", "1.0", "", "x", "٣", "9" * 50, " 1"])
def test_what_is_no_agents_number_is_refused(text: str) -> None:
    with pytest.raises(NoSuchAgent) as refused:
        agent_number(text, 4)

    assert refused.value.agents == 4
