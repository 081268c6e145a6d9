"""The Python client against server processes that are killed, drained and started again."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from tests.processes.conftest import Serve
from tests.processes.serving import PATIENCE, Serving
from web.client import Event, Gap, connect

BEATS = "metronome:hz=50"


def address(serving: Serving) -> str:
    return f"ws://127.0.0.1:{serving.port}/api/v1/ws/demo"


async def following(items: AsyncIterator[Event | Gap], count: int) -> list[Event | Gap]:
    async with asyncio.timeout(PATIENCE):
        return [await anext(items) for _ in range(count)]


def offsets(items: list[Event | Gap]) -> list[int | str]:
    return [item.offset if isinstance(item, Event) else f"gap in {item.topic}" for item in items]


def assert_whole(items: list[Event | Gap]) -> None:
    found = offsets(items)
    assert isinstance(found[0], int)
    assert found == list(range(found[0], found[0] + len(found)))


async def test_a_server_killed_and_started_again_costs_no_event_and_repeats_none(
    serve: Serve, tmp_path: Path
) -> None:
    first = await serve(tmp_path / "data", BEATS)
    async with connect(address(first)) as stage, stage.subscribe("run.*.tick") as events:
        before = await following(events, 10)
        await first.end(signal.SIGKILL)

        second = await serve(tmp_path / "data", BEATS, port=first.port)
        after = await following(events, 100)

        assert_whole(before + after)
    assert await second.end() == 0


async def test_a_query_waits_for_the_server_to_be_back(serve: Serve, tmp_path: Path) -> None:
    first = await serve(tmp_path / "data", BEATS)
    async with connect(address(first)) as stage:
        assert (await stage.info())["name"] == "stagewatch"
        await first.end(signal.SIGKILL)
        asked = asyncio.create_task(stage.info())

        second = await serve(tmp_path / "data", BEATS, port=first.port)

        assert (await asked)["pid"] == second.process.pid
    assert await second.end() == 0


async def test_a_drained_server_is_come_back_to_without_a_gap(serve: Serve, tmp_path: Path) -> None:
    first = await serve(tmp_path / "data", BEATS)
    async with connect(address(first)) as stage, stage.subscribe("run.*.tick") as events:
        before = await following(events, 10)
        assert await first.end() == 0

        second = await serve(tmp_path / "data", BEATS, port=first.port)
        after = await following(events, 100)

        assert_whole(before + after)
    assert await second.end() == 0


async def test_runs_are_started_steered_and_asked_about(serve: Serve, tmp_path: Path) -> None:
    server = await serve(tmp_path / "data", "metronome:hz=1")
    async with connect(address(server)) as stage:
        run = await stage.start("tmaze", {"agents": 7}, seed=3)
        paused = await stage.pause(run)
        stepped = await stage.step(run, 5)
        page = await stage.agents(run, sort="-entropy", limit=3)
        belief = await stage.belief(run, 2)
        agent = await stage.agent(run, "2")
        faster = await stage.speed(run, 20)
        kept = await stage.checkpoint(run)
        told = await stage.run(run)
        history = await stage.history(f"run.{run}.tick", first=1, last=stepped.tick)
        ended = await stage.stop_run(run)
        names = [scenario.name for scenario in await stage.scenarios()]
        runs = await stage.runs()
        tree = await stage.actors()
    assert await server.end() == 0

    assert (paused.state, stepped.tick, faster.hz) == ("paused", paused.tick + 5, 20)
    assert (page.total, len(page.agents), page.tick) == (7, 3, stepped.tick)
    assert sum(belief.belief["context"]) == 1
    assert agent["agent"] == "2"
    assert (kept.tick, told.tick, told.seed, told.agents) == (stepped.tick, stepped.tick, 3, 7)
    assert [event.offset for event in history] == list(range(1, stepped.tick + 1))
    assert ended.state == "finished"
    assert {"tmaze", "metronome", "foragers"} <= set(names)
    assert run in [one.run for one in runs]
    assert tree.path == "/server"
    assert "/server/broadcaster" in [child.path for child in tree.children]


SCRIPT = """
import sys
from web.client import open_stage

with open_stage(sys.argv[1]) as stage:
    for event in stage.subscribe("run.*.tick"):
        print(event.tick, flush=True)
"""


async def test_a_script_that_waits_for_events_ends_at_once_when_it_is_interrupted(
    serve: Serve, tmp_path: Path
) -> None:
    server = await serve(tmp_path / "data", BEATS)
    script = await asyncio.create_subprocess_exec(
        sys.executable, "-X", "dev", "-c", SCRIPT, address(server),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert script.stdout is not None
    async with asyncio.timeout(PATIENCE):
        assert int(await script.stdout.readline()) > 0

        script.send_signal(signal.SIGINT)
        _, errors = await script.communicate()
    assert await server.end() == 0

    assert errors.decode().strip().splitlines()[-1] == "KeyboardInterrupt"
    assert b"Warning" not in errors
    assert b"never" not in errors
