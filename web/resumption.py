"""What a server does first: takes up the runs that the last one left, begins those asked for."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pykka

from sim.manifest import Manifest, list_runs
from sim.recording import Recording, RecordingError
from web.errors import Refusal
from web.keeper import Begin
from web.requests import StartRun
from web.run_folder import Mark, clear_replays, noted
from web.run_services import RunServices
from web.runs import RunEntry, Runs

log = logging.getLogger(__name__)
_MOST_LISTED = 50  # runs of the past that are listed


@dataclass(frozen=True, slots=True)
class Wish:
    """A run that is to be there: begun unless one of the same scenario and parameters lives.
    `source` names the file of a scenario that is somebody's own."""

    scenario: str
    params: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""


async def resume(
    data_dir: Path, runs: Runs, keeper: pykka.ActorRef[Any], most: int, past: bool = True
) -> None:
    """Begins again what lived when the last server ended, and lists what is over."""
    found = await asyncio.to_thread(_found, data_dir, most)
    for entry in found:
        if entry.state == "starting":
            log.info("%s is taken up again", entry.run)
            await keeper.ask(Begin(entry), block=False)
        elif past:
            runs.add(entry)


async def fulfil(wishes: Iterable[Wish], runs: Runs, services: RunServices) -> None:
    """Sees to it that the wished-for runs are there."""
    for wish in wishes:
        if any(_is_it(wish, entry) for entry in runs.live.values()):
            continue
        try:
            entry = await services.start(StartRun(wish.scenario, dict(wish.params)))
        except Refusal as refusal:
            log.error("%s cannot be begun: %s", wish.scenario, refusal)  # noqa: TRY400
        else:
            log.info("%s is begun", entry.run)


def _is_it(wish: Wish, entry: RunEntry) -> bool:
    if entry.source != wish.source:
        return False
    return entry.scenario == wish.scenario and wish.params.items() <= entry.params.items()


def _found(data_dir: Path, most: int) -> list[RunEntry]:
    """The newest runs on disk, oldest first."""
    clear_replays(data_dir)
    live: list[RunEntry] = []
    over: list[RunEntry] = []
    for folder in reversed(list_runs(data_dir)):
        if folder.manifest is None:
            log.warning("%s is left alone: %s", folder.path, folder.problem)
            continue
        mark = noted(folder.path)
        is_live = mark is not None and mark.state == "live"
        if is_live and len(live) < most:
            live.append(_entry(folder.manifest, None))
        elif is_live:
            log.warning("%s waits: %d runs are the most at a time", folder.run, most)
        elif len(over) < _MOST_LISTED:
            mark = mark or Mark("finished", _last_tick(folder.path))
            over.append(_entry(folder.manifest, mark))
    return [*reversed(over), *reversed(live)]


def _last_tick(folder: Path) -> int:
    try:
        with Recording.open(folder) as record:
            return record.last_tick()
    except RecordingError as error:
        log.warning("%s", error)
        return 0


def _entry(manifest: Manifest, mark: Mark | None) -> RunEntry:
    """`mark` None: the run lives."""
    agents = manifest.parameters.get("agents", 0)
    entry = RunEntry(
        manifest.run,
        manifest.scenario,
        dict(manifest.parameters),
        manifest.seed,
        manifest.epoch,
        manifest.created,
        agents=agents if isinstance(agents, int) else 0,
        is_resumed=True,
        source=manifest.source,
    )
    if manifest.parent is not None:
        entry.parent = (manifest.parent.run, manifest.parent.tick)
    if mark is not None:
        entry.state, entry.tick, entry.reason = mark.state, mark.tick, mark.reason
    return entry
