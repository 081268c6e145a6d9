"""The scenarios there are, by name; a scenario's module is imported when it is first asked for.

There are those of this program, those of installed packages (entry points of the group
`stagewatch.scenarios`, name to class), and those of files that somebody names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from sim.scenario import Scenario
from sim.scenario_file import ScenarioFileError, checked, load_source

GROUP = "stagewatch.scenarios"
_CLASSES: Mapping[str, str] = {
    "boids": "Boids",
    "cascade": "Cascade",
    "echo_chambers": "EchoChambers",
    "flocking": "Flocking",
    "foragers": "Foragers",
    "metronome": "Metronome",
    "opinion": "Opinion",
    "schelling": "Schelling",
    "sensors": "Sensors",
    "tmaze": "TMaze",
    "wolf_sheep": "WolfSheep",
}
SCENARIOS = tuple(_CLASSES)


class UnknownScenario(LookupError):  # noqa: N818 - reads as a statement
    """No scenario has that name; `suggestion` is one that is near."""

    def __init__(self, name: str, known: Iterable[str] = SCENARIOS) -> None:
        self.name = name if len(name) <= 60 else f"{name[:57]}…"
        self.known = tuple(known)
        self.suggestion = next(iter(get_close_matches(self.name, self.known, n=1)), None)
        hint = f"did you mean `{self.suggestion}`? " if self.suggestion else ""
        super().__init__(
            f"`{self.name}` is not a scenario; {hint}There are: {', '.join(self.known)}"
        )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`files` are scenarios beside the others: name to source, as sim.scenario_file has it."""

    files: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, sources: Iterable[str]) -> "Catalogue":
        """With those of these sources; raises ScenarioFileError, also where a name is taken."""
        files: dict[str, str] = {}
        for source in sources:
            name = load_source(source).name
            if files.setdefault(name, source) != source or name in cls().names:
                raise ScenarioFileError(source, f"its name `{name}` is that of another scenario")
        return cls(files)

    @property
    def names(self) -> tuple[str, ...]:
        """In the order of the alphabet, those of files last."""
        return (*sorted({*_CLASSES, *_installed()}), *self.files)

    def __call__(self, name: str) -> type[Scenario]:
        """The scenario of that name; raises UnknownScenario, and ScenarioFileError."""
        if name in _CLASSES:
            found: type[Scenario] = getattr(import_module(f"sim.scenarios.{name}"), _CLASSES[name])
            return found
        if name in self.files:
            return load_source(self.files[name])
        if name in _installed():
            return _loaded(_installed()[name])
        raise UnknownScenario(name, self.names)


def scenario_class(name: str) -> type[Scenario]:
    """The scenario of that name, of this program or an installed package; raises UnknownScenario,
    and ScenarioFileError where the package's is none."""
    return Catalogue()(name)


@cache
def _installed() -> Mapping[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _loaded(point: EntryPoint) -> type[Scenario]:
    try:
        found = point.load()
    except Exception as error:
        text = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ScenarioFileError(point.value, f"it cannot be imported: {text}") from error
    scenario = checked(found, point.value)
    if scenario.name != point.name:
        raise ScenarioFileError(
            point.value, f"its name is `{scenario.name}`, but it is installed as `{point.name}`"
        )
    return scenario
