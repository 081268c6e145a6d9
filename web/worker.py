"""The main program of a worker process: one run, from its launch to an orderly end."""

import asyncio
import gc
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pykka

from actors.loop_ref import LoopRef
from actors.recorder import Flush
from actors.runtime import Runtime
from actors.steering import CommandRefused, Suspend
from actors.supervisor import Supervisor
from sim.catalogue import UnknownScenario
from sim.parameters import ParameterError
from sim.perturbation import PerturbationError
from sim.recording import RecordingError
from sim.replaying import Replaying
from sim.scenario_file import ScenarioFileError
from sim.simulation import Simulation
from web.launch import FAILED, FINISHED, REFUSED, SUSPENDED, TAKEN, Launch, unpacked
from web.run_folder import hold
from web.taking_up import is_finished, simulation_of
from web.uplink import Drain
from web.worker_tree import WorkerTree

log = logging.getLogger(__name__)
_LOCK_TRIES, _LOCK_WAIT = 20, 0.05  # somebody may just be looking whether the run is taken
_RESERVE = 0.8  # part of the time to stop after which the process ends as it is
# What is wrong with what is to be run; another try would end alike.
_REFUSED = (
    UnknownScenario, ScenarioFileError, ParameterError, PerturbationError, RecordingError,
)  # fmt: skip
_FLUSH_EVERY = 0.02  # seconds


class Worker:
    """One life of the process."""

    def __init__(self, launch: Launch, simulation: Simulation | Replaying) -> None:
        self._launch = launch
        self._simulation = simulation
        self._code: int | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._over = asyncio.Event()

    async def live(self) -> int:
        """Runs until there is a reason to end; the exit code."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._told_to_end)
        loop.add_signal_handler(signal.SIGINT, self._told_to_end)
        runtime = Runtime(loop)
        runtime.facts.listen(lambda fact: log.info("%s", fact))
        tree = WorkerTree(self._launch, self._simulation, self._end)
        root = await tree.start()
        gc.collect()
        gc.freeze()
        await self._over.wait()
        await self._stop(tree, root)
        assert self._code is not None
        assert self._patience is not None
        self._patience.cancel()
        runtime.close()
        return self._code

    def _told_to_end(self) -> None:
        if self._code is not None:
            os._exit(self._code)
        self._end(SUSPENDED, "told to end")

    def _end(self, code: int, reason: str) -> None:
        if self._code is not None:
            return
        self._code = code
        log.log(logging.ERROR if code == FAILED else logging.INFO, "Ends: %s", reason)
        patience = self._launch.workers.stop_timeout * _RESERVE
        self._patience = asyncio.get_running_loop().call_later(patience, self._force)
        self._over.set()

    def _force(self) -> None:
        log.error("Did not end in order within %g s", self._launch.workers.stop_timeout * _RESERVE)
        os._exit(self._code or FAILED)

    async def _stop(self, tree: WorkerTree, root: LoopRef[Supervisor]) -> None:
        """What was made is on disk and on its way before anything is taken apart."""
        if self._code == SUSPENDED and tree.run.is_alive() and tree.recorder is not None:
            await self._suspend(tree.run, tree.recorder)
        await tree.uplink.ask(Drain(), block=False)
        root.stop(block=False)
        await root.ended()

    async def _suspend(self, run: pykka.ActorRef[Any], recorder: pykka.ActorRef[Any]) -> None:
        try:
            status = await run.ask(Suspend(), block=False)
        except CommandRefused:
            return
        while True:
            recorded = await recorder.ask(Flush(), block=False)
            if recorded.tick >= status.tick or recorded.state == "stopped":
                return
            await asyncio.sleep(_FLUSH_EVERY)


def main() -> int:
    """Reads the launch from standard input; the exit codes are in web/launch.py."""
    try:
        launch = unpacked(sys.stdin.buffer.read())
    except msgspec.DecodeError as error:
        sys.stderr.write(f"There is no launch on the standard input: {error}\n")
        return REFUSED
    logging.basicConfig(
        level=launch.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    folder = Path(launch.folder)
    if not _take(folder):
        log.error("Another worker has the run %s", launch.run)
        return TAKEN
    try:
        simulation = simulation_of(launch)
        if is_finished(launch):
            return FINISHED
    except _REFUSED as error:
        log.error("%s", error)  # noqa: TRY400 - the line says it all
        return REFUSED
    return asyncio.run(_live(launch, simulation))


async def _live(launch: Launch, simulation: Simulation | Replaying) -> int:
    return await Worker(launch, simulation).live()


def _take(folder: Path) -> bool:
    """Holds the run's lock for as long as this process lives."""
    for _ in range(_LOCK_TRIES):
        if hold(folder) is not None:
            return True
        time.sleep(_LOCK_WAIT)
    return False


if __name__ == "__main__":
    sys.exit(main())
