"""Commands and queries that concern sweeps."""

import asyncio
import math
import os
from pathlib import Path
from typing import Any

import msgspec
import pykka

from actors.topics import Pattern, covers
from sim.catalogue import Catalogue, UnknownScenario
from sim.design import SweepError, factorial
from sim.parameters import ParameterError
from sim.scenario_file import ScenarioFileError
from web.auth import Identity
from web.errors import COMMAND_FAILED, NOT_FOUND, VALIDATION_ERROR, Refusal
from web.messages import now
from web.requests import StartSweep as Wanted
from web.run_folder import reserve
from web.run_services import unknown_scenario
from web.sweep_keeper import StartSweep, StopSweep
from web.sweeping import Order
from web.sweeps import FOLDER, SweepEntry, Sweeps, keep

MOST_RUNS = 10_000


class SweepServices:
    """Reads from `sweeps` and tells `keeper`; `data_dir` has the sweeps' folder."""

    def __init__(
        self, sweeps: Sweeps, keeper: pykka.ActorRef[Any], data_dir: Path, catalogue: Catalogue
    ) -> None:
        self._sweeps = sweeps
        self._keeper = keeper
        self._folder = data_dir / FOLDER
        self._catalogue = catalogue

    def known(self, sweep: str) -> SweepEntry:
        """Raises Refusal where there is no such sweep."""
        entry = self._sweeps.get(sweep)
        if entry is None:
            raise Refusal(NOT_FOUND, what="sweep", name=sweep)
        return entry

    def listed(self, identity: Identity) -> list[dict[str, Any]]:
        """The sweeps that the identity may see."""
        return [
            entry.summary()
            for entry in self._sweeps
            if covers(identity.topics, Pattern.parse(f"sweep.{entry.sweep}.progress"))
        ]

    async def start(self, wanted: Wanted) -> dict[str, Any]:
        """Begins a new sweep. Raises Refusal."""
        order = await asyncio.to_thread(self._ordered, wanted)
        name = Path(order.folder).name
        entry = SweepEntry(name, order, now())
        try:
            await self._keeper.ask(StartSweep(entry), block=False)
        except Refusal:
            await asyncio.to_thread(_take_back, order)
            raise
        return {"sweep": name}

    async def change(self, command: str, sweep: str) -> dict[str, Any]:
        """Ends a sweep, whose runs stay, or goes on with what is missing. Raises Refusal."""
        entry = self.known(sweep)
        wish = StopSweep(entry) if command == "sweep.stop" else StartSweep(entry)
        await self._keeper.ask(wish, block=False)
        return entry.summary()

    def _ordered(self, wanted: Wanted) -> Order:
        """Checked, and noted in a folder of its own. Blocks."""
        grid: dict[str, list[Any]] = wanted.grid
        runs = math.prod(len(values) for values in grid.values()) * wanted.seeds
        if runs > MOST_RUNS:
            reason = f"it has {runs} runs; {MOST_RUNS} are the most of a sweep"
            raise Refusal(VALIDATION_ERROR, path="$.params.grid", reason=reason)
        points = [{**wanted.params, **point} for point in factorial(grid)]
        seeds = list(range(wanted.seed, wanted.seed + wanted.seeds))
        workers = min(wanted.workers, os.cpu_count() or 1)
        order = Order(
            wanted.scenario,
            points,
            seeds,
            wanted.ticks,
            wanted.every,
            workers,
            str(self._folder),
            self._catalogue.files.get(wanted.scenario, ""),
        )
        try:
            order.design.check(self._catalogue)
            folder = self._folder / reserve(self._folder, wanted.scenario)
        except UnknownScenario as error:
            raise unknown_scenario(error) from None
        except ParameterError as error:
            part = "grid" if error.parameter in grid else "params"
            path = f"$.params.{part}.{error.parameter}"
            raise Refusal(VALIDATION_ERROR, path=path, reason=str(error)) from None
        except ScenarioFileError as error:
            raise Refusal(COMMAND_FAILED, reason=str(error)) from None
        except SweepError as error:
            raise Refusal(VALIDATION_ERROR, path="$.params", reason=str(error)) from None
        except OSError as error:
            reason = f"{self._folder} cannot be written to: {error.strerror}"
            raise Refusal(COMMAND_FAILED, reason=reason) from None
        order = msgspec.structs.replace(order, folder=str(folder))
        keep(order)
        return order


def _take_back(order: Order) -> None:
    folder = Path(order.folder)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
