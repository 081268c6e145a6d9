"""Sweeps: the same table whoever makes it, once each run, and no run harms another."""

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas
import pytest
from pyarrow import parquet

from sim.catalogue import UnknownScenario
from sim.design import Design, Job, SweepError, factorial, random_points, read_points
from sim.parameters import ParameterError, build
from sim.simulation import Simulation
from sim.sweep import sweep
from tests.sim.sweeping import load, make_design, make_fragile
from tests.sim.worlds import Drift


def swept(design: Design, folder: Path, **named: Any) -> list[str]:
    """Makes a sweep in threads; the names of the runs that were made now."""
    made: list[str] = []
    with ThreadPoolExecutor(2) as executor:
        sweep(design, folder, executor=executor, load=load,
              told=lambda job, reason: made.append(job.name), **named)  # fmt: skip
    return made


def test_the_table_has_a_row_a_run_with_its_parameters_and_values(tmp_path: Path) -> None:
    made = swept(make_design(), tmp_path / "s")

    table = pandas.read_csv(tmp_path / "s" / "table.csv")
    assert len(made) == len(table) == 12
    assert list(table.columns) == [
        "run", "point", "seed", "tick", "hash", "speed", "agents", "mean_place", "place",
    ]  # fmt: skip
    assert table.seed.tolist() == [0, 1, 2] * 4
    assert table.speed.tolist() == [0.5] * 6 + [2.0] * 6
    simulation = Simulation(build(Drift, {"speed": 2.0, "agents": 2}), 1)
    ticks = [simulation.tick() for _ in range(20)]
    row = table[(table.speed == 2.0) & (table.agents == 2) & (table.seed == 1)].iloc[0]
    assert row.hash == ticks[-1].hash
    assert row.place == ticks[-1].aggregates["place"]
    assert row.mean_place == pytest.approx(sum(t.aggregates["place"] for t in ticks) / 20)


def test_points_have_the_same_chances(tmp_path: Path) -> None:
    swept(make_design(), tmp_path / "s")

    table = pandas.read_csv(tmp_path / "s" / "table.csv")
    slow = table[(table.speed == 0.5) & (table.agents == 2)].place.to_numpy()
    fast = table[(table.speed == 2.0) & (table.agents == 2)].place.to_numpy()
    assert fast == pytest.approx(4 * slow)


def test_rows_are_kept_every_so_many_ticks_and_at_the_last(tmp_path: Path) -> None:
    swept(make_design(seeds=1, ticks=20, every=8), tmp_path / "s")

    assert pandas.read_csv(tmp_path / "s" / "table.csv").tick.tolist() == [8, 16, 20] * 4


def test_parquet_and_csv_say_the_same(tmp_path: Path) -> None:
    swept(make_design(), tmp_path / "s")

    one = pandas.read_csv(tmp_path / "s" / "table.csv")
    two = pandas.read_parquet(tmp_path / "s" / "table.parquet")
    assert one.to_dict("list") == two.to_dict("list")


def test_a_large_table_is_written_to_parquet_in_parts(tmp_path: Path) -> None:
    swept(make_design(seeds=60, ticks=60, every=1), tmp_path / "s")

    file = parquet.ParquetFile(tmp_path / "s" / "table.parquet")
    size = (tmp_path / "s" / "table.csv").stat().st_size
    assert size > 2**20
    assert file.num_row_groups > 1
    assert file.metadata.num_rows == 4 * 60 * 60


def test_one_and_two_workers_and_threads_make_the_same_table(tmp_path: Path) -> None:
    design = make_design(seeds=2)

    sweep(design, tmp_path / "one", workers=1, load=load)
    sweep(design, tmp_path / "two", workers=2, load=load)
    swept(design, tmp_path / "threads")

    texts = [(tmp_path / name / "table.csv").read_text() for name in ("one", "two", "threads")]
    assert texts[0] == texts[1] == texts[2]
    manifests = [(tmp_path / name / "sweep.json").read_text() for name in ("one", "two")]
    assert manifests[0] == manifests[1]


def test_the_manifest_has_versions_design_seeds_and_hashes(tmp_path: Path) -> None:
    swept(make_design(), tmp_path / "s")

    manifest = json.loads((tmp_path / "s" / "sweep.json").read_text())
    table = pandas.read_csv(tmp_path / "s" / "table.csv")
    assert manifest["versions"].keys() == {"stagewatch", "python", "numpy"}
    assert manifest["design"]["seeds"] == [0, 1, 2]
    assert manifest["design"]["points"][3] == {"speed": 2.0, "agents": 3}
    assert manifest["runs"] == dict(zip(table.run, table.hash, strict=True))


def test_a_run_that_raises_is_reported_and_leaves_the_others_alone(tmp_path: Path) -> None:
    design = make_fragile("none", "raise")
    with ThreadPoolExecutor(2) as executor:
        outcome = sweep(design, tmp_path / "s", executor=executor, load=load)

    reason = "ZeroDivisionError: too much drift"
    assert outcome.failed == {"000001-0": reason, "000001-1": reason}
    assert outcome.made == 2
    assert len(pandas.read_csv(tmp_path / "s" / "table.csv")) == 2
    assert json.loads((tmp_path / "s" / "sweep.json").read_text())["failed"] == outcome.failed


def test_a_process_that_dies_fails_its_run_alone(tmp_path: Path) -> None:
    outcome = sweep(make_fragile("die", "none"), tmp_path / "s", workers=2, load=load)

    died = "the process that made it died"
    assert outcome.failed == {"000000-0": died, "000000-1": died}
    assert outcome.made == 2


def test_a_sweep_that_is_complete_makes_nothing(tmp_path: Path) -> None:
    swept(make_design(), tmp_path / "s")
    table = (tmp_path / "s" / "table.csv").read_text()

    assert swept(make_design(), tmp_path / "s") == []
    assert (tmp_path / "s" / "table.csv").read_text() == table


def test_after_a_kill_only_what_is_missing_is_made(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from sim.sweep import sweep\n"
        "from tests.sim.sweeping import load, make_design\n"
        "if __name__ == '__main__':\n"
        "    sweep(make_design(seeds=50, ticks=200), sys.argv[1], workers=2, load=load,\n"
        "          told=lambda job, reason: print(job.name, flush=True))\n"
    )
    (tmp_path / "script.py").write_text(script)
    killed = subprocess.Popen(
        [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "s")],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert killed.stdout is not None
    before = [killed.stdout.readline().strip() for _ in range(10)]

    killed.send_signal(signal.SIGKILL)

    # Its processes hold the pipe: it is at its end when they are gone, too.
    before += killed.stdout.read().split()
    killed.wait()
    killed.stdout.close()
    kept = {path.stem for path in (tmp_path / "s" / "runs").glob("[0-9]*.json")}
    made = swept(make_design(seeds=50, ticks=200), tmp_path / "s")
    swept(make_design(seeds=50, ticks=200), tmp_path / "whole")
    assert set(before) <= kept
    assert 10 <= len(kept) < 200
    assert not kept & set(made)
    assert len(kept) + len(made) == 200
    tables = [(tmp_path / name / "table.csv").read_text() for name in ("s", "whole")]
    assert tables[0] == tables[1]


def test_a_folder_of_another_sweep_is_refused(tmp_path: Path) -> None:
    swept(make_design(seeds=1), tmp_path / "s")

    with pytest.raises(SweepError, match="s holds a sweep of another design"):
        swept(make_design(seeds=2), tmp_path / "s")
    (tmp_path / "s" / "sweep.json").write_text("{")
    with pytest.raises(SweepError, match=r"sweep\.json is damaged"):
        swept(make_design(seeds=1), tmp_path / "s")


def test_a_design_is_checked_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for design, error, text in (
        (Design("drift", ({"speed": 11},), (0,), 5), ParameterError, "parameter `speed` is 11"),
        (Design("drift", ({"sped": 1},), (0,), 5), ParameterError, "did you mean `speed`"),
        (Design("drft", ({},), (0,), 5), UnknownScenario, "`drft` is not a scenario"),
        (Design("drift", (), (0,), 5), SweepError, "at least one point"),
        (Design("drift", ({},), (0, 0), 5), SweepError, "each seed once"),
        (Design("drift", ({},), (-1,), 5), ParameterError, "`seed` is -1"),
    ):
        with pytest.raises(error, match=text):
            swept(design, tmp_path / "s")
    assert not (tmp_path / "s").exists()
    with pytest.raises(SweepError, match="cannot be written: Not a directory"):
        swept(make_design(), tmp_path / "file" / "s")


def test_random_points_are_within_their_ranges_and_the_same_each_time() -> None:
    ranges = {"speed": (1.0, 2.0), "agents": (3.0, 5.0)}

    points = random_points(ranges, 50, load, "drift", seed=4)

    assert points == random_points(ranges, 50, load, "drift", seed=4)
    assert points != random_points(ranges, 50, load, "drift", seed=5)
    assert all(1 <= point["speed"] <= 2 for point in points)
    assert {point["agents"] for point in points} == {3, 4, 5}


def test_points_are_read_from_csv_and_json(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("speed,agents,loud\n0.5,2,true\n1,3,false\n")
    (tmp_path / "points.json").write_text('[{"speed": 0.5, "agents": 2}]')
    (tmp_path / "wrong.csv").write_text("speed,agents\n0.5\n")
    (tmp_path / "wrong.json").write_text("{}")

    assert read_points(tmp_path / "points.csv") == (
        {"speed": 0.5, "agents": 2, "loud": True},
        {"speed": 1, "agents": 3, "loud": False},
    )
    assert read_points(tmp_path / "points.json") == ({"speed": 0.5, "agents": 2},)
    for name, text in (
        ("wrong.csv", "more or fewer values"),
        ("wrong.json", "must be a list of objects"),
        ("none.csv", "cannot be read: No such file"),
    ):
        with pytest.raises(SweepError, match=text):
            read_points(tmp_path / name)


def test_a_grid_has_every_combination_and_a_job_a_name_of_its_own() -> None:
    points = factorial({"a": [1, 2], "b": ["x", "y"]})

    assert points == (
        {"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}, {"a": 2, "b": "y"},
    )  # fmt: skip
    jobs: list[Job] = list(make_design().jobs())
    assert len({job.name for job in jobs}) == 12


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ({"speed": (0.0, float("inf"))}, "has the range 0:inf; allowed is low:high"),
        ({"speed": (float("nan"), 1.0)}, "has the range nan:1"),
        ({"speed": (2.0, 1.0)}, "has the range 2:1"),
        ({"agents": (2.2, 2.8)}, "`agents` is whole, and 2.2:2.8 holds no whole number"),
    ],
)
def test_a_range_that_nothing_can_be_drawn_from_is_refused(
    ranges: dict[str, tuple[float, float]], words: str
) -> None:
    with pytest.raises(SweepError, match=words):
        random_points(ranges, 5, load, "drift")


def test_whole_numbers_are_drawn_from_within_their_range() -> None:
    points = random_points({"agents": (2.2, 4.8)}, 200, load, "drift")

    assert {point["agents"] for point in points} == {3, 4}


def test_too_many_points_are_refused_before_they_are_made() -> None:
    with pytest.raises(SweepError, match="a sweep of 10000000000 points is too large"):
        factorial({name: range(100) for name in "abcde"})
    with pytest.raises(SweepError, match="1000000 at most"):
        random_points({"speed": (0.0, 1.0)}, 10**9, load, "drift")
