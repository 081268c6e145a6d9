"""Answers: awaited on the loop, waited for elsewhere, and made into others."""

import asyncio
import queue
import threading
from typing import Any

import pykka
import pytest

from actors.future import LoopFuture, WouldBlock
from tests.clock import ManualClock


def test_it_is_a_pykka_future() -> None:
    future: LoopFuture[int] = LoopFuture()
    future.set(1)

    assert isinstance(future, pykka.Future)
    assert pykka.get_all([future, future]) == [1, 1]


def test_a_second_answer_is_refused() -> None:
    future: LoopFuture[int] = LoopFuture()
    future.set(1)

    with pytest.raises(queue.Full):
        future.set(2)
    with pytest.raises(queue.Full):
        future.set_exception((None, ValueError("two"), None))
    with pytest.raises(queue.Full):
        future.set_get_hook(lambda timeout: 2)


def test_an_error_is_raised_as_often_as_it_is_asked_for() -> None:
    future: LoopFuture[int] = LoopFuture()
    try:
        int("bad")
    except ValueError:
        future.set_exception()

    for _ in range(2):
        with pytest.raises(ValueError, match="bad") as raised:
            future.get()
        assert len(raised.traceback) < 10


def test_a_wait_on_another_thread_ends_with_the_answer() -> None:
    future: LoopFuture[int] = LoopFuture()
    threading.Thread(target=future.set, args=(5,)).start()

    assert future.get(timeout=5) == 5


def test_a_wait_that_is_too_long_raises_timeout() -> None:
    with pytest.raises(pykka.Timeout, match=r"0\.001 seconds"):
        LoopFuture[int]().get(timeout=0.001)


async def test_a_blocking_wait_on_the_loop_raises_at_once() -> None:
    with pytest.raises(WouldBlock, match="would block the event loop: await it instead"):
        LoopFuture[int]().get(timeout=5)


async def test_a_look_at_an_answer_is_allowed_on_the_loop() -> None:
    future: LoopFuture[int] = LoopFuture()
    with pytest.raises(pykka.Timeout):
        future.get(timeout=0)
    future.set(3)

    assert future.get() == 3


async def test_an_await_lets_the_loop_go_on() -> None:
    future: LoopFuture[int] = LoopFuture()
    asyncio.get_running_loop().call_soon(future.set, 7)

    assert await future == 7


async def test_an_await_ends_with_an_answer_from_another_thread() -> None:
    future: LoopFuture[int] = LoopFuture()
    threading.Thread(target=future.set, args=(5,)).start()

    async with asyncio.timeout(5):
        assert await future == 5


async def test_several_can_await_one_future_and_one_of_them_may_leave() -> None:
    future: LoopFuture[int] = LoopFuture()

    async def wait() -> int:
        return await future

    leaves, stays = asyncio.create_task(wait()), asyncio.create_task(wait())
    await asyncio.sleep(0)
    leaves.cancel()
    await asyncio.sleep(0)
    future.set(1)

    assert await stays == 1
    assert leaves.cancelled()


async def test_an_answer_after_the_loop_is_closed_harms_nobody() -> None:
    future: LoopFuture[int] = LoopFuture()

    def leave_a_waiter_behind() -> None:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(asyncio.wait([loop.create_task(_wait(future))], timeout=0))
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    await asyncio.to_thread(leave_a_waiter_behind)
    future.set(1)

    assert future.get() == 1


async def _wait(future: LoopFuture[Any]) -> Any:
    return await future


@pytest.mark.parametrize("blocking", [True, False])
async def test_map_filter_join_and_reduce_make_answers_of_answers(blocking: bool) -> None:
    numbers: LoopFuture[list[int]] = LoopFuture()
    more: LoopFuture[list[int]] = LoopFuture()
    made: list[LoopFuture[Any]] = [
        numbers.map(len),
        numbers.filter(lambda number: number > 1),
        numbers.join(more),
        numbers.reduce(lambda a, b: a + b),
        numbers.reduce(lambda a, b: a + b, 10),
        numbers.map(len).map(str),
    ]
    assert not any(future.done() for future in made)
    asyncio.get_running_loop().call_soon(numbers.set, [1, 2, 3])
    asyncio.get_running_loop().call_soon(more.set, [4])

    if blocking:
        got = await asyncio.to_thread(lambda: [future.get(timeout=5) for future in made])
    else:
        got = [await future for future in made]

    assert got == [3, [2, 3], [[1, 2, 3], [4]], 6, 16, "3"]
    assert all(future.done() for future in made)


async def test_a_function_of_an_answer_is_called_once() -> None:
    calls: list[int] = []
    source: LoopFuture[int] = LoopFuture()
    mapped = source.map(calls.append)
    source.set(1)

    await mapped
    mapped.get()
    await mapped

    assert calls == [1]


async def test_the_error_of_a_source_is_the_error_of_what_is_made_of_it() -> None:
    mapped = LoopFuture.failed(ValueError("bad")).map(str)

    with pytest.raises(ValueError, match="bad"):
        await mapped


async def test_pykkas_own_futures_can_be_joined_without_blocking_the_loop() -> None:
    theirs: pykka.ThreadingFuture[str] = pykka.ThreadingFuture()
    joined = LoopFuture.of("ours").join(theirs)
    asyncio.get_running_loop().call_soon(theirs.set, "theirs")

    async with asyncio.timeout(5):
        assert await joined == ["ours", "theirs"]


async def test_a_get_hook_makes_the_value_once_and_off_the_loop() -> None:
    threads: list[int] = []
    future: LoopFuture[int] = LoopFuture()

    def make(timeout: float | None) -> int:
        threads.append(threading.get_ident())
        return 9

    future.set_get_hook(make)

    assert [await future, await future, future.get()] == [9, 9, 9]
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


def test_forwarding_passes_on_answers_and_errors() -> None:
    source: LoopFuture[int] = LoopFuture()
    answer: LoopFuture[int] = LoopFuture()
    error: LoopFuture[int] = LoopFuture()
    source.map(lambda number: number + 1).forward(answer)
    LoopFuture.failed(ValueError("bad")).forward(error)

    source.set(1)

    assert answer.get() == 2
    with pytest.raises(ValueError, match="bad"):
        error.get()


async def test_patience_ends_with_the_answer_or_by_the_clock() -> None:
    clock, future = ManualClock(), LoopFuture[int]()
    waits = asyncio.create_task(future.within(5, clock))
    await asyncio.sleep(0)
    clock.advance(4.9)
    await asyncio.sleep(0)
    assert not waits.done()

    clock.advance(0.1)

    assert await waits is False
    future.set(1)
    assert await future.within(5, clock) is True
