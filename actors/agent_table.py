"""A page of the table of agents: filtered, sorted and cut out of the columns of one tick."""

import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actors.questions import InvalidTable, NoSuchAgent, ReadAgents
from sim.tick import Tick

MOST_ROWS = 500
MOST_CONDITIONS = 16
LONGEST_FILTER = 500
NUMBER = "agent"  # sorts and filters by the agent's number

_OPERATORS: dict[str, Callable[[Any, float], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
_CONDITION = re.compile(
    r"\s*(\w+)\s*(<=|>=|!=|=|<|>)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*",
    re.ASCII | re.IGNORECASE,
)

Numbers = NDArray[Any]


def agent_number(text: str, agents: int) -> int:
    """The number in a topic or question; raises NoSuchAgent."""
    if len(text) > 12 or not (text.isascii() and text.isdigit()) or int(text) >= agents:
        raise NoSuchAgent(text, agents)
    return int(text)


def row(tick: Tick, number: int) -> dict[str, Any]:
    """Every column's value of one agent, as plain Python values."""
    return {name: column[number].item() for name, column in tick.columns.items()}


def page(tick: Tick, question: ReadAgents) -> dict[str, Any]:
    """The rows asked for, those that sort alike by rising number; raises InvalidTable."""
    if not 1 <= question.limit <= MOST_ROWS:
        raise InvalidTable("limit", question.limit, f"1 to {MOST_ROWS}")
    if question.offset < 0:
        raise InvalidTable("offset", question.offset, "0 or more")
    numbers = _passing(tick, question.filter)
    end = question.offset + question.limit
    if question.sort is not None:
        values = _sortable(tick, question.sort)[numbers]
        ordered = numbers[_first(values, end)]
    else:
        ordered = numbers[:end]
    return {
        "agents": [
            {NUMBER: str(number), **row(tick, number)}
            for number in ordered[question.offset : end].tolist()
        ],
        "total": len(numbers),
        "tick": tick.number,
    }


def _passing(tick: Tick, text: str | None) -> Numbers:
    if text is None or not text.strip():
        return np.arange(tick.agents)
    if len(text) > LONGEST_FILTER or text.count(",") >= MOST_CONDITIONS:
        raise InvalidTable(
            "filter", text, f"{MOST_CONDITIONS} conditions in {LONGEST_FILTER} characters at most"
        )
    passes = np.ones(tick.agents, dtype=bool)
    for condition in text.split(","):
        parts = _CONDITION.fullmatch(condition)
        if parts is None:
            raise InvalidTable(
                "filter", condition, "column, one of < <= > >= = !=, number; a comma means and"
            )
        column, comparison, number = parts.groups()
        passes &= _OPERATORS[comparison](_column(tick, column, "filter"), float(number))
    return np.flatnonzero(passes)


def _column(tick: Tick, name: str, parameter: str) -> Numbers:
    if name == NUMBER:
        return np.arange(tick.agents)
    if name not in tick.columns:
        raise InvalidTable(parameter, name, "a column: " + ", ".join([NUMBER, *tick.columns]))
    column: Numbers = tick.columns[name]
    return column


def _sortable(tick: Tick, sort: str) -> Numbers:
    """The column as numbers that rise in the order wanted; NaN comes last either way."""
    values = _column(tick, sort.removeprefix("-"), "sort").astype(np.float64)
    return -values if sort.startswith("-") else values


def _first(values: Numbers, count: int) -> Numbers:
    """The places of the `count` smallest values in order, equal ones by place.

    Of many agents only those up to the last wanted value are sorted.
    """
    if 0 < count < len(values) // 4:
        bound = np.partition(values, count - 1)[count - 1]
        if not np.isnan(bound):
            near = np.flatnonzero(values <= bound)
            return near[np.argsort(values[near], kind="stable")][:count]
    return np.argsort(values, kind="stable")[:count]
