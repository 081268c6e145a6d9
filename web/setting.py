"""What a setting is: its default, what it may be, what it means; and how a wrong one is refused."""

import dataclasses
import difflib
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

_LONGEST_VALUE = 80  # characters of a wrong value that an error repeats
_YES = {"true": True, "yes": True, "on": True, "1": True}
_NO = {"false": False, "no": False, "off": False, "0": False}


class SettingError(Exception):
    """A setting that cannot be used; the text is one line."""

    def __init__(self, key: str, value: object, allowed: str, source: str = "") -> None:
        shown = repr(value)
        shown = shown if len(shown) <= _LONGEST_VALUE else f"{shown[:_LONGEST_VALUE]}…"
        where = f" (from {source})" if source else ""
        super().__init__(f"`{key}` is {shown}{where}; allowed: {allowed}")
        self.key = key
        self.value = value
        self.allowed = allowed


class UnknownSetting(Exception):  # noqa: N818 - reads as a statement
    """There is no setting of that name; says which one was probably meant."""

    def __init__(self, key: str, known: Iterable[str], source: str = "") -> None:
        where = f" (from {source})" if source else ""
        super().__init__(f"`{key}` is not a setting{where}; {suggestion(key, known)}")
        self.key = key


def suggestion(name: str, known: Iterable[str]) -> str:
    """`did you mean …?`, or all that there are."""
    names = sorted(known)
    last = {known_name.rpartition(".")[2]: known_name for known_name in names}
    close = difflib.get_close_matches(name, names, 1, 0.75) or [
        last[found] for found in difflib.get_close_matches(name.rpartition(".")[2], last, 1, 0.75)
    ]
    return f"did you mean `{close[0]}`?" if close else f"there are: {', '.join(names)}"


def setting(
    default: object,
    text: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    choices: tuple[str, ...] = (),
    starts: str = "",
    hidden: bool = False,
) -> Any:
    """A field of a section. `text` says what it is, with its unit and what 0 means; `above` is a
    bound that is not allowed itself; a `hidden` value is never shown."""
    return dataclasses.field(
        default=default,
        repr=not hidden,
        metadata={
            "text": text,
            "minimum": minimum,
            "maximum": maximum,
            "above": above,
            "choices": choices,
            "starts": starts,
            "hidden": hidden,
        },
    )


def check(section: Any, prefix: str) -> None:
    """Refuses a section in which a value is not allowed; raises SettingError."""
    kinds = get_type_hints(type(section))
    for field in dataclasses.fields(section):
        if "text" not in field.metadata:
            continue
        value = getattr(section, field.name)
        if not _is_allowed(value, kinds[field.name], field.metadata):
            raise wrong(type(section), f"{prefix}{field.name}", value)


def read(section: type[Any], name: str, value: object, *, is_text: bool) -> object:
    """The value of a field as its type wants it, from YAML or (`is_text`) from the environment.

    What does not fit is returned as it is, for `check` to refuse.
    """
    kind = get_type_hints(section)[name]
    if is_text and isinstance(value, str):
        return _from_text(kind, value.strip())
    if kind is float and type(value) is int:
        return float(value)
    if kind is Path and isinstance(value, str):
        return Path(value)
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(value)
    return value


def _from_text(kind: Any, text: str) -> object:
    if kind is bool:
        return {**_YES, **_NO}.get(text.lower(), text)
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            return text
    if kind is Path:
        return Path(text)
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def wrong(section: type[Any], key: str, value: object, source: str = "") -> SettingError:
    """The error for a value of this field; says what is allowed."""
    name = key.rpartition(".")[2]
    field = next(field for field in dataclasses.fields(section) if field.name == name)
    kind = get_type_hints(section)[name]
    shown = "(hidden)" if field.metadata["hidden"] else value
    shown = str(shown) if isinstance(shown, Path) else shown
    return SettingError(key, shown, _allowed(kind, field.metadata), source)


def _is_allowed(value: object, kind: Any, rules: Mapping[str, Any]) -> bool:
    if get_origin(kind) is tuple:
        return isinstance(value, tuple) and all(
            _is_allowed(part, get_args(kind)[0], rules) for part in value
        )
    allowed = {Path: (type(value),) if isinstance(value, Path) else (), float: (float, int)}
    if type(value) not in allowed.get(kind, (kind,)):
        return False
    if isinstance(value, str):
        return value.startswith(rules["starts"]) and value in (rules["choices"] or (value,))
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high, above = rules["minimum"], rules["maximum"], rules["above"]
        return (
            math.isfinite(value)
            and (low is None or value >= low)
            and (high is None or value <= high)
            and (above is None or value > above)
        )
    return True


def _allowed(kind: Any, rules: Mapping[str, Any]) -> str:
    if get_origin(kind) is tuple:
        return f"a list, each item {_allowed(get_args(kind)[0], rules)}"
    if rules["choices"]:
        return f"one of {', '.join(rules['choices'])}"
    words = {bool: "true or false", int: "a whole number", float: "a number", Path: "a path"}
    text = words.get(kind, "text")
    if rules["starts"]:
        text += f" that begins with {rules['starts']}"
    if rules["above"] is not None:
        text += f" above {rules['above']:g}"
    low, high = rules["minimum"], rules["maximum"]
    if low is not None and high is not None:
        return f"{text} from {low:.0f} to {high:.0f}"
    if low is not None:
        text += f", {low:g} or more"
    return text if high is None else f"{text}, at most {high:g}"
