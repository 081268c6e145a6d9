"""A worker in this process: how it ends, and what it leaves on disk."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sim.recording import EventRow, Manifest, Recording
from sim.scenarios.metronome import Metronome
from sim.simulation import Simulation
from sim.tick import Tick
from web.launch import FAILED, FINISHED, SUSPENDED, Launch, Onward, packed, unpacked
from web.sections import RecordingSettings, WorkerSettings
from web.worker import Worker, main

NOWHERE = "ws://127.0.0.1:1/"


def a_launch(folder: Path, **changes: Any) -> Launch:
    given: dict[str, Any] = {
        "run": "r",
        "scenario": "metronome",
        "params": {"hz": 200.0},
        "seed": 1,
        "epoch": "e",
        "created": "2026-01-01T00:00:00.000Z",
        "folder": str(folder),
        "url": NOWHERE,
        "token": "none",
        "workers": WorkerSettings(orphan_grace=0.3),
        "recording": RecordingSettings(checkpoint_ticks=20, batch_seconds=0.05),
    }
    return Launch(**{**given, **changes})


def a_record(launch: Launch) -> None:
    manifest = Manifest("r", "metronome", {}, 1, "e", launch.created)
    Recording.create(Path(launch.folder), manifest).close()


def states(folder: Path) -> list[Mapping[str, Any]]:
    with Recording.open(folder) as record:
        return [msgspec.msgpack.decode(row.data) for row in record.events("run.r.state")]


class Failing(Simulation):
    """Fails at its tenth tick."""

    def tick(self) -> Tick:
        if self.number == 9:
            raise ArithmeticError("nothing adds up")
        return super().tick()


async def live(launch: Launch, make: Callable[[Metronome, int], Simulation] = Simulation) -> int:
    async with asyncio.timeout(10):
        return await Worker(launch, make(Metronome(hz=200.0), launch.seed)).live()


async def test_without_a_server_it_ends_after_the_grace_with_a_checkpoint(tmp_path: Path) -> None:
    launch = a_launch(tmp_path)
    a_record(launch)

    assert await live(launch) == SUSPENDED

    with Recording.open(tmp_path) as record:
        checkpoint = record.last_checkpoint()
        assert checkpoint is not None
        assert checkpoint[0] == record.last_tick() > 20
    assert [state["state"] for state in states(tmp_path)] == ["starting", "running"]


async def test_sigterm_puts_it_to_rest_and_the_next_one_goes_on_with_the_same_ticks(
    tmp_path: Path,
) -> None:
    launch = a_launch(tmp_path / "one", workers=WorkerSettings(orphan_grace=5))
    a_record(launch)
    asyncio.get_running_loop().call_later(0.3, os.kill, os.getpid(), signal.SIGTERM)
    assert await live(launch) == SUSPENDED
    with Recording.open(tmp_path / "one") as record:
        rested = record.last_tick()

    assert await live(a_launch(tmp_path / "one")) == SUSPENDED

    unbroken = Simulation(Metronome(hz=200.0), 1)
    with Recording.open(tmp_path / "one") as record:
        rows = list(record.ticks())
    assert [row.tick for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) > rested
    assert [row.hash for row in rows] == [unbroken.tick().hash for _ in rows]
    assert [state["state"] for state in states(tmp_path / "one")][2:] == ["restarted", "running"]


async def test_a_simulation_that_fails_ends_the_worker_and_the_reason_is_on_record(
    tmp_path: Path,
) -> None:
    launch = a_launch(tmp_path)
    a_record(launch)

    assert await live(launch, Failing) == FAILED

    last = states(tmp_path)[-1]
    assert last["state"] == "failed"
    assert last["tick"] == 9
    assert "nothing adds up" in last["reason"]


async def test_it_goes_on_as_the_server_saw_it_last(tmp_path: Path) -> None:
    launch = a_launch(tmp_path, onward=Onward(resumed=True, states=7, paused=True, hz=50.0))
    a_record(launch)

    assert await live(launch) == SUSPENDED

    with Recording.open(tmp_path) as record:
        rows = record.events("run.r.state")
    assert [row.offset for row in rows] == [7, 8]
    told = [msgspec.msgpack.decode(row.data) for row in rows]
    assert [(data["state"], data["hz"]) for data in told] == [("restarted", 50.0), ("paused", 50.0)]


def test_a_run_that_was_told_to_stop_is_over_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = a_launch(tmp_path)
    a_record(launch)
    data = msgspec.msgpack.encode({"state": "finished"})
    with Recording.open(tmp_path, "append") as record:
        record.append([], [EventRow("run.r.state", "e", 0, 3, None, data)])

    assert run_main(launch, monkeypatch) == FINISHED


def run_main(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> int:
    read, write = os.pipe()
    with os.fdopen(write, "wb") as file:
        file.write(packed(launch))
    with os.fdopen(read) as standard_input:
        monkeypatch.setattr("sys.stdin", standard_input)
        return main()


def test_a_launch_is_read_as_it_was_written_and_never_shows_its_token(tmp_path: Path) -> None:
    launch = a_launch(tmp_path, token="very-secret")

    assert unpacked(packed(launch)) == launch
    assert "very-secret" not in repr(launch)
