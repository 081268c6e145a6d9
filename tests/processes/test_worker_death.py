"""What happens when a worker process is killed, hangs, or dies again and again."""

import json
import signal
from pathlib import Path

from tests.processes.conftest import Serve
from tests.processes.serving import gone, worker_of, workers_of

BEATS = "metronome:hz=50"


async def test_a_killed_worker_comes_back_where_it_was_and_other_runs_do_not_notice(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", BEATS, "metronome:hz=40")
    async with serving.client() as client:
        hurt, other = await client.run(0, number=2), await client.run(1, number=2)
        await client.tick(hurt, 60)
        bystander = worker_of(other).pid

        worker_of(hurt).send_signal(signal.SIGKILL)

        restarted = await client.state(hurt, "restarted")
        seen = (await client.query("run.get", run=hurt))["tick"]
        assert 20 <= restarted["data"]["tick"] <= seen + 20
        assert restarted["data"]["tick"] % 20 == 0
        await client.state(hurt, "running")
        after = await client.tick(hurt, restarted["data"]["tick"] + 40)
        told = await client.query("run.get", run=hurt)
        assert told["restarts"] == 1
        assert "SIGKILL" in told["reason"]
        assert after["epoch"] == told["epoch"] == restarted["epoch"]
        assert worker_of(other).pid == bystander
        assert (await client.query("run.get", run=other))["restarts"] == 0
    assert await serving.end() == 0


async def test_ticks_that_are_made_again_are_told_once_and_are_the_same(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", "metronome:hz=100")
    async with serving.client() as client:
        run = await client.run()
        await client.tick(run, 50)
        worker_of(run).send_signal(signal.SIGKILL)
        await client.state(run, "restarted")
        last = (await client.query("run.get", run=run))["tick"]
        await client.tick(run, last + 30)

        events = (await client.query("history", topic=f"run.{run}.tick", limit=500))["events"]

        offsets = [event["offset"] for event in events]
        assert offsets == list(range(1, len(offsets) + 1))
        assert len({event["data"]["hash"] for event in events}) == len(events)
    assert await serving.end() == 0


async def test_a_paused_run_is_paused_when_it_comes_back(serve: Serve, tmp_path: Path) -> None:
    serving = await serve(tmp_path / "data", BEATS)
    async with serving.client() as client:
        run = await client.run()
        paused = await client.command("run.pause", run=run)

        worker_of(run).send_signal(signal.SIGKILL)

        await client.state(run, "restarted")
        await client.state(run, "paused")
        stepped = await client.command("run.step", run=run, ticks=1)
        assert stepped["tick"] <= paused["tick"] + 1
    assert await serving.end() == 0


async def test_a_worker_that_hangs_is_killed_and_restarted(serve: Serve, tmp_path: Path) -> None:
    serving = await serve(tmp_path / "data", BEATS, workers__hang_timeout=2)
    async with serving.client() as client:
        run = await client.run()
        halted = worker_of(run)

        halted.send_signal(signal.SIGSTOP)

        await client.state(run, "restarted")
        assert "no sign of life for 2 s" in (await client.query("run.get", run=run))["reason"]
        await gone(halted)
    assert await serving.end() == 0


async def test_a_worker_that_dies_too_often_is_given_up_with_the_reason(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", BEATS, workers__restarts=1)
    async with serving.client() as client:
        run = await client.run()
        worker_of(run).send_signal(signal.SIGKILL)
        await client.state(run, "restarted")
        await client.state(run, "running")

        worker_of(run).send_signal(signal.SIGKILL)

        failed = await client.state(run, "failed")
        assert "given up after 1 restarts" in failed["data"]["reason"]
        assert "SIGKILL" in failed["data"]["reason"]
        ended = await client.message("broadcast", "run.ended")
        assert ended["data"]["state"] == "failed"
        assert (await client.query("run.get", run=run))["state"] == "failed"
        mark = json.loads((tmp_path / "data" / run / "state.json").read_text())
        assert mark["state"] == "failed"
        assert workers_of(run) == []
    assert await serving.end() == 0


async def test_a_record_of_another_version_is_refused_without_further_tries(
    serve: Serve, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    serving = await serve(data, BEATS)
    async with serving.client() as client:
        run = await client.run()
    assert await serving.end() == 0
    manifest = data / run / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 99'))

    serving = await serve(data, "metronome:hz=7")

    async with serving.client() as client:
        other = await client.run()
        assert other != run
        assert workers_of(run) == []
    assert await serving.end() == 0
    assert "has the format 99; this version reads and writes 1 only" in serving.log.read_text()
