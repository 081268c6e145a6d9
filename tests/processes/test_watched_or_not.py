"""Who watches a run, and how it is steered, changes nothing of it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sim.catalogue import scenario_class
from sim.parameters import build
from sim.simulation import Simulation
from tests.processes.conftest import Serve
from tests.processes.serving import Client, Serving

LAST, SEED, VIEWERS = 60, 8, 20
SCENARIOS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("foragers", {"agents": 12}),
    ("tmaze", {"agents": 12}),
    ("wolf_sheep", {}),
)


def alone(scenario: str, params: dict[str, Any]) -> str:
    """The hash of the last tick, made in this process."""
    simulation = Simulation(build(scenario_class(scenario), params), SEED)
    while simulation.number < LAST:
        simulation.tick()
    return simulation.hash


async def begun(client: Client, scenario: str, params: dict[str, Any]) -> str:
    """A run that is paused at once."""
    start = {"scenario": scenario, "params": params, "seed": SEED}
    run = str((await client.command("run.start", **start))["run"])
    await client.command("run.pause", run=run)
    await client.command("run.speed", run=run, hz=0)
    return run


async def paused(client: Client, tick: int) -> None:
    """Until a run is, at the tick or later."""
    await client.event(lambda e: e["data"].get("state") == "paused" and e["tick"] >= tick)


async def last_hash(client: Client, run: str) -> str:
    """Of the last tick, which has to be the one that all are compared at."""
    topic = f"run.{run}.tick"
    [event] = (await client.query("history", topic=topic, limit=1))["events"]
    assert event["tick"] == LAST
    return str(event["data"]["hash"])


async def watch(serving: Serving, run: str, started: asyncio.Event, number: int) -> int:
    """A viewer of all of it, and of some agents; how many events it had of the last tick."""
    async with serving.client() as viewer:
        await viewer.subscribe(
            f"run.{run}.agents",
            f"run.{run}.log.>",
            f"run.{run}.agent.{number % 12}",
            f"run.{run}.belief.{number % 12}",
        )
        started.set()
        await viewer.tick(run, LAST)
        others: int = sum(m["type"] == "event" for m in viewer.heard)
        return others + 1


@pytest.mark.parametrize(("scenario", "params"), SCENARIOS)
async def test_twenty_viewers_see_the_run_that_nobody_sees(
    serve: Serve, tmp_path: Path, scenario: str, params: dict[str, Any]
) -> None:
    limits = {"limits__connections_per_ip": 0, "limits__connections_per_user": 0}
    serving = await serve(tmp_path / "data", mode="demo", **limits)

    async with serving.client() as client:
        run = await begun(client, scenario, params)
        signs = [asyncio.Event() for _ in range(VIEWERS)]
        watching = [
            asyncio.create_task(watch(serving, run, sign, number))
            for number, sign in enumerate(signs)
        ]
        for sign in signs:
            await sign.wait()
        await client.command("run.until", run=run, condition=f"tick >= {LAST}")
        seen = await asyncio.gather(*watching)

        assert await last_hash(client, run) == alone(scenario, params)
        assert min(seen) > 0


@pytest.mark.parametrize(("scenario", "params"), SCENARIOS)
async def test_a_run_that_is_paused_stepped_and_slowed_is_the_one_that_goes_straight_on(
    serve: Serve, tmp_path: Path, scenario: str, params: dict[str, Any]
) -> None:
    serving = await serve(tmp_path / "data", mode="demo")

    async with serving.client() as client:
        run = await begun(client, scenario, params)
        tick = (await client.query("run.get", run=run))["tick"]
        for goal in (tick + 7, tick + 20, tick + 31):
            await client.command("run.step", run=run, ticks=2)
            await client.command("run.speed", run=run, hz=30 + goal % 7)
            await client.command("run.resume", run=run)
            await client.command("run.checkpoint", run=run)
            await client.command("run.until", run=run, condition=f"tick >= {goal}")
            await paused(client, goal)
        at = (await client.query("run.get", run=run))["tick"]
        await client.command("run.step", run=run, ticks=LAST - at)

        assert await last_hash(client, run) == alone(scenario, params)
