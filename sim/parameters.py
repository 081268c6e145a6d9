"""The parameters of a scenario: declared once, described to a page, checked wherever they come in.

A parameter is a field of the scenario's dataclass, of type bool, int, float or str.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from difflib import get_close_matches
from reprlib import Repr
from typing import Any, Literal, TypeVar, get_origin, get_type_hints

_Scenario = TypeVar("_Scenario")
_KINDS: dict[type, tuple[str, str]] = {
    bool: ("boolean", "true or false"),
    int: ("integer", "a whole number"),
    float: ("number", "a number"),
    str: ("string", "a text"),
}
_LONGEST_TEXT = 10_000
_WHOLE = re.compile(r"[-+]?\d{1,18}", re.ASCII)
_WORDS = {"true": True, "false": False}

_short = Repr()
_short.maxstring = _short.maxother = _short.maxlong = 60


class ParameterError(ValueError):
    """A parameter's value, or its name, is not allowed; `suggestion` is a name that is near."""

    def __init__(
        self, parameter: str, value: object, allowed: str, suggestion: str | None = None
    ) -> None:
        self.parameter = parameter
        self.value = value
        self.allowed = allowed
        self.suggestion = suggestion
        super().__init__(f"parameter `{parameter}` is {_shown(value)}; allowed is {allowed}")


class UnknownParameter(ParameterError):  # noqa: N818 - reads as a statement
    """The scenario has no parameter of that name."""

    def __init__(self, parameter: str, value: object, scenario: str, known: Sequence[str]) -> None:
        shown = parameter if len(parameter) <= 60 else f"{parameter[:57]}…"
        near = get_close_matches(shown, known, n=1)
        super().__init__(parameter, value, ", ".join(known), near[0] if near else None)
        self.scenario = scenario
        self.known = tuple(known)
        hint = f"did you mean `{near[0]}`? " if near else ""
        listed = ", ".join(known) if known else "none"
        self.args = (f"`{shown}` is not a parameter of {scenario}; {hint}It has: {listed}",)


@dataclass(frozen=True, slots=True)
class _Rule:
    minimum: float | None
    maximum: float | None
    choices: tuple[Any, ...]
    text: str
    unit: str


def parameter(
    default: Any,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Sequence[Any] = (),
    text: str = "",
    unit: str = "",
) -> Any:
    """A field of a scenario; the bounds are included, `text` says what it does."""
    rule = _Rule(minimum, maximum, tuple(choices), text, unit)
    declared: Any = field(default=default, metadata={"rule": rule})
    return declared


def schema(scenario: type) -> dict[str, Any]:
    """The JSON schema of the parameters, with title, text, default, bounds and unit of each."""
    properties = {}
    for name, (declared, kind, rule) in _declared(scenario).items():
        said: dict[str, Any] = {
            "description": rule.text or None,
            "default": None if declared.default is MISSING else declared.default,
            "minimum": rule.minimum,
            "maximum": rule.maximum,
            "enum": list(rule.choices) or None,
            "unit": rule.unit or None,
        }
        properties[name] = {
            "type": _KINDS[kind][0],
            "title": name.replace("_", " ").capitalize(),
            **{key: value for key, value in said.items() if value is not None},
        }
    return {
        "type": "object",
        "title": getattr(scenario, "title", scenario.__name__),
        "description": getattr(scenario, "text", ""),
        "properties": properties,
        "additionalProperties": False,
    }


def build(scenario: type[_Scenario], params: Mapping[str, object]) -> _Scenario:
    """The scenario with these parameters, the others at their default; raises ParameterError."""
    known = tuple(_declared(scenario))
    for name, value in params.items():
        if name not in known:
            named = getattr(scenario, "name", scenario.__name__)
            raise UnknownParameter(str(name), value, named, known)
    return scenario(**params)


def check(scenario: object) -> None:
    """Hold each parameter of an instance to its bounds, and give it its declared type.

    Raises ParameterError for the first that is wrong.
    """
    for name, (_, kind, rule) in _declared(type(scenario)).items():
        value = getattr(scenario, name)
        allowed = _allowed(kind, rule)
        fitting = _fit(kind, value)
        if fitting is None or not _is_within(fitting, rule):
            raise ParameterError(name, value, allowed)
        object.__setattr__(scenario, name, fitting)


def parse(text: str) -> dict[str, object]:
    """`agents=100,x=2` as on the command line: whole numbers, numbers, true and false, texts.

    Raises ParameterError where that is not how it is written.
    """
    params: dict[str, object] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = (part.strip() for part in item.partition("="))
        if not equals or not name or not value:
            raise ParameterError(name or item, value, "name=value, parted by commas")
        if name in params:
            raise ParameterError(name, value, f"one value only, and it is {params[name]!r} already")
        params[name] = _read(value)
    return params


def _shown(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > 200:
        return f"a number of {value.bit_length()} bits"
    return _short.repr(value)


def _read(value: str) -> object:
    if value.lower() in _WORDS:
        return _WORDS[value.lower()]
    if _WHOLE.fullmatch(value):
        return int(value)
    try:
        return float(value)
    except ValueError:
        return value


def _declared(scenario: type[Any]) -> dict[str, tuple[Field[Any], type, _Rule]]:
    hints = get_type_hints(scenario)
    found = {}
    for declared in fields(scenario):
        hint = hints[declared.name]
        # The values of a Literal are texts, and its choices are declared besides.
        kind = str if get_origin(hint) is Literal else hint
        if "rule" not in declared.metadata or kind not in _KINDS:
            raise TypeError(
                f"{scenario.__name__}.{declared.name} must be made with parameter(...) and be of"
                " type bool, int, float or str"
            )
        found[declared.name] = (declared, kind, declared.metadata["rule"])
    return found


def _fit(kind: type, value: object) -> object | None:
    """The value in its declared type, or None where it is of another kind."""
    match value:
        case bool():
            return value if kind is bool else None
        case int() if kind is float:
            return float(value) if abs(value) <= 2**1000 else None
        case float() if not math.isfinite(value):
            return None
        case float() if kind is int and value.is_integer():
            return int(value)
        case str() if len(value) > _LONGEST_TEXT:
            return None
        case _:
            return value if isinstance(value, kind) else None


def _is_within(value: Any, rule: _Rule) -> bool:
    if rule.choices and value not in rule.choices:
        return False
    if rule.minimum is not None and value < rule.minimum:
        return False
    return rule.maximum is None or bool(value <= rule.maximum)


def _allowed(kind: type, rule: _Rule) -> str:
    if rule.choices:
        return "one of " + ", ".join(map(str, rule.choices))
    bounds = ""
    if rule.minimum is not None and rule.maximum is not None:
        bounds = f" from {rule.minimum} to {rule.maximum}"
    elif rule.minimum is not None:
        bounds = f" of {rule.minimum} or more"
    elif rule.maximum is not None:
        bounds = f" of {rule.maximum} at most"
    return _KINDS[kind][1] + bounds + (f" ({rule.unit})" if rule.unit else "")
