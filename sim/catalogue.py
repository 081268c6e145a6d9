"""The scenarios there are, by name; a scenario's module is imported when it is first asked for."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module

from sim.scenario import Scenario

_CLASSES: Mapping[str, str] = {
    "boids": "Boids",
    "cascade": "Cascade",
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

    def __init__(self, name: str) -> None:
        self.name = name if len(name) <= 60 else f"{name[:57]}…"
        self.known = SCENARIOS
        self.suggestion = next(iter(get_close_matches(self.name, SCENARIOS, n=1)), None)
        hint = f"did you mean `{self.suggestion}`? " if self.suggestion else ""
        super().__init__(
            f"`{self.name}` is not a scenario; {hint}There are: {', '.join(SCENARIOS)}"
        )


def scenario_class(name: str) -> type[Scenario]:
    """The scenario of that name; raises UnknownScenario."""
    if name not in _CLASSES:
        raise UnknownScenario(name)
    found: type[Scenario] = getattr(import_module(f"sim.scenarios.{name}"), _CLASSES[name])
    return found
