"""Scenarios that stand in somebody's own file, named as `path/to/mine.py:MyScenario`."""

import sys
import traceback
from collections.abc import Mapping
from dataclasses import is_dataclass
from difflib import get_close_matches
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from inspect import isabstract, isclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.manifest import is_run
from sim.parameters import ParameterError, schema
from sim.scenario import Scenario

_ENDING = ".py:"
_SAID: Mapping[str, tuple[type, ...]] = {
    "name": (str,), "title": (str,), "text": (str,), "references": (tuple,), "hz": (int, float),
}  # fmt: skip
_LONGEST_NAME = 57  # a run's name has seven more


class ScenarioFileError(Exception):
    """A scenario cannot be had from its file; the text is one line and says what is wrong."""

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        self.reason = reason
        super().__init__(f"{source}: {reason}")


def is_source(text: str) -> bool:
    """Whether the text names a scenario in a file."""
    return _ENDING in text or text.endswith(".py")


def split_source(text: str) -> tuple[str, str]:
    """`mine.py:My:agents=3` as `/…/mine.py:My`, whose path is absolute, and `agents=3`.

    Raises ScenarioFileError where no class is named.
    """
    path, ending, rest = text.partition(_ENDING)
    name, _, params = rest.partition(":")
    if not ending or not name:
        example = f"{text.removesuffix(':')}:MyScenario"
        raise ScenarioFileError(text, f"name the class in it too, such as {example}")
    return f"{Path(f'{path}.py').absolute()}:{name}", params


@cache
def load_source(source: str) -> type[Scenario]:
    """The class of a source with an absolute path. Its file is run, once in a process.

    Raises ScenarioFileError.
    """
    path, _, name = source.rpartition(":")
    module = _module(Path(path))
    found = getattr(module, name, None)
    if found is None:
        names = [key for key, value in vars(module).items() if _is_scenario(value, module)]
        near = get_close_matches(name, names, n=1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        known = f" It has: {', '.join(names)}" if names else " It has no scenario"
        raise ScenarioFileError(path, f"it has no class `{name:.60}`{hint}{known}")
    return checked(found, source)


def checked(found: Any, source: str) -> type[Scenario]:
    """The class, where it is a scenario that is declared as one; raises ScenarioFileError."""
    if not isclass(found) or not issubclass(found, Scenario):
        raise ScenarioFileError(source, "it is no subclass of sim.scenario.Scenario")
    if isabstract(found):
        raise ScenarioFileError(source, "it lacks the method `begin`")
    if "__dataclass_fields__" not in vars(found) or not is_dataclass(found):
        raise ScenarioFileError(source, "it must be decorated with @dataclass(frozen=True)")
    for name, kinds in _SAID.items():
        if not isinstance(getattr(found, name, None), kinds):
            what = " or ".join(kind.__name__ for kind in kinds)
            raise ScenarioFileError(source, f"its class variable `{name}` must be a {what}")
    if not is_run(found.name) or len(found.name) > _LONGEST_NAME:
        raise ScenarioFileError(
            source, f"its name {found.name!r:.80} must be 1 to {_LONGEST_NAME} of A-Z a-z 0-9 _ -"
        )
    try:
        schema(found)
        found()
    except (TypeError, NameError, ParameterError) as error:
        raise ScenarioFileError(source, f"its parameters are declared wrong: {error}") from error
    return found


def _module(path: Path) -> ModuleType:
    if not path.is_file():
        raise ScenarioFileError(str(path), "there is no such file")
    name = f"stagewatch_scenario_{path.stem}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ScenarioFileError(str(path), "it is no Python file")
    module = module_from_spec(spec)
    # Its types are looked up there, and what it imports stands beside it.
    sys.modules[name] = module
    sys.path.append(str(path.parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise ScenarioFileError(_place(path, error), _problem(error)) from error
    return module


def _place(path: Path, error: BaseException) -> str:
    """The file, and the line where it went wrong."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"{path}, line {error.lineno}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return f"{path}, line {frames[-1].lineno}" if frames else str(path)


def _problem(error: BaseException) -> str:
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {said}".rstrip(": ").splitlines()[0]


def _is_scenario(value: Any, module: ModuleType) -> bool:
    is_own = isclass(value) and issubclass(value, Scenario)
    return is_own and value.__module__ == module.__name__
