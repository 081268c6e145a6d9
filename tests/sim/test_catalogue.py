"""The catalogue of scenarios."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import sim.template
from sim import catalogue
from sim.catalogue import SCENARIOS, UnknownScenario, scenario_class
from sim.parameters import build, schema
from sim.scenario_file import ScenarioFileError


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_listed_can_be_begun_and_described(name: str) -> None:
    scenario = scenario_class(name)

    built = build(scenario, {})

    assert built.name == scenario.name == name
    assert built.title
    assert built.text
    assert built.hz >= 0
    assert "agents" in schema(scenario)["properties"]
    json.dumps(schema(scenario), allow_nan=False)


def test_an_unknown_scenario_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UnknownScenario) as caught:
        scenario_class("tmaz")

    assert (caught.value.suggestion, caught.value.known) == ("tmaze", SCENARIOS)
    assert str(caught.value) == (
        "`tmaz` is not a scenario; did you mean `tmaze`? There are: " + ", ".join(SCENARIOS)
    )


@pytest.mark.parametrize("name", ["os", "__init__", "../tmaze", "", "x" * 10**6])
def test_a_name_never_reaches_beyond_the_catalogue(name: str) -> None:
    with pytest.raises(UnknownScenario) as caught:
        scenario_class(name)

    assert len(str(caught.value)) < 200


def test_the_catalogue_imports_no_scenario_and_nothing_heavy() -> None:
    wanted = "sim.catalogue, sim.simulation, sim.recording, sim.export"
    program = f"import {wanted}, sys; print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    loaded = set(done.stdout.split())
    assert not loaded & {"asyncio", "pandas", "pyarrow", "pykka", "scipy", "tornado"}
    assert not any(name.startswith("sim.scenarios.") for name in loaded)


def test_scenarios_of_installed_packages_are_there_unless_they_are_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "minds-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: minds\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(
        "[stagewatch.scenarios]\n"
        "moths = sim.template:Moths\nother = sim.template:Moths\nlost = sim.template:Nobody\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    catalogue._installed.cache_clear()

    found = scenario_class("moths")

    assert found.title == "Moths"
    assert {"moths", "other", "lost"} <= set(catalogue.Catalogue().names)
    with pytest.raises(ScenarioFileError, match="its name is `moths`, but it is installed as"):
        scenario_class("other")
    with pytest.raises(ScenarioFileError, match="cannot be imported: AttributeError"):
        scenario_class("lost")
    monkeypatch.undo()
    catalogue._installed.cache_clear()


def test_a_name_is_that_of_one_scenario_alone() -> None:
    source = f"{sim.template.__file__}:Moths"

    one = catalogue.Catalogue.of([source, source])

    assert one("moths").name == "moths"
    assert one.names[-1] == "moths"
    with pytest.raises(UnknownScenario, match="moths"):
        scenario_class("moths")
