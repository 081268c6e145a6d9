"""Sweeps that the server runs: their progress, their table, and what an interruption leaves."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from sim.design import Design, factorial
from sim.sweep import sweep
from tests.processes.conftest import Serve
from tests.processes.serving import Client, RefusedError, Serving, gone

GRID: dict[str, list[Any]] = {"cue_validity": [0.6, 0.9], "moves": [1, 2]}
WANTED = {"scenario": "tmaze", "grid": GRID, "params": {"agents": 5}, "seeds": 3, "ticks": 20}


async def progress(client: Client, name: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What was told of a sweep when these things held."""
    event = await client.event(
        lambda e: (
            e["topic"] == f"sweep.{name}.progress"
            and all(e["data"].get(key) == value for key, value in wanted.items())
        )
    )
    data: dict[str, Any] = event["data"]
    return data


async def fetched(serving: Serving, path: str) -> bytes:
    """A file over HTTP."""
    url = f"http://127.0.0.1:{serving.port}/api/v1/{path}"
    return (await AsyncHTTPClient().fetch(url)).body


def sweepers(serving: Serving) -> list[psutil.Process]:
    """Every process of sweeps that the server started."""
    children = psutil.Process(serving.process.pid).children(recursive=True)
    return [child for child in children if "web.sweeping" in " ".join(child.cmdline())]


async def test_a_sweep_tells_how_far_it_is_and_makes_the_table_of_the_command_line(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", mode="demo")
    points = tuple({"agents": 5, **point} for point in factorial(GRID))
    expected = tmp_path / "expected"

    async with serving.client() as client:
        await client.subscribe("sweep.>")
        name = (await client.command("sweep.start", **WANTED, workers=2))["sweep"]
        first = await progress(client, name, {"state": "running"})
        last = await progress(client, name, {"state": "finished"})
        listed = (await client.query("sweeps.list"))["sweeps"]
        table = await fetched(serving, f"sweeps/{name}/table.csv")

    sweep(Design("tmaze", points, (0, 1, 2), 20), expected)
    assert (first["runs"], last["done"], last["failed"]) == (12, 12, 0)
    assert "table.csv" in last["tables"]
    assert [entry["sweep"] for entry in listed] == [name]
    assert table == (expected / "table.csv").read_bytes()


async def test_a_sweep_that_was_stopped_or_lost_its_server_goes_on_with_what_is_missing(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", mode="demo")
    many = {**WANTED, "seeds": 30, "ticks": 200}

    async with serving.client() as client:
        await client.subscribe("sweep.>")
        name = (await client.command("sweep.start", **many))["sweep"]
        await client.event(lambda e: e["topic"].startswith("sweep.") and e["data"]["done"] >= 5)
        with pytest.raises(RefusedError, match="CONFLICT"):
            await client.command("sweep.start", **WANTED)
        stopped = await client.command("sweep.stop", sweep=name)
        assert not sweepers(serving)
        resumed = await client.command("sweep.resume", sweep=name)
        again = await progress(client, name, {"state": "running"})
        processes = sweepers(serving)
        serving.process.kill()
        for process in processes:
            await gone(process)
    await serving.process.wait()
    later = await serve(tmp_path / "data", mode="demo")
    async with later.client() as client:
        await client.subscribe("sweep.>")
        [listed] = (await client.query("sweeps.list"))["sweeps"]
        await client.command("sweep.resume", sweep=name)
        last = await progress(client, name, {"state": "finished"})

    assert (stopped["state"], resumed["state"], listed["state"]) == (
        "stopped",
        "running",
        "stopped",
    )
    assert stopped["done"] >= 5
    assert again["runs"] == 120
    assert listed["done"] >= stopped["done"]
    assert (last["done"], last["failed"]) == (120, 0)


async def test_a_sweep_that_cannot_be_made_is_refused_and_leaves_nothing(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", mode="demo")
    wrong: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("VALIDATION_ERROR", "cue_validity", {"grid": {"cue_validity": [0.7, 7]}}),
        ("VALIDATION_ERROR", "did you mean `agents`", {"params": {"agens": 5}}),
        ("VALIDATION_ERROR", "10000 are the most", {"grid": {"moves": [1] * 1000}, "seeds": 11}),
        ("NOT_FOUND", "scenario tmase", {"scenario": "tmase"}),
    )

    async with serving.client() as client:
        for code, words, change in wrong:
            with pytest.raises(RefusedError, match=f"{code}: .*{words}"):
                await client.command("sweep.start", **{**WANTED, **change})
        for command in ("sweep.stop", "sweep.resume"):
            with pytest.raises(RefusedError, match="NOT_FOUND"):
                await client.command(command, sweep="nobody")
        with pytest.raises(HTTPClientError, match="404"):
            await fetched(serving, "sweeps/nobody/table.csv")

    assert not list((serving.data_dir / "sweeps").glob("*"))


async def test_a_part_of_a_run_is_exported_over_http(serve: Serve, tmp_path: Path) -> None:
    serving = await serve(tmp_path / "data", "tmaze:agents=4", mode="demo")

    async with serving.client() as client:
        run = await client.run()
        await client.command("run.speed", run=run, hz=0)
        await client.tick(run, 40)
        await client.command("run.stop", run=run)
        await client.message("broadcast", "run.ended")
        part = await fetched(serving, f"runs/{run}/export?columns=entropy,action&ticks=10:20")
        with pytest.raises(HTTPClientError) as refused:
            await fetched(serving, f"runs/{run}/export?columns=entropi")

    lines = part.decode().splitlines()
    assert lines[0] == "tick,agent,entropy,action"
    assert len(lines) == 1 + 10 * 4
    assert refused.value.response is not None
    body = json.loads(refused.value.response.body)
    assert (body["code"], body["details"]["path"]) == ("VALIDATION_ERROR", "?columns")
    assert "did you mean `entropy`?" in body["message"]
