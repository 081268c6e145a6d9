"""Forks, replays and comparisons of live and ended runs, over the wire."""

from pathlib import Path
from typing import Any

import pytest

from sim.timemachine import verify
from tests.processes.conftest import Serve
from tests.processes.serving import Client, RefusedError, worker_of

SEED = 3


async def paused_at(client: Client, tick: int, **params: object) -> str:
    """A run of a T-maze that was changed after tick 5, and stands at a tick."""
    start = {"scenario": "tmaze", "params": {"agents": 6, **params}, "seed": SEED}
    run = str((await client.command("run.start", **start))["run"])
    await client.command("run.pause", run=run)
    await client.command("run.speed", run=run, hz=0)
    at = (await client.query("run.get", run=run))["tick"]
    await until(client, run, max(at + 1, 5))
    await client.command("agent.perturb", run=run, agent="2", belief={"context": [0.9, 0.1]})
    await until(client, run, tick)
    return run


async def until(client: Client, run: str, tick: int) -> None:
    """Lets a run go on to a tick."""
    await client.command("run.until", run=run, condition=f"tick >= {tick}")
    await client.event(
        lambda e: (
            e["topic"] == f"run.{run}.state"
            and e["data"]["state"] == "paused"
            and e["tick"] >= tick
        )
    )


async def forked(client: Client, run: str, tick: int, **params: object) -> str:
    """A fork that goes quickly."""
    fork = str((await client.command("run.fork", run=run, tick=tick, **params))["run"])
    await client.command("run.speed", run=fork, hz=200)
    return fork


async def hashes(client: Client, run: str) -> dict[int, str]:
    """Of the ticks that are at hand, or on record."""
    events = (await client.query("history", topic=f"run.{run}.tick", limit=1000))["events"]
    return {event["tick"]: event["data"]["hash"] for event in events}


async def after_seek(client: Client, run: str, epoch: str) -> dict[str, Any]:
    """The first tick of another epoch."""
    topic = f"run.{run}.tick"
    return await client.event(lambda e: e["topic"] == topic and e["epoch"] != epoch)


async def test_a_fork_with_nothing_changed_makes_the_same_ticks(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", mode="demo")

    async with serving.client() as client:
        parent = await paused_at(client, 40)
        fork = await forked(client, parent, 25)
        await client.tick(fork, 45)
        await client.command("run.pause", run=fork)
        await client.command("run.step", run=parent, ticks=30)
        told = await client.query("run.get", run=fork)
        one, two = await hashes(client, parent), await hashes(client, fork)
        same = sorted(one.keys() & two.keys())

        assert told["parent"] == {"run": parent, "tick": 25}
        assert same[0] == 26
        assert len(same) >= 20
        assert {tick: one[tick] for tick in same} == {tick: two[tick] for tick in same}


async def test_a_fork_goes_on_with_other_parameters_another_seed_or_a_change(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", mode="demo")
    ways: dict[str, dict[str, Any]] = {
        "params": {"params": {"cue_validity": 0.6}},
        "seed": {"seed": 99},
        "perturb": {"perturb": {"agent": "*", "precision": 0.0}},
    }

    async with serving.client() as client:
        parent = await paused_at(client, 40)
        for name, way in ways.items():
            fork = await forked(client, parent, 20, **way)
            await client.tick(fork, 40)
            await client.command("run.stop", run=fork)
            difference = await client.query("run.diff", run=parent, other=fork)

            assert difference["runs"] == [parent, fork]
            assert difference["first"] == 21, name
            assert difference["tick"] is not None, name
            assert 21 <= difference["tick"] <= 30, name
            assert difference["parting"]["tick"] >= difference["tick"]
            assert difference["distances"][0]["tick"] == difference["tick"]
            found = verify(serving.data_dir / fork)
            assert (found.mismatch, found.first) == (None, 21), name
            assert found.ticks >= 20


async def test_a_fork_that_lost_its_worker_goes_on_as_if_nothing_had_happened(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", mode="demo")

    async with serving.client() as client:
        parent = await paused_at(client, 30)
        fork = await forked(client, parent, 20, seed=5)
        await client.tick(fork, 30)
        worker_of(fork).kill()
        await client.state(fork, "restarted")
        await client.tick(fork, 60)
        await client.command("run.stop", run=fork)

    found = verify(serving.data_dir / fork)
    assert found.mismatch is None
    assert found.ticks >= 40


async def test_a_replay_makes_the_same_ticks_with_what_was_changed_and_pauses_at_the_end(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", mode="demo")

    async with serving.client() as client:
        run = await paused_at(client, 40)
        replay = (await client.command("run.replay", run=run, tick=3, hz=0))["run"]
        await client.state(replay, "paused")
        told = await client.query("run.get", run=replay)
        belief = await client.query("belief.get", run=replay, agent="2")
        made, recorded = await hashes(client, replay), await hashes(client, run)
        log = await client.query("history", topic=f"run.{replay}.log.perturbation")

        assert told["replay"] == {"run": run, "first": 1, "last": 40}
        assert (told["tick"], belief["tick"]) == (40, 40)
        assert made == {tick: recorded[tick] for tick in range(3, 41)}
        assert [event["data"]["agent"] for event in log["events"]] == [2]
        assert not (await client.query("history", topic=f"run.{replay}.log.anomaly"))["events"]


async def test_a_replay_goes_to_any_tick_and_follows_what_is_recorded_meanwhile(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", mode="demo")

    async with serving.client() as client:
        run = await paused_at(client, 40)
        recorded = await hashes(client, run)
        replay = (await client.command("run.replay", run=run, hz=0))["run"]
        await client.state(replay, "paused")
        epoch = (await client.query("run.get", run=replay))["epoch"]

        for tick in (7, 33, 8, 1, 40):
            status = await client.command("run.seek", run=replay, tick=tick)
            shown = await after_seek(client, replay, epoch)
            assert (status["tick"], status["state"]) == (tick, "paused")
            assert (shown["tick"], shown["data"]["hash"]) == (tick, recorded[tick])
            epoch = shown["epoch"]
            assert (await client.query("run.get", run=replay))["tick"] == tick
        await client.command("run.step", run=run, ticks=5)
        await client.command("run.seek", run=replay, tick=45)
        await client.command("run.resume", run=replay)
        worker_of(replay).kill()
        await client.state(replay, "restarted")
        await client.tick(replay, 45)
        await client.command("run.stop", run=replay)
        await client.message("broadcast", "run.ended")

        with pytest.raises(RefusedError, match="NOT_FOUND"):
            await client.query("run.get", run=replay)
        assert not (serving.data_dir / replay).exists()


async def test_what_cannot_be_done_is_refused_and_says_why(serve: Serve, tmp_path: Path) -> None:
    serving = await serve(tmp_path / "data", mode="demo")

    async with serving.client() as client:
        run = await paused_at(client, 12)
        replay = (await client.command("run.replay", run=run, hz=0))["run"]
        refused: tuple[tuple[str, str, dict[str, Any]], ...] = (
            ("NOT_FOUND", "run.fork", {"run": "nobody", "tick": 1}),
            ("NOT_FOUND", "run.fork", {"run": run, "tick": 13}),
            ("VALIDATION_ERROR", "run.fork", {"run": run, "tick": 5, "params": {"agents": -1}}),
            ("COMMAND_FAILED", "run.fork", {"run": run, "tick": 5, "params": {"agents": 9}}),
            ("NOT_FOUND", "run.replay", {"run": run, "tick": 13}),
            ("NOT_FOUND", "run.seek", {"run": replay, "tick": 13}),
            ("CONFLICT", "run.seek", {"run": run, "tick": 3}),
            ("CONFLICT", "agent.perturb", {"run": replay, "agent": "1", "reset": True}),
        )
        for code, command, params in refused:
            with pytest.raises(RefusedError, match=code) as refusal:
                await client.command(command, **params)
            assert "Traceback" not in str(refusal.value)
        with pytest.raises(RefusedError, match="NOT_FOUND"):
            await client.query("run.diff", run=run, other="nobody")
        with pytest.raises(RefusedError, match="done: a fork cannot change agents: "):
            await client.command("run.fork", run=run, tick=5, params={"agents": 9})
        assert (await client.query("run.get", run=run))["state"] == "paused"
        names = {folder.name for folder in serving.data_dir.iterdir() if folder.is_dir()}
        assert {name for name in names if not name.startswith("foragers")} == {run, replay}
