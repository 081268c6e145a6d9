"""What the server knows of runs, and how it asks their workers."""

import asyncio
from typing import Any, cast

import msgspec
import numpy as np
import pykka
import pytest

from actors.event import Event
from web.errors import Refusal
from web.keeper import concerns
from web.notices import Direct
from web.requests import AttachWorker, WorkerFailure, WorkerReply
from web.runs import MOST_ENDED, RunEntry, Runs, WorkerLine


class Ear:
    """Takes the place of a connection's ref, and keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def tell(self, message: object) -> None:
        assert isinstance(message, Direct)
        self.heard += [cast(dict[str, Any], event.data) for event in message.events]


def a_line() -> tuple[WorkerLine, Ear]:
    ear = Ear()
    return WorkerLine("r", cast("pykka.ActorRef[Any]", ear)), ear


def an_entry(run: str = "r", state: str = "running") -> RunEntry:
    return RunEntry(run, "tmaze", {}, 1, "e", "2026-01-01T00:00:00.000Z", state=state)


def a_state(offset: int, tick: int, **data: object) -> Event:
    return Event("run.r.state", msgspec.Raw(msgspec.msgpack.encode(data)), tick, None, "e", offset)


async def test_a_question_is_answered_by_the_reply_with_its_id() -> None:
    line, ear = a_line()
    asked = asyncio.create_task(line.ask("query", "belief.get", {"agent": 1}, "ada"))
    await asyncio.sleep(0)
    [question] = ear.heard

    packed = {"f32": np.array([1.5], dtype="<f4").tobytes(), "shape": [1]}
    line.answered(WorkerReply("another", 1))
    line.answered(WorkerReply(question["id"], {"belief": packed}))

    result = await asked
    assert question["name"] == "belief.get"
    assert question["params"] == {"agent": 1}
    assert list(result["belief"]) == [1.5]


async def test_a_workers_refusal_reaches_who_asked() -> None:
    line, ear = a_line()
    asked = asyncio.create_task(line.ask("command", "run.step", {}, "ada"))
    await asyncio.sleep(0)

    failure = WorkerFailure("CONFLICT", "not now", {"reason": "it is not paused"})
    line.answered(WorkerReply(ear.heard[0]["id"], error=failure))

    with pytest.raises(Refusal, match="it is not paused"):
        await asked


async def test_when_the_worker_is_lost_nobody_waits_for_it() -> None:
    line, _ = a_line()
    asked = asyncio.create_task(line.ask("query", "agent.get", {}, "ada"))
    await asyncio.sleep(0)

    line.lose()

    with pytest.raises(Refusal, match="the run's worker is gone"):
        await asked


async def test_a_worker_is_asked_a_bounded_number_of_questions_at_a_time() -> None:
    line, ear = a_line()
    asked = [asyncio.create_task(line.ask("query", "q", {}, "ada")) for _ in range(501)]

    done, waiting = await asyncio.wait(asked, timeout=0.01)

    assert len(ear.heard) == len(waiting) == 500
    assert isinstance(done.pop().exception(), Refusal)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)


async def test_an_entry_follows_what_its_worker_publishes() -> None:
    entry = an_entry()

    entry.hear((Event("run.r.tick", {}, 5, 5.0, "e", 5),))
    entry.hear((a_state(3, 6, state="paused", hz=4.0),))
    entry.hear((a_state(2, 4, state="running", hz=9.0),))

    assert (entry.state, entry.tick, entry.speed) == ("paused", 6, 4.0)
    assert (entry.states, entry.is_paused) == (4, True)


async def test_what_it_was_last_is_remembered_through_a_failure() -> None:
    entry = an_entry()
    entry.hear((a_state(3, 6, state="paused", hz=4.0),))

    entry.hear((a_state(4, 6, state="failed", reason="it broke"),))

    assert entry.is_paused
    assert entry.reason == "it broke"


async def test_a_worker_that_attaches_says_what_the_run_is() -> None:
    entry, (line, _) = an_entry(state="starting"), a_line()
    told = AttachWorker(
        "r", "tmaze", {"agents": 3}, 1, "e", 3, "", 77, "running", 12, {"kind": "grid"}, [], None
    )  # fmt: skip

    entry.take(told, line)

    assert (entry.state, entry.tick, entry.agents, entry.pid) == ("running", 12, 3, 77)
    assert entry.attached.is_set()
    entry.part()
    assert entry.line is None
    assert not entry.attached.is_set()


async def test_only_the_last_runs_that_ended_are_listed() -> None:
    runs = Runs()
    runs.add(an_entry("alive"))

    for number in range(MOST_ENDED + 20):
        runs.add(an_entry(f"ended-{number}", "finished"))

    names = [entry.run for entry in runs]
    assert len(names) == MOST_ENDED + 1
    assert names[:2] == ["alive", "ended-20"]
    assert list(runs.live) == ["alive"]


@pytest.mark.parametrize("pattern", [">", "*.>", "run.>", "run.*.tick", "run.r.agents", "*.r.>"])
def test_a_pattern_concerns_a_run_whose_topics_it_may_choose(pattern: str) -> None:
    assert concerns(pattern, "r")


@pytest.mark.parametrize("pattern", ["system.>", "run", "*", "run.other.>", "worker.r"])
def test_a_pattern_does_not_concern_a_run_that_it_cannot_choose(pattern: str) -> None:
    assert not concerns(pattern, "r")
