"""What is special about actors on the loop."""

import asyncio
import logging
import sys
import threading
import tracemalloc
from typing import Any

import pykka
import pytest

from actors.future import LoopFuture, WouldBlock
from actors.loop import LoopActor, tell_all
from actors.mailbox import Policy
from actors.runtime import Runtime
from tests.actors.players import Diary, LoopPlayer, ThreadPlayer
from tests.settle import settle


@pytest.fixture(autouse=True)
def _quiet(runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="actors")


async def test_a_loop_actor_has_no_thread_of_its_own() -> None:
    before = threading.active_count()
    refs = [LoopPlayer.start() for _ in range(100)]

    threads = {await ref.ask(lambda _: threading.get_ident(), block=False) for ref in refs}

    assert threads == {threading.get_ident()}
    assert threading.active_count() == before


async def test_blocking_on_the_loop_is_refused_before_anything_is_sent() -> None:
    diary = Diary()
    ref, thread = LoopPlayer.start(diary), ThreadPlayer.start(diary)
    await settle()

    for actor in (ref, thread):
        with pytest.raises(WouldBlock, match=r"ask\(str\) to .*Player /.* would block"):
            actor.ask("hello", timeout=1)
        with pytest.raises(WouldBlock):
            actor.stop()
    await settle()

    assert diary.lines == ["started", "started"]


async def test_tell_all_reaches_actors_of_every_kind_and_forgets_the_dead(
    runtime: Runtime,
) -> None:
    diary = Diary()

    class Stock(pykka.ThreadingActor):
        use_daemon_thread = True

        def on_receive(self, message: Any) -> None:
            diary(message)
            heard.set()

    heard: LoopFuture[None] = LoopFuture()
    stock, gone, dead = Stock.start(), Stock.start(), LoopPlayer.start()
    gone.stop(block=False).get(timeout=5)
    await dead.stop(block=False)

    refs: list[Any] = [LoopPlayer.start(diary), dead, ThreadPlayer.start(diary), stock, gone]
    tell_all(refs, "news")
    await heard
    await settle()
    stock.stop(block=False).get(timeout=5)

    assert diary.lines.count("news") == 3
    assert runtime.dead_letters.total == 2


async def test_tell_all_works_from_other_threads() -> None:
    diary = Diary()
    refs = [LoopPlayer.start(diary) for _ in range(3)]

    await asyncio.to_thread(tell_all, refs, "news")
    await settle()

    assert diary.lines.count("news") == 3


async def test_only_the_latest_message_of_a_key_is_handled() -> None:
    class Last(LoopPlayer):
        mailbox_policy = Policy.latest(lambda message: message[0])

    diary = Diary()
    ref = Last.start(diary)

    for message in ("a1", "b1", "a2", "b2", "a3"):
        ref.tell(message)
    answer = ref.ask("a4", block=False)
    await settle()

    assert diary.lines == ["started", "a3", "b2", "a4"]
    assert await answer == "a4"


async def test_what_other_threads_tell_is_bounded_and_conflated_before_the_loop_sees_it() -> None:
    class Last(LoopPlayer):
        mailbox_policy = Policy.latest(lambda message: "key")
        mailbox_size = 1

    diary = Diary()
    ref = Last.start(diary)
    await settle()

    def tell() -> None:
        for number in range(1000):
            ref.tell(number)

    thread = threading.Thread(target=tell)
    thread.start()
    thread.join()
    assert ref.actor_inbox.arrivals is not None
    assert len(ref.actor_inbox.arrivals) == 1
    await settle()

    assert diary.lines == ["started", "999"]


async def test_a_dead_actor_is_let_go_although_its_ref_is_kept() -> None:
    ref = LoopPlayer.start()
    await ref.stop(block=False)

    assert ref._actor_weakref() is None


@pytest.mark.skipif(sys.gettrace() is not None, reason="a tracer has objects of its own")
async def test_an_actor_is_small() -> None:
    class Plain(LoopActor):
        """No state of its own."""

    Plain.start()
    tracemalloc.start()
    refs = [Plain.start() for _ in range(1000)]
    await refs[-1].ask(None, block=False)
    size = tracemalloc.get_traced_memory()[0] / len(refs)
    tracemalloc.stop()

    assert size <= 2048
