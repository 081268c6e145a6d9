"""Several processes that serve one port as if they were one."""

import asyncio
import os
import sys
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient

from tests.processes.conftest import Serve
from tests.processes.fronted import TWO, both, client_at, fronts_of, refusal, ticks
from web.cli_token import token
from web.config import Settings

BEATS = "metronome:hz=50"


async def test_viewers_of_both_processes_are_told_the_same_with_the_same_numbers(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", BEATS, **TWO)
    async with both(serving) as (first, second):
        for client in (first, second):
            await client.subscribe("run.*.tick", "run.*.log.>", "run.*.agents")
        run = await first.run()
        start = (await first.tick(run, 1))["tick"] + 20

        here, there = await asyncio.gather(
            *(ticks(client, run, start, start + 30) for client in (first, second))
        )

        assert [event["offset"] for event in here] == list(range(start, start + 31))
        assert here == there
        beat = f"run.{run}.log.beat"
        told = await first.event(lambda e: e["topic"] == beat)
        again = await second.event(lambda e: e["topic"] == beat and e["offset"] >= told["offset"])
        assert again["epoch"] == told["epoch"]


async def test_a_subscription_at_a_front_is_told_where_its_topics_stand(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", "foragers:agents=20", **TWO)
    async with both(serving) as (first, second):
        await first.subscribe("run.*.tick")
        run = await first.run()
        await first.subscribe(f"run.{run}.agents")
        await first.event(lambda e: e["topic"] == f"run.{run}.agents")
        paused = await second.command("run.pause", run=run)

        here = await first.subscribe(f"run.{run}.*")
        there = await second.subscribe(f"run.{run}.*")

        topics = {place["topic"]: place for place in there["subscriptions"][0]["topics"]}
        assert topics[f"run.{run}.agents"]["offset"] > 0
        assert topics[f"run.{run}.tick"]["offset"] == paused["tick"]
        assert sorted(topics) == sorted(
            place["topic"] for place in here["subscriptions"][0]["topics"]
        )
        assert list(topics.values()) == sorted(
            here["subscriptions"][0]["topics"], key=lambda p: list(topics).index(p["topic"])
        )


async def test_queries_and_commands_of_a_front_have_the_same_answers_and_errors(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", "foragers:agents=5", **TWO)
    async with both(serving) as (first, second):
        run = await first.run()
        await second.command("run.pause", run=run)

        for name, params in (
            ("runs.list", {}),
            ("run.get", {"run": run}),
            ("run.agents", {"run": run}),
            ("agent.get", {"run": run, "agent": "3"}),
            ("belief.get", {"run": run, "agent": "3"}),
            ("scenarios.list", {}),
            ("history", {"topic": f"run.{run}.tick", "limit": 3}),
        ):
            assert await second.query(name, **params) == await first.query(name, **params), name
        for client in (first, second):
            refused = await refusal(client, "run.get", run="nothing")
            assert refused == "NOT_FOUND: There is no run nothing."
        assert (await refusal(second, "connections.list")).startswith("PERMISSION_DENIED")


async def test_who_comes_back_to_the_other_process_has_missed_nothing(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", BEATS, **TWO, history__events=40)
    [front] = fronts_of(serving)
    async with client_at(serving, serving.process.pid) as client:
        run = await client.run()
        topic, log = f"run.{run}.tick", f"run.{run}.log.beat"
        await client.subscribe(topic, log)
        seen = await client.tick(run, 10)
        beat = await client.event(lambda e: e["topic"] == log)
        # Far beyond what any process has at hand.
        await client.tick(run, seen["tick"] + 150)

    async with client_at(serving, front.pid) as client:
        since = {e["topic"]: {"epoch": e["epoch"], "offset": e["offset"]} for e in (seen, beat)}
        answer = await client.subscribe(topic, log, since=since)

        told = {
            place["topic"]: place
            for subscription in answer["subscriptions"]
            for place in subscription["topics"]
        }
        assert told[topic]["recovered"] is True
        assert told[log]["recovered"] is True
        events = await ticks(client, run, 1, told[topic]["offset"] + 30)
        offsets = [event["offset"] for event in events if event["topic"] == topic]
        assert offsets == list(range(seen["offset"] + 1, offsets[-1] + 1))


async def test_what_cannot_be_recovered_is_said_at_a_front_too(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", BEATS, **TWO)
    [front] = fronts_of(serving)
    async with client_at(serving, front.pid) as client:
        await client.subscribe("run.*.tick")
        run = await client.run()
        topic = f"run.{run}.tick"

        since = {topic: {"epoch": "another", "offset": 3}}
        answer = await client.subscribe(topic, since=since)

        assert answer["subscriptions"][0]["topics"][0]["recovered"] is False


async def test_lists_and_figures_are_of_all_processes(serve: Serve, tmp_path: Path) -> None:
    data = tmp_path / "data"
    serving = await serve(data, BEATS, **TWO)
    [front] = fronts_of(serving)
    admin = token(Settings(data_dir=data), "ada", ["observe", "admin"], [">"])
    async with both(serving) as (first, second), client_at(serving, front.pid, admin) as boss:
        await first.subscribe("system.metrics", "run.*.tick")
        run = await first.run()

        listed = (await boss.query("connections.list"))["connections"]
        event = await first.event(
            lambda e: e["topic"] == "system.metrics" and e["data"]["connections"]["viewers"] == 3
        )

        users = sorted(entry["user"] for entry in listed)
        assert users == ["ada", "anonymous", "anonymous", f"worker:{run}"]
        assert event["data"]["fronts"]["1"]["pid"] == front.pid
        assert event["data"]["fronts"]["1"]["viewers"] == 2
        # The worker is one more.
        assert event["data"]["connections"]["open"] == 4
        assert (await second.query("server.info"))["viewers"] == 3


async def test_pages_are_served_by_all_processes(serve: Serve, tmp_path: Path) -> None:
    serving = await serve(tmp_path / "data", BEATS, **TWO)
    async with both(serving) as (first, _):
        await first.subscribe("run.*.tick")
        run = await first.run()
        await first.tick(run, 20)
    client = AsyncHTTPClient()

    for path in ("/", "/livez", "/readyz", "/metrics", "/api/v1/runs", f"/api/v1/runs/{run}",
                 f"/api/v1/runs/{run}/export?format=csv"):  # fmt: skip
        # As many connections as it takes for each process to have had some.
        answers = [
            await client.fetch(
                f"http://127.0.0.1:{serving.port}{path}", headers={"Connection": "close"}
            )
            for _ in range(12)
        ]
        assert {answer.code for answer in answers} == {200}, path


async def test_the_beginning_of_a_run_is_told_at_all_processes(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", BEATS, **TWO)
    async with both(serving) as (first, second):
        started = await second.command("run.start", scenario="metronome", params={"hz": 20})

        for client in (first, second):
            told = await client.message("broadcast", "run.started")
            assert told["data"]["run"] == started["run"]


async def test_a_port_at_which_processes_listen_is_not_shared_with_another_server(
    serve: Serve, tmp_path: Path
) -> None:
    serving = await serve(tmp_path / "data", BEATS, **TWO)

    second = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "web.cli", "serve", "--port", str(serving.port),
        env={
            **os.environ,
            "STAGEWATCH_DATA_DIR": str(tmp_path / "other"),
            "STAGEWATCH_SERVER__PROCESSES": "2",
        },
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip

    _, errors = await second.communicate()
    assert second.returncode != 0
    assert f"`server.port` is {serving.port}" in errors.decode()
