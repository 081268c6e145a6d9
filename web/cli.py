"""The command `stagewatch`. What takes long to import is imported by the command that needs it."""

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from web.config import ConfigFileError, Settings, load
from web.setting import SettingError, UnknownSetting
from web.versions import own_version

CONFIG = Path("config.yaml")
WRONG = 2  # exit status: what was asked for cannot be done as it stands
INTERRUPTED = 130
SCOPES = ("observe", "control", "publish", "admin")

_config = click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="File of settings; config.yaml where there is one.",
)
_data = click.option(
    "--data", type=click.Path(path_type=Path), help="Folder of the records; as set by data_dir."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


class Wrong(click.ClickException):
    """Something that the user can put right; the text is one line."""

    exit_code = WRONG


def settings_of(config: Path | None, **flags: object) -> Settings:
    """The settings from all sources; `flags` by path with `__` for the dot, None where absent."""
    given = {key.replace("__", "."): value for key, value in flags.items() if value is not None}
    file = config if config is not None else CONFIG if CONFIG.exists() else None
    try:
        return load(file, os.environ, given)
    except (SettingError, UnknownSetting, ConfigFileError) as error:
        raise Wrong(str(error)) from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(own_version(), prog_name="stagewatch")
def stagewatch() -> None:
    """Run simulated minds as actors; watch, steer, record and replay them live."""


@stagewatch.command()
@_config
@click.option("--mode", help="demo, dev or prod.")
@click.option("--host", help="Address to listen at.")
@click.option("--port", type=int, help="Port to listen at; 0 takes a free one.")
@click.option("--run", "runs", multiple=True, metavar="SCENARIO[:k=v,...]", help="A run to have.")
def serve(
    config: Path | None, mode: str | None, host: str | None, port: int | None, runs: tuple[str, ...]
) -> None:
    """Serve the page, the sockets and the runs until told to end."""
    settings = settings_of(config, mode=mode, server__host=host, server__port=port)
    serving: Any = import_module("web.cli_serve")
    sys.exit(_plainly(serving.serve, settings, runs))


@stagewatch.command(context_settings={"ignore_unknown_options": True})
@click.argument("scenario")
@click.option("--ticks", type=click.IntRange(min=1), default=1000, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@click.option("--set", "params", multiple=True, metavar="k=v", help="A parameter of the scenario.")
@_data
@_config
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
@click.argument("flags", nargs=-1, type=click.UNPROCESSED, metavar="[--PARAMETER VALUE]...")
def run(
    scenario: str,
    ticks: int,
    seed: int,
    params: tuple[str, ...],
    flags: tuple[str, ...],
    data: Path | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """Run a scenario, or one in a file (mine.py:Mine), without a server, and record it."""
    settings = settings_of(config, data_dir=data)
    running: Any = import_module("web.cli_run")
    given = (*params, *_plainly(running.as_params, flags))
    result = _plainly(running.run, settings, scenario, ticks, seed, ",".join(given))
    click.echo(json.dumps(result.data) if as_json else result.sentence)
    sys.exit(INTERRUPTED if result.is_interrupted else 0)


@stagewatch.command()
@click.argument("scenario", required=False)
@_config
def scenarios(scenario: str | None, config: Path | None) -> None:
    """List the scenarios and their parameters, or those of one (a name, or mine.py:Mine)."""
    settings = settings_of(config)
    click.echo(_plainly(import_module("web.cli_lists").scenarios, settings, scenario))


@stagewatch.command()
@click.argument("file", type=click.Path(path_type=Path))
def new(file: Path) -> None:
    """Write a file with a small scenario to begin with."""
    click.echo(_plainly(import_module("web.cli_new").begin, file))


@stagewatch.command()
@_data
@_config
def runs(data: Path | None, config: Path | None) -> None:
    """List the recorded runs."""
    settings = settings_of(config, data_dir=data)
    click.echo(_plainly(import_module("web.cli_lists").runs, settings.data_dir))


@stagewatch.command()
@click.argument("run")
@click.option("--format", "format_", type=click.Choice(["csv", "parquet"]), default="csv")
@click.option(
    "--table",
    type=click.Choice(["ticks", "agents", "values", "events"]),
    help="ticks; agents where columns are named. values: a row for each agent's column.",
)
@click.option("--columns", metavar="NAME,...", help="Only these columns.")
@click.option("--ticks", metavar="FIRST:END", help="Only these: 100:200 is 100 to 199.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="RUN.FORMAT if absent."
)
@_data
@_config
def export(run: str, data: Path | None, config: Path | None, **choice: Any) -> None:
    """Write a table of a recorded run, or a part of it, to a file."""
    settings = settings_of(config, data_dir=data)
    click.echo(_plainly(import_module("web.cli_export").exported, settings, run, choice))


@stagewatch.command()
@click.argument("run")
@click.option("--from", "from_tick", type=click.IntRange(min=1), default=1, metavar="TICK")
@click.option("--ticks", type=click.IntRange(min=1), help="How many; all that follow if absent.")
@_data
@_config
@_json
def replay(run: str, data: Path | None, config: Path | None, **choice: Any) -> None:
    """Print the ticks of a recorded run."""
    settings = settings_of(config, data_dir=data)
    lines = import_module("web.cli_time").replayed(settings, run, **choice)
    while (line := _plainly(next, lines, None)) is not None:
        click.echo(line)


@stagewatch.command()
@click.argument("run")
@click.option(
    "--from",
    "from_tick",
    type=int,
    metavar="TICK",
    help="From the last checkpoint before this tick; from the beginning if absent.",
)
@_data
@_config
@_json
def verify(
    run: str, from_tick: int | None, data: Path | None, config: Path | None, as_json: bool
) -> None:
    """Make a recorded run again and compare every hash; exit status 1 where one differs."""
    settings = settings_of(config, data_dir=data)
    verified = import_module("web.cli_time").verified
    text, status = _plainly(verified, settings, run, from_tick, as_json)
    click.echo(text)
    sys.exit(status)


@stagewatch.command()
@click.argument("one")
@click.argument("two")
@click.option("--distances", type=click.IntRange(min=1), help="At most so many; all if absent.")
@_data
@_config
@_json
def diff(
    one: str,
    two: str,
    distances: int | None,
    data: Path | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """Say where two recorded runs part, and how far; exit status 1 where they do."""
    settings = settings_of(config, data_dir=data)
    compared = import_module("web.cli_time").compared
    text, status = _plainly(compared, settings, one, two, distances, as_json)
    click.echo(text)
    sys.exit(status)


@stagewatch.command()
@click.argument("run")
@click.option("--tick", type=int, required=True, help="After which to go on by itself.")
@click.option("--ticks", type=click.IntRange(min=1), default=1000, show_default=True)
@click.option("--set", "params", multiple=True, metavar="k=v", help="A parameter to change.")
@click.option("--seed", type=int, help="Other chances from there on.")
@_data
@_config
@_json
def fork(run: str, data: Path | None, config: Path | None, **choice: Any) -> None:
    """Go on from a tick of a recorded run with other parameters, as a run of its own."""
    settings = settings_of(config, data_dir=data)
    text, interrupted = _plainly(import_module("web.cli_time").forked, settings, run, **choice)
    click.echo(text)
    sys.exit(INTERRUPTED if interrupted else 0)


@stagewatch.command()
@click.argument("scenario")
@click.option("--grid", multiple=True, metavar="k=v,v,...", help="Each with each other's values.")
@click.option("--list", "list_", type=click.Path(path_type=Path), help="Points in CSV or JSON.")
@click.option("--random", "ranges", multiple=True, metavar="k=low:high", help="Drawn evenly.")
@click.option(
    "--samples", type=click.IntRange(1, 1_000_000), default=10, help="How many are drawn."
)
@click.option("--set", "params", multiple=True, metavar="k=v", help="The same for all points.")
@click.option(
    "--seeds", type=click.IntRange(1, 1_000_000), default=1, help="How many, the same for all."
)
@click.option("--seed", type=click.IntRange(0, 2**62), default=0, help="The first of them.")
@click.option("--ticks", type=click.IntRange(min=1), default=1000, show_default=True)
@click.option("--every", type=click.IntRange(min=0), default=0, help="Ticks between rows.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, help="Processes.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR")
@_config
@_json
def sweep(scenario: str, config: Path | None, as_json: bool, **choice: Any) -> None:
    """Run a scenario at many points with the same seeds; again with the same folder: go on."""
    sweeping: Any = import_module("web.cli_sweep")
    data, text, status = _plainly(sweeping.sweep, settings_of(config), scenario, choice)
    click.echo(json.dumps(data) if as_json else text)
    sys.exit(status)


@stagewatch.command()
@click.option("--sub", required=True, metavar="NAME", help="Whom the token speaks for.")
@click.option("--scopes", default="observe", metavar="observe,control", show_default=True)
@click.option("--topics", default=">", metavar="PATTERN,...", show_default=True)
@click.option("--lifetime", type=float, metavar="SECONDS", help="As set by auth.token_lifetime.")
@_config
def token(sub: str, scopes: str, topics: str, lifetime: float | None, config: Path | None) -> None:
    """Print a token for this server's sockets."""
    settings = settings_of(config, auth__token_lifetime=lifetime)
    tokens: Any = import_module("web.cli_token")
    click.echo(_plainly(tokens.token, settings, sub, scopes.split(","), topics.split(",")))


def _plainly(call: Any, *arguments: object, **named: object) -> Any:
    """Calls; an error that is the user's to put right becomes one line."""
    try:
        return call(*arguments, **named)
    except Exception as error:
        if isinstance(error, import_module("web.mistakes").MISTAKES):
            raise Wrong(str(error)) from None
        raise


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0, 2 where something was wrong with what was asked for, 130 interrupted."""
    try:
        stagewatch.main(arguments, standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        click.echo(f"Error: {' '.join(error.format_message().split())}", err=True)
        return WRONG
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
