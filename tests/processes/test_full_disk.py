"""A disk that fills under a run, and a folder that cannot be written into."""

from pathlib import Path

import psutil
import pytest

from sim.recorded import RecordedRun
from sim.recording import DATABASE
from sim.timemachine import verify
from tests.processes.conftest import Serve
from tests.processes.serving import RefusedError, worker_of


async def test_a_run_goes_on_when_its_disk_is_full_and_what_was_recorded_is_whole(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", mode="demo")

    async with serving.client() as client:
        start = {"scenario": "tmaze", "params": {"agents": 50}, "seed": 4}
        run = (await client.command("run.start", **start))["run"]
        await client.subscribe(f"run.{run}.log.failure")
        await client.command("run.speed", run=run, hz=200)
        await client.tick(run, 40)
        room = (serving.data_dir / run / f"{DATABASE}-wal").stat().st_size + 20_000
        psutil.Process(worker_of(run).pid).rlimit(psutil.RLIMIT_FSIZE, (room, room))
        told = await client.event(lambda e: e["topic"] == f"run.{run}.log.failure")
        going = await client.tick(run, told["tick"] + 50)
        with pytest.raises(RefusedError, match=r"COMMAND_FAILED.*can be forked after the ticks 0"):
            await client.command("run.fork", run=run, tick=going["tick"])
        changed = await client.command("agent.perturb", run=run, agent="1", reset=True)
        await client.command("run.stop", run=run)

    assert told["data"]["what"] == "recording"
    assert any(word in told["data"]["reason"] for word in ("full", "I/O"))
    assert changed["tick"] >= going["tick"]
    with RecordedRun(serving.data_dir / run) as record:
        last = record.last_tick()
        assert last == told["data"]["tick"] > 0
        assert record.columns("entropy").shape == (last, 50)
    assert verify(serving.data_dir / run).ticks == last


async def test_a_data_folder_that_cannot_be_written_into_is_told_and_harms_no_run(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", mode="demo")

    async with serving.client() as client:
        run = await client.run()
        away = serving.data_dir.with_name("away")
        serving.data_dir.rename(away)
        serving.data_dir.write_text("no folder")
        with pytest.raises(RefusedError, match=r"COMMAND_FAILED.*cannot be written to"):
            await client.command("run.start", scenario="tmaze")
        serving.data_dir.unlink()
        away.rename(serving.data_dir)
        tick = (await client.query("run.get", run=run))["tick"]
        await client.tick(run, tick + 2)
        again = (await client.command("run.start", scenario="tmaze"))["run"]
        await client.tick(again, 1)
