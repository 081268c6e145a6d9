"""Scenarios of one's own: the guide's, the template, and one that was written by following it."""

import re
from pathlib import Path

import numpy as np
import pytest

from sim.behaviour import Acting
from sim.policies import Draws
from sim.scenario_file import ScenarioFileError, load_source
from sim.simulation import Simulation
from sim.timemachine import verify
from tests.processes.conftest import Serve
from tests.processes.serving import RefusedError, worker_of
from tests.processes.shell import ROOT, STAGEWATCH, said

PAGE = (ROOT / "docs" / "your-own-scenario.md").read_text()
WALKERS, CAUTIOUS, _ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SERVED, RUN = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)

# Written by following the guide: a queue at a counter, with an agent's own kind of column.
QUEUE = """
from dataclasses import dataclass

import numpy as np

from sim.parameters import parameter
from sim.scenario import ColumnInfo, Frame, Scenario, View
from beside import NoMind


@dataclass(frozen=True)
class Queue(Scenario):
    name = "queue"
    title = "Queue"
    text = "Customers wait; the counter serves the first with some chance a tick."
    references = ("Kendall (1953)",)
    hz = 10

    agents: int = parameter(20, minimum=1, maximum=1000, text="Customers")
    chance: float = parameter(0.5, minimum=0.0, maximum=1.0, text="To be served in a tick")

    def begin(self, streams, clock):
        return QueueWorld(self, streams)


class QueueWorld:
    columns = (ColumnInfo("x", "Place"), ColumnInfo("y", "Row"), ColumnInfo("served", "Served"))
    model = None

    def __init__(self, scenario, streams):
        self.agents, self._chance, self._streams = scenario.agents, scenario.chance, streams
        self._order, self._served = np.arange(self.agents), np.zeros(self.agents, dtype=int)
        self.view = View("grid", self.agents, 3, color=("served",), sentence="They wait in line.")

    def advance(self, number):
        if self._streams.environment.random(self.agents)[0] < self._chance:
            self._served = self._served.copy()
            self._served[self._order[0]] += 1
            self._order = np.roll(self._order, -1)
        place = np.argsort(self._order).astype(float)
        columns = {"x": place, "y": np.ones(self.agents), "served": self._served.astype(np.int32)}
        return Frame(columns, {"served": float(self._served.sum())}, (), NoMind())

    def state(self):
        return {"order": self._order, "served": self._served}

    def restore(self, state):
        self._order, self._served = np.array(state["order"]), np.array(state["served"])
"""
BESIDE = """
class NoMind:
    def belief(self, agent):
        return {}

    def agent(self, agent):
        return {}
"""


async def stagewatch(folder: Path, *words: str, status: int = 0) -> str:
    """What the command says."""
    return await said(folder, *STAGEWATCH, *words, status=status)


def written(folder: Path) -> None:
    """The guide's file, and the one that was written by following it."""
    (folder / "walkers.py").write_text(WALKERS)
    (folder / "queue_.py").write_text(QUEUE)
    (folder / "beside.py").write_text(BESIDE)


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


WRONG = (
    ("none.py:Mine", "", "none.py: there is no such file"),
    ("mine.py", "", "name the class in it too, such as mine.py:MyScenario"),
    ("mine.py:Walker", WALKERS, "no class `Walker`; did you mean `Walkers`?"),
    ("mine.py:NoMind", WALKERS, "no subclass of sim.scenario.Scenario"),
    ("mine.py:A", "x = 1\n1 / 0\n", "mine.py, line 2: ZeroDivisionError: division by zero"),
    ("mine.py:A", "x = 1\n\ndef f(:\n", "mine.py, line 3: SyntaxError: invalid syntax"),
    ("mine.py:A", "import sys\nsys.exit('enough')\n", "mine.py, line 2: SystemExit: enough"),
    ("mine.py:A", "from nowhere import x\n", "line 1: ModuleNotFoundError: No module named"),
    ("mine.py:Walkers", WALKERS.replace("@dataclass(frozen=True)\n", ""), "must be decorated with"),
    ("mine.py:Walkers", WALKERS.replace('title = "Walkers"', ""), "`title` must be a str"),
    ("mine.py:Walkers", WALKERS.replace('"walkers"', '"to walk"'), "'to walk' must be 1 to 57 of"),
    ("mine.py:Walkers", WALKERS.replace("def begin", "def start"), "lacks the method `begin`"),
    ("mine.py:Walkers", WALKERS.replace("parameter(30", "parameter(1"), "size` is 1; allowed is"),
    ("mine.py:Walkers", WALKERS.replace('name = "walkers"', 'name = "tmaze"'), "another scenario"),
)


@pytest.mark.parametrize(("wish", "text", "words"), WRONG)
async def test_what_is_wrong_with_a_file_is_said_in_one_line(
    tmp_path: Path, wish: str, text: str, words: str
) -> None:
    (tmp_path / "mine.py").write_text(text)

    error = await stagewatch(tmp_path, "serve", "--port", "0", "--run", wish, status=2)

    assert words in error
    assert error.startswith("Error: ")
    assert len(error.splitlines()) == 1


async def test_a_new_file_is_written_once_and_never_over_another(tmp_path: Path) -> None:
    assert "serve --run moths.py:Moths" in await stagewatch(tmp_path, "new", "moths.py")
    assert "left as it is" in await stagewatch(tmp_path, "new", "moths.py", status=2)
    assert "must end in .py" in await stagewatch(tmp_path, "new", "moths", status=2)
    assert "cannot be written" in await stagewatch(tmp_path, "new", "none/moths.py", status=2)


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


def test_a_file_that_was_wrong_can_be_mended_and_loaded(tmp_path: Path) -> None:
    path = tmp_path / "mended.py"
    path.write_text("1 / 0")
    with pytest.raises(ScenarioFileError, match="line 1"):
        load_source(f"{path}:Walkers")
    path.write_text(WALKERS)

    assert load_source(f"{path}:Walkers").name == "walkers"
