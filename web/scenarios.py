"""The scenarios, as clients are told of them."""

import logging
from typing import Any

from sim.catalogue import Catalogue, UnknownScenario
from sim.parameters import schema
from sim.scenario import Scenario
from sim.scenario_file import ScenarioFileError

log = logging.getLogger(__name__)


def described(catalogue: Catalogue) -> tuple[dict[str, Any], ...]:
    """Name, title, text, references and the parameters' JSON schema of each. Imports them all; one
    of a package that cannot be had is left out."""
    found = []
    for name in catalogue.names:
        try:
            scenario = catalogue(name)
        except ScenarioFileError as error:
            log.warning("%s", error)
            continue
        found.append(description(scenario))
    return tuple(found)


def description(scenario: type[Scenario]) -> dict[str, Any]:
    """One of them."""
    return {
        "name": scenario.name,
        "title": scenario.title,
        "text": scenario.text,
        "references": list(scenario.references),
        "hz": scenario.hz,
        "parameters": schema(scenario),
    }


def titles(catalogue: Catalogue, name: str) -> tuple[str, str]:
    """Title and text; the name itself for a scenario that is not known any more."""
    try:
        scenario = catalogue(name)
    except (UnknownScenario, ScenarioFileError):
        return name, ""
    return scenario.title, scenario.text
