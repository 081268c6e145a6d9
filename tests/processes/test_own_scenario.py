"""Scenarios of one's own: the guide's, the template, and one that was written by following it."""

from pathlib import Path

import numpy as np
import pytest

from sim.behaviour import Acting
from sim.policies import Draws
from sim.scenario_file import load_source
from sim.simulation import Simulation
from sim.timemachine import verify
from tests.processes.conftest import Serve
from tests.processes.own_files import CAUTIOUS, RUN, SERVED, WALKERS, stagewatch, written
from tests.processes.serving import RefusedError, worker_of
from tests.processes.shell import ROOT


async def test_the_guides_commands_work_as_they_stand_there(tmp_path: Path) -> None:
    written(tmp_path)

    for command in RUN.strip().splitlines():
        await stagewatch(tmp_path, *command.split()[1:])
    listed = await stagewatch(tmp_path, "scenarios", "walkers.py:Walkers")
    [run] = [path for path in (tmp_path / "data").iterdir() if path.name.startswith("walkers-")]

    assert "size    integer 30 cells (from 2 to 1000): Of the square" in listed
    assert verify(run).ticks == 200
    assert len((tmp_path / "sweep" / "table.csv").read_text().splitlines()) == 1 + 10
    assert "all 200 ticks agree" in await stagewatch(tmp_path, "verify", run.name)


@pytest.mark.parametrize(
    ("wish", "name", "agents"),
    [
        (SERVED.split()[-1], "walkers", 500),
        ("queue_.py:Queue:chance=1", "queue", 20),
        ("moths.py:Moths:agents=30", "moths", 30),
    ],
)
async def test_a_scenario_of_ones_own_is_served_and_its_agents_move(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wish: str, name: str, agents: int
) -> None:
    written(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    await stagewatch(tmp_path, "new", "moths.py")
    serving = await serve(tmp_path / "data", wish, mode="demo")

    async with serving.client() as client:
        run = await client.run()
        await client.subscribe(f"run.{run}.agents")
        first, second = [
            await client.event(lambda e: e["topic"] == f"run.{run}.agents") for _ in range(2)
        ]
        listed = (await client.query("scenarios.list"))["scenarios"]
        described = await client.query("run.get", run=run)
        start = {"scenario": name, "params": {"agents": 3}, "seed": 1}
        other = (await client.command("run.start", **start))["run"]
        await client.command("run.speed", run=other, hz=0)
        await client.tick(other, 30)
        fork = (await client.command("run.fork", run=other, tick=10))["run"]
        await client.tick(fork, 11)
        worker_of(run).kill()
        await client.state(run, "restarted")
        await client.command("run.stop", run=other)

    assert run.startswith(f"{name}-")
    assert len(first["data"]["x"]) == described["agents"] == agents
    assert (first["data"]["x"], first["data"]["y"]) != (second["data"]["x"], second["data"]["y"])
    assert [entry for entry in listed if entry["name"] == name]
    assert verify(serving.data_dir / other).mismatch is None


async def test_a_server_that_comes_back_takes_up_a_run_of_ones_own_scenario(
    serve: Serve, tmp_path: Path
) -> None:
    written(tmp_path)
    wish = f"{tmp_path / 'walkers.py'}:Walkers"
    serving = await serve(tmp_path / "data", wish, mode="demo")
    async with serving.client() as client:
        run = await client.run()
        await client.tick(run, 5)
    assert await serving.end() == 0

    again = await serve(tmp_path / "data", mode="demo")
    async with again.client() as client:
        await client.tick(run, 10)
        fork = (await client.command("run.fork", run=run, tick=5))["run"]
        await client.tick(fork, 6)


async def test_nobody_names_a_file_over_the_wire(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "walkers.py").write_text(f"{WALKERS}\nopen({str(tmp_path / 'ran')!r}, 'w').close()")
    serving = await serve(tmp_path / "data", mode="demo")

    async with serving.client() as client:
        for name in ("run.start", "sweep.start"):
            with pytest.raises(RefusedError) as caught:
                await client.command(name, scenario="walkers.py:Walkers")
            assert caught.value.code == "NOT_FOUND"

    assert not (tmp_path / "ran").exists()


def test_the_templates_moths_find_the_light(tmp_path: Path) -> None:
    moths = load_source(f"{ROOT / 'sim' / 'template.py'}:Moths")
    simulation = Simulation(moths(agents=400, clarity=0.9), 5)  # type: ignore[call-arg]

    at_light = [next(iter(simulation)).aggregates["at_light"] for _ in range(20)]

    assert at_light[0] == 0
    assert at_light[-1] > 0.85


async def test_the_guides_agents_act_by_what_they_believe() -> None:
    names: dict[str, Acting] = {}
    exec(CAUTIOUS, names)
    minds = names["minds"]
    chance = Draws(np.zeros(10), np.zeros(10))

    first = minds.think(minds.mind.likelihood.row(np.zeros((10, 3), dtype=np.int64)), chance)

    assert set(first.action.tolist()) == {4}
