"""The files of one's own scenarios: named by the settings, changed, wrong, and new."""

import re
from pathlib import Path

import pytest

from sim.scenario_file import ScenarioFileError, load_source
from tests.processes.conftest import Serve
from tests.processes.own_files import WALKERS, stagewatch, written
from tests.processes.shell import ROOT


async def test_a_file_that_was_changed_since_is_told_and_no_sweep_goes_on_with_it(
    tmp_path: Path,
) -> None:
    written(tmp_path)
    swept = ("sweep", "walkers.py:Walkers", "--grid", "size=10,20", "--seeds", "1", "--ticks", "5")
    await stagewatch(tmp_path, *swept, "--out", "sweep")
    await stagewatch(tmp_path, "run", "walkers.py:Walkers", "--ticks", "20")
    [run] = [path.name for path in (tmp_path / "data").iterdir()]
    assert "made with" not in await stagewatch(tmp_path, "verify", run)

    with (tmp_path / "walkers.py").open("a") as file:
        file.write("# Nothing else.\n")

    told = await stagewatch(tmp_path, "verify", run)
    refused = await stagewatch(tmp_path, *swept, "--out", "sweep", status=2)
    assert re.search(r"made with walkers.py sha256 \w{16} \(here sha256 \w{16}\)", told)
    assert "holds a sweep of another versions" in refused


async def test_scenarios_of_the_settings_are_there_by_their_names(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path)
    (tmp_path / "config.yaml").write_text("scenarios: [walkers.py:Walkers, queue_.py:Queue]\n")
    listed = await stagewatch(tmp_path, "scenarios")
    await stagewatch(tmp_path, "run", "queue", "--ticks", "3", "--agents", "4")
    swept = await stagewatch(
        tmp_path, "sweep", "walkers", "--grid", "size=10,20", "--ticks", "3", "--out", "sweep"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    serving = await serve(tmp_path / "data", "walkers:agents=7", mode="demo")
    async with serving.client() as client:
        run = await client.run()
        offered = [s["name"] for s in (await client.query("scenarios.list"))["scenarios"]]
        other = (await client.command("run.start", scenario="queue"))["run"]
        await client.tick(other, 2)
        described = await client.query("run.get", run=run)

    assert {"walkers: Walkers", "queue: Queue"} <= set(listed.splitlines())
    assert "walkers: 2 runs made" in swept
    assert {"walkers", "queue"} <= set(offered)
    assert (described["scenario"], described["agents"]) == ("walkers", 7)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("walkers.py", "name the class in it too"),
        ("walkers.py:Nobody", "it has no class `Nobody`"),
        ("none.py:Walkers", "there is no such file"),
        ("walkers.py:Walkers:agents=3", "and no parameters"),
        ("tmaze", "name the class in it too"),
    ],
)
async def test_a_setting_that_names_no_scenario_is_told_with_its_name(
    tmp_path: Path, named: str, words: str
) -> None:
    written(tmp_path)
    (tmp_path / "config.yaml").write_text(f'scenarios: ["{named}"]\n')

    for command in (("serve", "--port", "0"), ("scenarios",), ("run", "tmaze", "--ticks", "1")):
        error = await stagewatch(tmp_path, *command, status=2)

        assert error.startswith(f"Error: `scenarios` is {named!r}; allowed: files with their class")
        assert words in error
        assert len(error.splitlines()) == 1


async def test_what_a_scenario_prints_harms_no_sweep_of_the_server(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = "def advance(self, number):"
    (tmp_path / "walkers.py").write_text(WALKERS.replace(begin, f"{begin}\n        print('so')"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    serving = await serve(tmp_path / "data", "walkers.py:Walkers", mode="demo")

    async with serving.client() as client:
        await client.subscribe("sweep.>")
        await client.command("sweep.start", scenario="walkers", grid={"size": [10, 20]}, ticks=5)
        last = await client.event(
            lambda e: e["topic"].startswith("sweep.") and e["data"]["state"] != "running"
        )

    assert (last["data"]["state"], last["data"]["done"]) == ("finished", 2)


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


def test_a_file_that_was_wrong_can_be_mended_and_loaded(tmp_path: Path) -> None:
    path = tmp_path / "mended.py"
    path.write_text("1 / 0")
    with pytest.raises(ScenarioFileError, match="line 1"):
        load_source(f"{path}:Walkers")
    path.write_text(WALKERS)

    assert load_source(f"{path}:Walkers").name == "walkers"
