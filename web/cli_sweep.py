"""Runs a sweep in processes of this machine, and says how far it is."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.catalogue import Catalogue, scenario_class
from sim.design import Design, Job, Point, SweepError, factorial, random_points, read_points
from sim.parameters import parse
from sim.rebuilding import Load
from sim.sweep import count_made
from sim.sweep import sweep as make_sweep
from web.cli_run import named, progress
from web.config import Settings
from web.own_scenarios import catalogue_of

SHOWN = 10  # failed runs that people are shown
INTERRUPTED = 130


def sweep(
    settings: Settings, scenario: str, choice: Mapping[str, Any]
) -> tuple[dict[str, Any], str, int]:
    """What `--json` prints, what people read, and the exit status: 1 where a run failed.

    Raises SweepError, ParameterError, UnknownScenario, ScenarioFileError.
    """
    first = choice["seed"]
    found, source = named(scenario, catalogue_of(settings))
    scenario, load = found.name, Catalogue.of([source] if source else ())
    design = Design(
        scenario,
        points(scenario, choice, load),
        tuple(range(first, first + choice["seeds"])),
        choice["ticks"],
        choice["every"],
    )
    with progress(f"{scenario}, {design.runs} runs", design.runs) as advance:
        told = _telling(advance)
        try:
            outcome = make_sweep(
                design, choice["out"], workers=choice["workers"], load=load, told=told
            )
        except KeyboardInterrupt:
            return _interrupted(design, choice["out"])
    data = {
        "folder": str(outcome.folder.absolute()),
        "runs": design.runs,
        "made": outcome.made,
        "kept": outcome.kept,
        "failed": outcome.failed,
        "tables": [str(path) for path in outcome.tables],
    }
    lines = [
        f"{scenario}: {outcome.made} runs made, {outcome.kept} were there,"
        f" {len(outcome.failed)} failed, in {' and '.join(map(str, outcome.tables))}"
    ]
    shown = list(outcome.failed.items())[:SHOWN]
    lines += [f"  run {name} failed: {reason}" for name, reason in shown]
    return data, "\n".join(lines), 1 if outcome.failed else 0


def _interrupted(design: Design, folder: Path) -> tuple[dict[str, Any], str, int]:
    made = count_made(design, folder)
    text = (
        f"{design.scenario}: interrupted with {made} of {design.runs} runs made; the same command"
        " makes what is missing"
    )
    found = {"folder": str(folder.absolute()), "runs": design.runs, "made": made}
    return {**found, "interrupted": True}, text, INTERRUPTED


def points(
    scenario: str, choice: Mapping[str, Any], load: Load = scenario_class
) -> tuple[Point, ...]:
    """Those of the grid, of the list, or drawn; with none of these a single one."""
    kinds = [name for name in ("grid", "list_", "ranges") if choice[name]]
    if len(kinds) > 1:
        raise SweepError("a sweep takes one of --grid, --list and --random")
    found: Sequence[Point] = ({},)
    if choice["grid"]:
        found = factorial(_grid(choice["grid"]))
    elif choice["list_"]:
        found = read_points(choice["list_"])
    elif choice["ranges"]:
        ranges = dict(map(_range, choice["ranges"]))
        seed, samples = choice["seed"], choice["samples"]
        found = random_points(ranges, samples, load, scenario, seed)
    fixed = parse(",".join(choice["params"]))
    return tuple({**fixed, **point} for point in found)


def _grid(texts: Sequence[str]) -> dict[str, list[Any]]:
    grid: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not name or name in grid or not all(map(str.strip, values.split(","))):
            raise SweepError(f"--grid {text[:60]!r} is not name=value,value,... with a new name")
        grid[name] = [parse(f"{name}={value}")[name] for value in values.split(",")]
    return grid


def _range(text: str) -> tuple[str, tuple[float, float]]:
    name, _, bounds = (part.strip() for part in text.partition("="))
    low, _, high = bounds.partition(":")
    try:
        return name, (float(low), float(high))
    except ValueError:
        raise SweepError(f"--random {text[:60]!r} is not name=low:high") from None


def _telling(advance: Callable[[], object]) -> Callable[[Job, str | None], object]:
    def told(_job: Job, _reason: str | None) -> None:
        advance()

    return told
