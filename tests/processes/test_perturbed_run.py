"""A run that is changed while it goes on, and whose worker is killed at any moment."""

import asyncio
import contextlib
import random
import signal
from pathlib import Path
from typing import Any

import psutil

from sim.scenarios.tmaze import TMaze
from sim.simulation import Simulation
from tests.processes.conftest import Serve
from tests.processes.serving import PATIENCE, Client, RefusedError, workers_of

AGENTS, SEED, LAST = 40, 11, 75
# At these ticks, of this agent, this.
CHANGES: tuple[tuple[int, str, dict[str, Any]], ...] = (
    (17, "3", {"belief": {"context": [0.2, 0.8]}}),
    (31, "*", {"precision": 2.0}),
    (46, "5", {"observation": {"cue": "left"}}),
    (58, "*", {"preferences": {"outcome": [0.0, -3.0, 3.0]}}),
)


def undisturbed() -> str:
    """The hash at the end, in one go in this process."""
    simulation = Simulation(TMaze(agents=AGENTS), SEED)
    for tick, agent, change in CHANGES:
        while simulation.number < tick:
            simulation.tick()
        simulation.perturb(None if agent == "*" else int(agent), change)
    while simulation.number < LAST:
        simulation.tick()
    return simulation.hash


async def pause_at(client: Client, run: str, tick: int) -> None:
    """Until the run is paused at the tick; said again where a worker was lost that had heard it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            told = await client.query("run.get", run=run)
            if (told["state"], told["tick"]) == ("paused", tick):
                return
            if told["state"] == "paused":
                with contextlib.suppress(RefusedError):
                    await client.command("run.until", run=run, condition=f"tick >= {tick}")
            await client.event(lambda e: e["topic"].startswith(f"run.{run}."))


async def perturb(client: Client, run: str, made: int, agent: str, change: dict[str, Any]) -> None:
    """The change, said again unless it is on record though its answer was lost with a worker."""
    topic = f"run.{run}.log.perturbation"
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(RefusedError):
                await client.command("agent.perturb", run=run, agent=agent, **change)
                return
            if len((await client.query("history", topic=topic))["events"]) > made:
                return


async def kill(client: Client, run: str, chance: random.Random) -> None:
    """At any moment of the run's course."""
    await client.tick(run, chance.randrange(5, LAST - 10))
    await asyncio.sleep(chance.uniform(0.0, 0.03))
    for worker in workers_of(run):
        with contextlib.suppress(psutil.NoSuchProcess):
            worker.send_signal(signal.SIGKILL)


async def test_a_perturbed_run_ends_alike_whenever_its_worker_is_killed(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", mode="demo", recording__checkpoint_ticks=10)
    expected = undisturbed()
    chance = random.Random(5)

    for _ in range(10):
        async with serving.client() as client, serving.client() as killer:
            start = {"scenario": "tmaze", "params": {"agents": AGENTS}, "seed": SEED}
            run = (await client.command("run.start", **start))["run"]
            await client.command("run.pause", run=run)
            await client.command("run.speed", run=run, hz=200)
            killing = asyncio.create_task(kill(killer, run, chance))
            for made, (tick, agent, change) in enumerate(CHANGES):
                await pause_at(client, run, tick)
                await perturb(client, run, made, agent, change)
            await pause_at(client, run, LAST)
            await killing
            await pause_at(client, run, LAST)

            topic = f"run.{run}.tick"
            [last] = (await client.query("history", topic=topic, limit=1))["events"]
            assert (last["tick"], last["data"]["hash"]) == (LAST, expected)
            assert (await client.query("run.get", run=run))["restarts"] == 1
            await client.command("run.stop", run=run)
            for each in (client, killer):
                # What it has not read would hold up its goodbye.
                each.socket.transport.abort()
