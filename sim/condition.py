"""Conditions on a tick, such as `any(surprise) > 3 and tick >= 500`: parsed, never run as Python.

    condition  = both { "or" both }
    both       = single { "and" single }
    single     = "not" single | "(" condition ")" | quantity comparison number
    quantity   = ( "any" | "all" | "mean" | "min" | "max" | "sum" ) [ "(" ] column [ ")" ] | figure
    comparison = "<" | "<=" | ">" | ">=" | "=" | "==" | "!="

A column has a value per agent; a figure is `tick`, `time` or one of the tick's aggregates. A value
that is not a number compares as false.
"""

import math
import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.tick import Tick

LONGEST = 500  # characters
MOST_COMPARISONS = 16
_DEEPEST = 16
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)|(?P<name>[a-z_]\w*)"
    r"|(?P<sign><=|>=|==|!=|[<>=()]))",
    re.ASCII | re.IGNORECASE,
)
_COMPARISONS: Mapping[str, Callable[[Any, float], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_SUMMARIES: Mapping[str, Callable[[NDArray[Any]], Any]] = {
    "mean": np.mean,
    "min": np.min,
    "max": np.max,
    "sum": np.sum,
}
_QUANTIFIERS = ("any", "all")
_OWN = ("tick", "time")


class ConditionError(ValueError):
    """The condition cannot be understood; `at` is the place in it, counted from 0."""

    def __init__(self, text: str, at: int, reason: str) -> None:
        super().__init__(f"{reason}\n  {text}\n  {' ' * at}^")
        self.text = text
        self.at = at
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Found:
    """Whether it holds; `agents` are those that made an `any` of it true, by rising number."""

    holds: bool
    agents: NDArray[np.int64]


_NOBODY = np.empty(0, dtype=np.int64)


class _Node(ABC):
    @abstractmethod
    def look(self, tick: Tick) -> Found: ...

    @abstractmethod
    def names(self) -> "Iterator[_Name]": ...


@dataclass(frozen=True, slots=True)
class _Name:
    """A name in the text, and whether it is one of a column."""

    text: str
    at: int
    is_column: bool


@dataclass(frozen=True, slots=True)
class _Comparison(_Node):
    """`how`: a quantifier or summary of a column; empty: the name is a figure."""

    how: str
    name: _Name
    compare: Callable[[Any, float], Any]
    number: float

    def look(self, tick: Tick) -> Found:
        if not self.how:
            return self._of(_figure(tick, self.name.text))
        values = tick.columns[self.name.text]
        if self.how in _QUANTIFIERS:
            those = np.asarray(self.compare(values, self.number)) & ~np.isnan(values)
            if self.how == "all":
                return Found(bool(those.all()), _NOBODY)
            return Found(bool(those.any()), np.flatnonzero(those))
        if not len(values):
            return Found(False, _NOBODY)
        return self._of(float(_SUMMARIES[self.how](values)))

    def _of(self, value: float) -> Found:
        return Found(not math.isnan(value) and bool(self.compare(value, self.number)), _NOBODY)

    def names(self) -> Iterator[_Name]:
        yield self.name


@dataclass(frozen=True, slots=True)
class _Not(_Node):
    inner: _Node

    def look(self, tick: Tick) -> Found:
        return Found(not self.inner.look(tick).holds, _NOBODY)

    def names(self) -> Iterator[_Name]:
        yield from self.inner.names()


@dataclass(frozen=True, slots=True)
class _Several(_Node):
    """`every`: all of them must hold, else one is enough."""

    parts: tuple[_Node, ...]
    every: bool

    def look(self, tick: Tick) -> Found:
        found = [part.look(tick) for part in self.parts]
        holds = (all if self.every else any)(each.holds for each in found)
        agents = [each.agents for each in found if each.holds]
        return Found(holds, np.unique(np.concatenate(agents)) if holds and agents else _NOBODY)

    def names(self) -> Iterator[_Name]:
        for part in self.parts:
            yield from part.names()


class Condition:
    """A condition that was understood. Raises ConditionError."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._root = _Parser(text).parse()

    def check(self, columns: Collection[str], figures: Collection[str]) -> None:
        """Raises ConditionError for a name that is not among these."""
        for name in self._root.names():
            known = columns if name.is_column else (*_OWN, *figures)
            if name.text in known:
                continue
            near = get_close_matches(name.text, known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            if not name.is_column and name.text in columns:
                hint = "a value per agent needs any, all, mean, min, max or sum before it: "
            what = "column" if name.is_column else "figure"
            raise ConditionError(
                self.text, name.at, f"{name.text} is no {what}; {hint}there are {', '.join(known)}"
            )

    def look(self, tick: Tick) -> Found:
        """Whether it holds in this tick. Raises ConditionError for a name that the tick lacks."""
        self.check(tick.columns, tick.aggregates)
        return self._root.look(tick)


def _figure(tick: Tick, name: str) -> float:
    return float(getattr(tick, {"tick": "number"}.get(name, name)) if name in _OWN
                 else tick.aggregates[name])  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number, name, sign, or end
    text: str
    at: int


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        if len(text) > LONGEST:
            raise ConditionError(text[:LONGEST], LONGEST, f"it is longer than {LONGEST} characters")
        self._tokens = list(self._split())
        self._place = 0
        self._comparisons = 0

    def parse(self) -> _Node:
        node = self._condition(0)
        if self._next.kind != "end":
            raise self._wrong("and, or, or the end is expected")
        return node

    def _split(self) -> Iterator[_Token]:
        place, end = 0, len(self._text.rstrip())
        while place < end:
            found = _TOKEN.match(self._text, place)
            if found is None:
                at = place + len(self._text[place:]) - len(self._text[place:].lstrip())
                raise ConditionError(self._text, at, f"{self._text[at]!r} has no meaning here")
            assert found.lastgroup is not None
            yield _Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup))
            place = found.end()
        yield _Token("end", "", end)

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self._next
        self._place += 1
        return token

    def _takes(self, word: str) -> bool:
        """Whether this is the next word, which is then taken."""
        if self._next.kind in ("name", "sign") and self._next.text.lower() == word:
            self._place += 1
            return True
        return False

    def _wrong(self, reason: str) -> ConditionError:
        return ConditionError(self._text, self._next.at, reason)

    def _condition(self, depth: int) -> _Node:
        return self._several("or", lambda: self._both(depth))

    def _both(self, depth: int) -> _Node:
        return self._several("and", lambda: self._single(depth))

    def _several(self, word: str, part: Callable[[], _Node]) -> _Node:
        parts = [part()]
        while self._takes(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else _Several(tuple(parts), every=word == "and")

    def _single(self, depth: int) -> _Node:
        if depth > _DEEPEST:
            raise self._wrong(f"it is nested more than {_DEEPEST} deep")
        if self._takes("not"):
            return _Not(self._single(depth + 1))
        if self._takes("("):
            inner = self._condition(depth + 1)
            if not self._takes(")"):
                raise self._wrong("a closing parenthesis is expected")
            return inner
        return self._comparison()

    def _comparison(self) -> _Node:
        self._comparisons += 1
        if self._comparisons > MOST_COMPARISONS:
            raise self._wrong(f"there are more than {MOST_COMPARISONS} comparisons")
        how, name = self._quantity()
        sign = self._next
        if sign.text not in _COMPARISONS:
            raise self._wrong(f"one of {', '.join(_COMPARISONS)} is expected")
        self._take()
        if self._next.kind != "number":
            raise self._wrong("a number is expected")
        return _Comparison(how, name, _COMPARISONS[sign.text], float(self._take().text))

    def _quantity(self) -> tuple[str, _Name]:
        if self._next.kind != "name":
            raise self._wrong("a column or figure is expected, such as any(surprise) or tick")
        first = self._take()
        how = first.text.lower()
        if how not in (*_QUANTIFIERS, *_SUMMARIES) or self._next.text in _COMPARISONS:
            return "", _Name(first.text, first.at, is_column=False)
        opened = self._takes("(")
        if self._next.kind != "name":
            raise self._wrong("the name of a column is expected")
        column = self._take()
        if opened and not self._takes(")"):
            raise self._wrong("a closing parenthesis is expected")
        return how, _Name(column.text, column.at, is_column=True)
