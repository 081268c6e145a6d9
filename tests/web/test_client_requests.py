"""The Python client: requests, tokens, and what it leaves behind."""

import asyncio
import contextlib
import time

import pytest

from tests.clock import ManualClock
from tests.settle import settle, until
from tests.web.staging import TOPIC, Services, cut, numbers, staging, taken, told
from tests.web.wire import make_settings, make_token, serving
from web.client import StageError, connect
from web.errors import CONFLICT, Refusal


async def test_an_error_carries_what_the_server_said() -> None:
    async def refuse(_params: object) -> object:
        raise Refusal(CONFLICT, reason="it has ended")

    services = Services({"run.pause": refuse})
    async with staging(wire={"services": services}) as (_, stage):
        with pytest.raises(StageError) as caught:
            await stage.pause("a")

    assert (caught.value.code, caught.value.temporary) == ("CONFLICT", False)
    assert caught.value.details == {"reason": "it has ended"}
    assert "it has ended" in str(caught.value)


async def test_an_answer_is_waited_for_no_longer_than_the_timeout() -> None:
    async def wait(_params: object) -> object:
        await asyncio.Event().wait()
        return None

    async with staging(wire={"services": Services({"run.get": wait})}, timeout=0.05) as (_, stage):
        with pytest.raises(StageError, match="NO_ANSWER") as caught:
            await stage.run("a")

    assert caught.value.temporary


async def test_a_request_that_is_too_large_is_not_sent() -> None:
    async with staging() as (_, stage):
        with pytest.raises(StageError, match="MESSAGE_TOO_LARGE"):
            await stage.query("run.get", run="x" * 70_000)

        assert await stage.query("server.info") == {"asked": "server.info"}


async def test_a_command_under_way_when_the_connection_is_lost_is_not_sent_again() -> None:
    asked: list[str] = []

    async def lose(_params: object) -> object:
        asked.append("pause")
        cut(wire)
        return {}

    services = Services({"run.pause": lose})
    async with staging(wire={"services": services}) as (wire, stage):
        with pytest.raises(StageError, match="CONNECTION_LOST"):
            await stage.pause("a")

        await stage.info()

    assert asked == ["pause"]


async def test_a_query_under_way_when_the_connection_is_lost_is_asked_again() -> None:
    asked: list[str] = []

    async def lose(_params: object) -> object:
        asked.append("runs")
        if len(asked) == 1:
            cut(wire)
        return {"runs": []}

    services = Services({"runs.list": lose})
    async with staging(wire={"services": services}) as (wire, stage):
        assert await stage.runs() == []

    assert asked == ["runs", "runs"]


async def test_a_token_that_is_not_accepted_ends_it_with_the_error() -> None:
    async with serving(services=Services()) as wire:
        with pytest.raises(StageError, match="AUTHENTICATION_FAILED"):
            async with connect(f"{wire.url}/ws", token=make_token(secret="another one" * 5)):
                pass


async def test_an_address_without_an_endpoint_is_told_at_once() -> None:
    async with serving(services=Services()) as wire:
        with pytest.raises(StageError, match=r"NOT_CONNECTED.*404"):
            async with connect(f"{wire.url}/nowhere"):
                pass


async def test_an_address_of_another_kind_is_told_at_once() -> None:
    with pytest.raises(StageError, match="begin with ws://"):
        async with connect("http://127.0.0.1/ws"):
            pass


async def test_where_there_is_no_server_it_says_so_after_the_timeout() -> None:
    with pytest.raises(StageError, match=r"NOT_CONNECTED.*cannot be reached"):
        async with connect("ws://127.0.0.1:9/ws", timeout=0.3):
            pass


async def test_a_token_is_replaced_before_it_ends() -> None:
    clock = ManualClock()
    start = int(time.time())
    tokens = iter([make_token(exp=start + 100), make_token(exp=start + 10_000)])

    async def fresh() -> str:
        return next(tokens)

    patient = make_settings(heartbeat={"interval": 500.0, "timeout": 1000.0})
    server = {"settings": patient, "clock": clock, "wall_time": lambda: start + clock.now()}
    async with staging("/ws", wire=server, token=fresh) as (wire, stage):
        async with stage.subscribe(TOPIC) as events:
            [member] = wire.stage.pool
            clock.advance(71)
            await until(lambda: (member.identity.expires_at or 0) > start + 100)
            clock.advance(60)
            await settle()
            wire.publish(*told(1, 1))

            assert numbers(await taken(events, 1)) == [1]
        assert [*wire.stage.pool] == [member]


async def test_a_token_that_ends_and_is_not_replaced_ends_it_with_the_error() -> None:
    clock = ManualClock()
    start = int(time.time())
    server = {
        "settings": make_settings(heartbeat={"interval": 500.0, "timeout": 1000.0}),
        "clock": clock,
        "wall_time": lambda: start + clock.now(),
    }
    async with staging("/ws", wire=server, token=make_token(exp=start + 100)) as (_, stage):
        events = stage.subscribe(TOPIC)
        async with events:
            clock.advance(101)

            with pytest.raises(StageError, match="TOKEN_EXPIRED"):
                await taken(events, 1)
        with pytest.raises(StageError, match="TOKEN_EXPIRED"):
            await stage.info()


async def test_nothing_is_left_behind() -> None:
    async with serving(services=Services()) as wire:
        before = asyncio.all_tasks()
        async with connect(f"{wire.url}/ws/demo") as stage, stage.subscribe(TOPIC) as events:
            reading = asyncio.create_task(anext(events, "the end"))
            async with asyncio.TaskGroup() as asking:
                tasks = [asking.create_task(stage.info()) for _ in range(3)]
            tasks[0].cancel()

        assert await reading == "the end"
        assert asyncio.all_tasks() - before == set()
        await until(lambda: not [*wire.stage.pool])


async def test_a_task_that_is_cancelled_while_it_connects_leaves_nothing_behind() -> None:
    async with serving(services=Services()) as wire:
        before = asyncio.all_tasks()

        async def stay() -> None:
            async with connect(f"{wire.url}/ws/demo"):
                await asyncio.Event().wait()

        for turns in range(30):
            task = asyncio.create_task(stay())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        await until(lambda: not [*wire.stage.pool] and asyncio.all_tasks() == before)
