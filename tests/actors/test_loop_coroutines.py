"""Handlers that are coroutines: the mailbox waits for them."""

import asyncio
import logging
from typing import Any

import pykka
import pytest

from actors.future import LoopFuture
from actors.loop import LoopActor
from actors.runtime import Runtime
from tests.actors.players import Diary, LoopPlayer
from tests.settle import settle


class Patient(LoopActor):
    """Its handler is a coroutine that waits for what it is told."""

    def __init__(self, diary: Diary) -> None:
        self._diary = diary

    async def on_receive(self, message: Any) -> Any:
        self._diary(f"takes {message}")
        if isinstance(message, LoopFuture):
            message = await message
        if isinstance(message, BaseException):
            raise message
        self._diary(f"has {message}")
        return message


@pytest.fixture(autouse=True)
def _quiet(runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="actors")


async def test_the_mailbox_waits_for_a_coroutine() -> None:
    diary, gate = Diary(), LoopFuture[str]()
    ref = Patient.start(diary)

    first, second = ref.ask(gate, block=False), ref.ask("second", block=False)
    await settle()
    assert len(diary.lines) == 1
    gate.set("first")

    assert [await first, await second] == ["first", "second"]
    assert diary.lines[1:] == ["has first", "takes second", "has second"]


async def test_a_turn_too_many_does_not_start_a_second_message(runtime: Runtime) -> None:
    diary, gate = Diary(), LoopFuture[str]()
    ref = Patient.start(diary)
    ref.tell(gate)
    ref.tell("second")
    await settle()

    runtime.make_ready(ref)
    await settle()

    assert len(diary.lines) == 1
    gate.set("first")
    await settle()
    assert len(diary.lines) == 4


async def test_an_error_of_a_coroutine_goes_to_who_asked() -> None:
    ref = Patient.start(Diary())

    with pytest.raises(ValueError, match="bad"):
        await ref.ask(ValueError("bad"), block=False)

    assert await ref.ask("still here", block=False) == "still here"


@pytest.mark.parametrize("error", [ValueError("bad"), SystemExit(2), asyncio.CancelledError()])
async def test_an_error_of_a_told_coroutine_ends_the_actor_alone(error: BaseException) -> None:
    ref, other = Patient.start(Diary()), Patient.start(Diary())

    ref.tell(error)
    await settle()

    assert ref.state == "failed"
    assert await other.ask("there", block=False) == "there"


async def test_starting_and_stopping_may_be_coroutines() -> None:
    diary, gate = Diary(), LoopFuture[None]()

    class Slow(LoopPlayer):
        async def on_start(self) -> None:  # type: ignore[override]
            await gate
            self.write("started")

        async def on_stop(self) -> None:  # type: ignore[override]
            await asyncio.sleep(0)
            self.write("stopped")

    ref = Slow.start(diary)
    ref.tell("first")
    stop = ref.stop(block=False)
    await settle()
    assert (diary.lines, ref.state) == ([], "starting")
    gate.set()

    assert await stop is True
    assert diary.lines == ["started", "first", "stopped"]


async def test_a_killed_actor_is_cancelled_in_the_middle_of_its_coroutine() -> None:
    diary = Diary()

    class Cancelled(LoopPlayer):
        async def on_receive(self, message: Any) -> None:
            try:
                await LoopFuture[None]()
            except asyncio.CancelledError:
                self.write("cancelled")
                raise

    ref = Cancelled.start(diary)
    answer, behind = ref.ask("work", block=False), ref.ask("more", block=False)
    await settle()

    ref.kill("no patience")
    await settle()

    assert diary.lines == ["started", "cancelled"]
    with pytest.raises(pykka.ActorDeadError, match="no patience"):
        await answer
    with pytest.raises(pykka.ActorDeadError):
        await behind


async def test_who_asks_decides_how_long_to_wait() -> None:
    ref = Patient.start(Diary())

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await ref.ask(LoopFuture(), block=False)

    assert ref.is_alive()
