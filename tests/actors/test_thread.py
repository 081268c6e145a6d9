"""What is special about actors with a thread."""

import logging
import threading
from time import monotonic
from typing import Any

import pykka
import pytest

from actors.future import LoopFuture
from actors.runtime import Runtime
from tests.actors.players import Diary, ThreadPlayer
from tests.settle import settle, until

pytestmark = pytest.mark.usefixtures("runtime")


async def test_all_of_its_life_but_init_is_on_its_thread() -> None:
    threads: list[str] = []

    class Tracer(ThreadPlayer):
        def write(self, line: str) -> None:
            threads.append(threading.current_thread().name)

    ref = Tracer.start()
    ref.tell("hello")
    await ref.stop(block=False)

    assert set(threads) == {ref.path}
    assert len(threads) == 3


async def test_its_thread_ends_with_it() -> None:
    ref = ThreadPlayer.start()
    await ref.stop(block=False)

    assert ref.thread is not None
    ref.thread.join(timeout=5)

    assert not ref.thread.is_alive()


async def test_what_is_due_is_done_when_no_message_waits() -> None:
    diary = Diary()

    class Worker(ThreadPlayer):
        due: float | None = None

        def deadline(self) -> float | None:
            return self.due

        def on_due(self) -> None:
            self.write("due")
            self.due = None

        def on_receive(self, message: Any) -> Any:
            self.due = monotonic()
            return super().on_receive(message)

    ref = Worker.start(diary)
    for number in range(3):
        ref.tell(number)
    await settle()

    assert ref.handled == 4
    assert diary.lines.index("due") > diary.lines.index("0")
    assert diary.lines[-1] == "due"


async def test_an_error_in_what_is_due_ends_the_actor_and_poisons_no_message(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    class Worker(ThreadPlayer):
        def deadline(self) -> float | None:
            return monotonic() if self.actor_ref.handled else None

        def on_due(self) -> None:
            raise OSError("disk full")

    caplog.set_level(logging.CRITICAL, logger="actors")
    ref = Worker.start()
    ref.tell("innocent")
    await settle()

    assert (ref.state, ref.last_error) == ("failed", "OSError: disk full")
    assert runtime.dead_letters.total == 0


async def test_a_thread_that_does_not_end_is_parted_with() -> None:
    gate: LoopFuture[None] = LoopFuture()
    diary = Diary()
    ref = ThreadPlayer.start(diary)
    answer = ref.ask(lambda _: gate.get(timeout=10), block=False)
    ref.tell("never seen")
    await until(lambda: ref.reply is not None)

    ref.kill("it hangs")
    with pytest.raises(pykka.ActorDeadError, match="it hangs"):
        await answer
    gate.set()
    assert ref.thread is not None
    ref.thread.join(timeout=5)

    assert not ref.is_alive()
    assert diary.lines == ["started"]


async def test_a_pending_answer_of_it_can_be_awaited() -> None:
    gate: LoopFuture[None] = LoopFuture()
    ref = ThreadPlayer.start()

    answer = ref.ask(lambda _: gate.get(timeout=10) or "done", block=False)
    gate.set()

    assert await answer == "done"
