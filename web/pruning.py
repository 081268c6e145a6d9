"""Removes the records of runs that are long over, where the settings say so."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actors.loop import LoopActor
from sim.manifest import RecordingError, list_runs
from web.run_folder import is_held
from web.runs import Runs
from web.sections import RecordingSettings

log = logging.getLogger(__name__)
LOOK_EVERY = 600.0  # seconds
_DAY = 86_400.0  # seconds


@dataclass(frozen=True, slots=True)
class OldRun:
    """The record of a run that is over: its bytes, and when it was written to last (since 1970)."""

    path: Path
    size: int
    ended_at: float


@dataclass(frozen=True, slots=True)
class _Look:
    """Time to look for old records."""


class Pruner(LoopActor):
    """Looks at its start and then every ten minutes. Runs that live, and those that a replay shows,
    are spared."""

    def __init__(
        self, runs: Runs, data_dir: Path, settings: RecordingSettings, clock: Callable[[], float]
    ) -> None:
        super().__init__()
        self._runs = runs
        self._data_dir = data_dir
        self._settings = settings
        self._clock = clock

    def on_start(self) -> None:
        if self._settings.keep_days or self._settings.keep_bytes:
            self.every(LOOK_EVERY, _Look())
            self.actor_ref.tell(_Look())

    def on_receive(self, message: Any) -> Any:
        match message:
            case _Look():
                return self._look()
            case _:
                return super().on_receive(message)

    async def _look(self) -> None:
        await self._runs.are_known.wait()
        live = tuple(self._runs.live.values())
        spared = {entry.run for entry in live}
        spared |= {entry.replays[0] for entry in live if entry.replays is not None}
        settings = self._settings
        try:
            gone = await asyncio.to_thread(
                prune,
                self._data_dir,
                spared,
                self._clock() - settings.keep_days * _DAY if settings.keep_days else None,
                settings.keep_bytes,
            )
        except (OSError, RecordingError) as error:
            log.warning("Old records could not be removed: %s", error)
            return
        for run in gone:
            log.info("The record of %s is removed, as it is old", run)
            self._runs.forget(run)


def prune(data_dir: Path, spared: set[str], before: float | None, most: int) -> list[str]:
    """Removes records written to last before a time (since 1970), and then the oldest until all
    together have no more than `most` bytes (0: no bound); which runs are gone. Blocks.

    Only folders with a manifest are looked at, and never one that a process has. Raises OSError
    and RecordingError.
    """
    found = sorted(
        (_measured(run.path) for run in list_runs(data_dir)), key=lambda old: old.ended_at
    )
    size = sum(old.size for old in found)
    gone = []
    for old in found:
        is_old = before is not None and old.ended_at < before
        is_too_much = most > 0 and size > most
        if not (is_old or is_too_much) or old.path.name in spared or is_held(old.path):
            continue
        shutil.rmtree(old.path)
        size -= old.size
        gone.append(old.path.name)
    return gone


def _measured(path: Path) -> OldRun:
    stats = [file.stat() for file in path.iterdir() if file.is_file()]
    return OldRun(path, sum(s.st_size for s in stats), max((s.st_mtime for s in stats), default=0))
