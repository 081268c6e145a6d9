"""The scenarios, as clients are told of them."""

from functools import cache
from typing import Any

from sim.catalogue import SCENARIOS, UnknownScenario, scenario_class
from sim.parameters import schema


@cache
def described() -> tuple[dict[str, Any], ...]:
    """Name, title, text, references and the parameters' JSON schema of each. Imports them all."""
    found = []
    for name in SCENARIOS:
        scenario = scenario_class(name)
        found.append(
            {
                "name": name,
                "title": scenario.title,
                "text": scenario.text,
                "references": list(scenario.references),
                "hz": scenario.hz,
                "parameters": schema(scenario),
            }
        )
    return tuple(found)


def titles(name: str) -> tuple[str, str]:
    """Title and text; the name itself for a scenario of another version of this program."""
    try:
        scenario = scenario_class(name)
    except UnknownScenario:
        return name, ""
    return scenario.title, scenario.text
