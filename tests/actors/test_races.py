"""Threads that tell, ask and stop at once: every ask is answered and nothing is lost unseen."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pykka
import pytest

from actors.mailbox import MailboxFull
from actors.runtime import Runtime
from tests.actors.players import BOTH, Diary, LoopPlayer, ThreadPlayer
from tests.settle import settle

Kind = type[LoopPlayer] | type[ThreadPlayer]
pytestmark = pytest.mark.parametrize("kind", BOTH, ids=["loop", "thread"])


def together(*works: Callable[[], None]) -> None:
    """Run the works on threads that begin at the same time."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        barrier.wait(timeout=5)
        work()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)


async def test_an_ask_that_races_with_a_stop_is_always_answered(
    kind: Kind, runtime: Runtime
) -> None:
    for _ in range(30):
        ref, answers = kind.start(), list[Any]()

        def ask(ref: Any = ref, answers: list[Any] = answers) -> None:
            answers.extend(ref.ask(number, block=False) for number in range(20))

        def stop(ref: Any = ref, answers: list[Any] = answers) -> None:
            answers.append(ref.stop(block=False))

        await asyncio.to_thread(together, ask, ask, stop)

        async with asyncio.timeout(5):
            for answer in answers:
                try:
                    await answer
                except pykka.ActorDeadError:
                    assert not ref.is_alive()


async def test_messages_of_each_thread_come_in_its_order(kind: Kind, runtime: Runtime) -> None:
    diary = Diary()
    ref = kind.start(diary)

    def tell(name: str) -> None:
        for number in range(200):
            ref.tell((name, number))

    await asyncio.to_thread(together, lambda: tell("a"), lambda: tell("b"))
    await settle()

    for name in "ab":
        own = [line for line in diary.lines if line.startswith(f"('{name}'")]
        assert own == [str((name, number)) for number in range(200)]


async def test_every_message_is_handled_or_a_dead_letter(kind: Kind, runtime: Runtime) -> None:
    class Small(kind):  # type: ignore[misc, valid-type]
        mailbox_size = 50

    ref = Small.start()
    answers: list[Any] = []

    def tell() -> None:
        for number in range(500):
            ref.tell(number)
            answers.append(ref.ask(number, block=False))

    await asyncio.to_thread(together, tell, tell, tell)
    await settle()
    outcomes = [await outcome(answer) for answer in answers]

    assert ref.handled + runtime.dead_letters.total == 3000
    assert ref.actor_inbox.dropped == runtime.dead_letters.total
    assert outcomes.count("full") > 0
    assert ref.actor_inbox.high_water <= 50


async def outcome(answer: Any) -> object:
    try:
        return await answer
    except MailboxFull:
        return "full"
