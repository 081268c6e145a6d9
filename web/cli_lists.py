"""What there is, as text: scenarios and recorded runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.manifest import RunFolder, list_runs
from sim.recording import Recording, RecordingError
from web.cli_run import named
from web.config import Settings
from web.own_scenarios import catalogue_of
from web.run_folder import noted
from web.scenarios import described, description


def scenarios(settings: Settings, name: str | None = None) -> str:
    """Each scenario, or one, with its parameters, their kinds, defaults and bounds.

    Raises UnknownScenario and ScenarioFileError.
    """
    catalogue = catalogue_of(settings)
    if name is None:
        return "\n\n".join(_scenario(scenario) for scenario in described(catalogue))
    found, _ = named(name, catalogue)
    return _scenario(description(found))


def _scenario(scenario: dict[str, Any]) -> str:
    lines = [f"{scenario['name']}: {scenario['title']}", f"  {scenario['text']}"]
    properties = scenario["parameters"]["properties"]
    width = max(map(len, properties), default=0)
    lines += [f"    {name.ljust(width)}  {_said(said)}" for name, said in properties.items()]
    return "\n".join(lines)


def _said(said: dict[str, Any]) -> str:
    text = f"{said['type']} {said.get('default')}"
    if "unit" in said:
        text += f" {said['unit']}"
    if "enum" in said:
        text += f" (of {', '.join(map(str, said['enum']))})"
    elif "minimum" in said and "maximum" in said:
        text += f" (from {said['minimum']} to {said['maximum']})"
    return f"{text}: {said.get('description', '')}".rstrip(": ")


def runs(data_dir: Path) -> str:
    """One line a run, the oldest first; raises RecordingError."""
    rows = [("run", "scenario", "state", "ticks", "seed", "created")]
    rows += [_run(found) for found in list_runs(data_dir)]
    return _aligned(rows) if len(rows) > 1 else f"There is no recorded run in '{data_dir}'."


def _run(found: RunFolder) -> tuple[str, str, str, str, str, str]:
    manifest = found.manifest
    if manifest is None:
        return (found.run, "?", "unreadable", "", "", found.problem or "")
    mark = noted(found.path)
    try:
        with Recording.open(found.path) as record:
            ticks = str(record.last_tick())
    except RecordingError as error:
        return (found.run, manifest.scenario, "unreadable", "", str(manifest.seed), str(error))
    state = mark.state if mark is not None else "headless"
    return (found.run, manifest.scenario, state, ticks, str(manifest.seed), manifest.created)


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
