"""Queries, commands and what workers publish, over the wire."""

import asyncio
from typing import Any

import pykka
import pytest

from actors.event import Event
from tests.settle import until
from tests.web.wire import make_settings, serving
from web.errors import CONFLICT, Refusal

both = pytest.mark.parametrize("packed", [False, True], ids=["json", "msgpack"])


async def test_queries_and_commands_are_answered_with_their_id() -> None:
    async with serving() as wire, wire.connect() as client:
        query = await client.ask("query", id="q", query="runs.list")
        command = await client.ask("command", id="c", command="run.pause", params={"run": "a"})

        assert (query["type"], query["id"], query["result"]) == (
            "response", "q", {"asked": "runs.list"},
        )  # fmt: skip
        assert (command["id"], command["result"]) == ("c", {"asked": "run.pause"})


async def test_a_refusal_of_the_services_reaches_the_client() -> None:
    async def refuse(_: object) -> object:
        raise Refusal(CONFLICT, reason="the run is over")

    async with serving() as wire, wire.connect() as client:
        wire.services.answers["run.pause"] = refuse

        error = await client.ask("command", id="c", command="run.pause", params={"run": "a"})

        assert (error["code"], error["id"], error["temporary"]) == ("CONFLICT", "c", False)
        assert error["details"] == {"reason": "the run is over"}


async def test_a_defect_is_told_by_its_reference_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(_: object) -> object:
        raise ZeroDivisionError

    async with serving() as wire, wire.connect() as client:
        wire.services.answers["runs.list"] = fail

        error = await client.ask("query", id="q", query="runs.list")

        assert (error["code"], error["id"]) == ("INTERNAL_ERROR", "q")
        assert error["details"]["reference"] in caplog.text
        assert "ZeroDivisionError" not in str(error)
        await client.ask("ping")


@both
async def test_a_result_that_cannot_travel_is_a_defect_and_the_connection_goes_on(
    packed: bool,
) -> None:
    async def answer(_: object) -> object:
        return {"x": object()}

    async with serving() as wire, wire.connect(packed=packed) as client:
        wire.services.answers["runs.list"] = answer

        assert (await client.ask("query", query="runs.list"))["code"] == "INTERNAL_ERROR"
        assert (await client.ask("ping"))["type"] == "pong"


async def test_an_actor_that_is_gone_failed_the_command() -> None:
    async def answer(_: object) -> object:
        raise pykka.ActorDeadError("the run is not there any more")

    async with serving() as wire, wire.connect() as client:
        wire.services.answers["run.pause"] = answer

        error = await client.ask("command", command="run.pause", params={"run": "a"})

        assert error["code"] == "COMMAND_FAILED"


async def test_no_answer_in_time_is_a_timeout() -> None:
    async def wait(_: object) -> object:
        return await asyncio.Event().wait()

    settings = make_settings(limits={"request_timeout": 0.02})
    async with serving(settings) as wire, wire.connect() as client:
        wire.services.answers["runs.list"] = wait

        error = await client.ask("query", id="q", query="runs.list")

        assert (error["code"], error["id"], error["temporary"]) == ("TIMEOUT", "q", True)


async def test_events_and_answers_go_on_while_a_query_is_under_way() -> None:
    finish = asyncio.Event()

    async def wait(_: object) -> object:
        return await finish.wait()

    async with serving() as wire, wire.connect() as client:
        wire.services.answers["runs.list"] = wait
        await client.send("query", id="slow", query="runs.list")

        assert (await client.ask("subscribe", events=["run.a.*"]))["type"] == "response"
        wire.publish(Event("run.a.tick", 1))
        await client.expect("event")
        await client.ask("query", query="server.info")
        finish.set()
        assert (await client.receive())["id"] == "slow"


async def test_sixteen_queries_at_once_are_carried_out_and_further_ones_wait_in_order() -> None:
    begun: list[str] = []
    go_on = asyncio.Semaphore(0)

    async def answer(params: Any) -> object:
        begun.append(params.run)
        await go_on.acquire()
        return params.run

    async with serving() as wire, wire.connect() as client:
        wire.services.answers["run.get"] = answer
        for number in range(40):
            await client.send("query", query="run.get", params={"run": f"r{number}"})

        await until(lambda: len(begun) == 16)
        for number in range(40):
            go_on.release()
            assert (await client.expect("response"))["result"] == f"r{number}"
        assert begun == [f"r{number}" for number in range(40)]


async def test_a_worker_publishes_and_is_answered_only_when_it_asks() -> None:
    async with serving() as wire, wire.worker() as worker:
        event = {"topic": "run.r1.tick", "data": {"x": 1}, "tick": 1, "epoch": "e", "offset": 1}
        params = {"run": "r1", "events": [event]}
        await worker.send("command", command="publish", params=params)

        answer = await worker.ask("command", id="7", command="publish", params=params)

        assert (answer["id"], answer["result"]) == ("7", {})
        assert [run for run, _ in wire.services.published] == ["r1", "r1"]


async def test_a_worker_is_held_to_no_rate() -> None:
    settings = make_settings(limits={"messages_per_connection": 5, "messages_per_ip": 5})
    async with serving(settings) as wire, wire.worker() as worker:
        for _ in range(50):
            assert (await worker.ask("ping"))["type"] == "pong"
