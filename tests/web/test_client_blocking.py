"""The Python client's blocking face, in a thread beside the server."""

import asyncio
import inspect
import threading
from collections.abc import Callable
from typing import TypeVar

import pytest

from actors.event import Event as Told
from tests.web.staging import TOPIC, Services, told
from tests.web.wire import PATIENCE, Wire, serving
from web.client import BlockingStage, Event, Stage, StageError, open_stage

T = TypeVar("T")


async def in_thread(script: Callable[[str], T], wire: Wire) -> T:
    async with asyncio.timeout(PATIENCE):
        return await asyncio.to_thread(script, f"{wire.url}/ws/demo")


async def test_queries_return_when_they_are_answered() -> None:
    def script(url: str) -> object:
        with open_stage(url) as stage:
            return stage.info(), stage.query("system.metrics"), stage.greeting.protocol

    async with serving(services=Services()) as wire:
        answers = await in_thread(script, wire)

    assert answers == ({"asked": "server.info"}, {"asked": "system.metrics"}, 1)


async def test_events_are_iterated_over() -> None:
    loop = asyncio.get_running_loop()

    def script(url: str) -> list[int]:
        with open_stage(url, encoding="json") as stage, stage.subscribe("run.*.tick") as events:
            loop.call_soon_threadsafe(wire.publish, *told(1, 3))
            found = [next(events) for _ in range(3)]
            return [event.offset for event in found if isinstance(event, Event)]

    async with serving(services=Services()) as wire:
        assert await in_thread(script, wire) == [1, 2, 3]


async def test_errors_are_raised_where_the_call_stands() -> None:
    def script(url: str) -> str:
        with open_stage(url) as stage, pytest.raises(StageError) as caught:
            stage.query("no.such.query")
        return caught.value.code

    async with serving(services=Services()) as wire:
        assert await in_thread(script, wire) == "UNKNOWN_QUERY"


async def test_a_server_that_is_not_there_is_told() -> None:
    def script(_url: str) -> str:
        with (
            pytest.raises(StageError) as caught,
            open_stage("ws://127.0.0.1:9/ws", timeout=0.2),
        ):
            pass
        return caught.value.code

    async with serving(services=Services()) as wire:
        assert await in_thread(script, wire) == "NOT_CONNECTED"


async def test_leaving_ends_the_iterations_and_the_thread() -> None:
    threads: list[threading.Thread] = []

    def script(url: str) -> str:
        with open_stage(url) as stage:
            events = stage.subscribe(TOPIC)
            threads.extend(t for t in threading.enumerate() if t.name == "stage")
        assert [*events] == []
        events.close()
        with pytest.raises(StageError, match="NOT_CONNECTED"):
            stage.info()
        return "done"

    async with serving(services=Services()) as wire:
        assert await in_thread(script, wire) == "done"

    assert [thread.is_alive() for thread in threads] == [False]


async def test_an_iteration_in_another_thread_ends_with_the_stage() -> None:
    loop = asyncio.get_running_loop()
    found: list[object] = []

    def script(url: str) -> None:
        with open_stage(url) as stage:
            events = stage.subscribe(TOPIC)
            with events:
                loop.call_soon_threadsafe(wire.publish, Told(TOPIC, 1))
                other = threading.Thread(target=lambda: found.extend(events))
                next(events)
                other.start()
        other.join(PATIENCE)
        assert not other.is_alive()

    async with serving(services=Services()) as wire:
        await in_thread(script, wire)

    assert found == []


def test_it_has_every_method_of_the_asyncio_client() -> None:
    methods = {name for name, _ in inspect.getmembers(Stage) if not name.startswith("_")}

    assert methods - set(dir(BlockingStage)) == set()
