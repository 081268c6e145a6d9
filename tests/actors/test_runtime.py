"""What actors of a loop share: turns, and the end of all."""

import asyncio
import logging
import threading
from typing import Any

import pykka
import pytest

from actors.future import LoopFuture
from actors.loop import LoopActor
from actors.runtime import NoRuntimeError, Runtime
from tests.actors.players import Diary, LoopPlayer
from tests.settle import settle


class Patient(LoopActor):
    """Waits for what it is told."""

    async def on_receive(self, message: Any) -> Any:
        return await message


@pytest.fixture(autouse=True)
def _quiet(runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="actors")


async def test_an_actor_with_many_messages_lets_others_have_their_turn() -> None:
    diary = Diary()
    busy, other = LoopPlayer.start(diary), LoopPlayer.start(diary)

    for _ in range(LoopPlayer.batch + 1):
        busy.tell("busy")
    other.tell("other")
    await settle()

    assert diary.lines.index("other") < len(diary.lines) - 1


async def test_the_loop_gets_its_turn_while_actors_talk_without_end() -> None:
    class Chatter(LoopActor):
        def on_receive(self, message: object) -> None:
            self.actor_ref.tell(message)

    ref = Chatter.start()
    ref.tell("again")

    async with asyncio.timeout(5):
        for _ in range(5):
            await asyncio.sleep(0)

    assert ref.handled > 0
    ref.kill("enough")


async def test_an_actor_without_a_runtime_says_what_is_missing(runtime: Runtime) -> None:
    runtime.close()

    with pytest.raises(NoRuntimeError, match=r"Runtime\(loop\)"):
        LoopPlayer.start()


async def test_closing_the_runtime_answers_everybody(runtime: Runtime) -> None:
    ref = Patient.start()
    answers = [ref.ask(LoopFuture(), block=False), ref.ask(LoopFuture.of("behind"), block=False)]
    await settle()
    answers.append(await asyncio.to_thread(ref.ask, "from a thread", block=False))

    runtime.close()

    for answer in answers:
        with pytest.raises(pykka.ActorDeadError):
            await answer
    assert ref not in pykka.ActorRegistry.get_all()


def test_a_tell_after_the_loop_was_closed_harms_nobody() -> None:
    async def start() -> Any:
        Runtime()
        ref = LoopPlayer.start()
        await settle()
        return ref

    ref = asyncio.run(start())
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(ref.ask("hello", block=False)))
    thread.start()
    thread.join()
    with pytest.raises(pykka.ActorDeadError):
        answers[0].get(timeout=1)
    pykka.ActorRegistry.unregister(ref)
