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


@stagewatch.command()
@click.argument("scenario")
@click.option("--ticks", type=click.IntRange(min=1), default=1000, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@click.option("--set", "params", multiple=True, metavar="k=v", help="A parameter of the scenario.")
@_data
@_config
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def run(
    scenario: str,
    ticks: int,
    seed: int,
    params: tuple[str, ...],
    data: Path | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """Run a scenario without a server, and record it."""
    settings = settings_of(config, data_dir=data)
    running: Any = import_module("web.cli_run")
    result = _plainly(running.run, settings, scenario, ticks, seed, ",".join(params))
    click.echo(json.dumps(result.data) if as_json else result.sentence)
    sys.exit(INTERRUPTED if result.is_interrupted else 0)


@stagewatch.command()
def scenarios() -> None:
    """List the scenarios and their parameters."""
    click.echo(import_module("web.cli_lists").scenarios())


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
@click.option("--table", type=click.Choice(["ticks", "agents", "events"]), default="ticks")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE")
@_data
@_config
def export(
    run: str, format_: str, table: str, out: Path, data: Path | None, config: Path | None
) -> None:
    """Write a table of a recorded run to a file."""
    settings = settings_of(config, data_dir=data)
    folder = _plainly(import_module("sim.manifest").run_folder, settings.data_dir, run)
    rows = _plainly(import_module("sim.export").export, folder, out, format_, table)
    click.echo(f"{rows} rows in {out}")


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


def _plainly(call: Any, *arguments: object) -> Any:
    """Calls; an error that is the user's to put right becomes one line."""
    try:
        return call(*arguments)
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
