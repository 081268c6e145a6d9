"""What pykka promises of an actor holds for ours, on the loop and on a thread."""

import asyncio
import logging
from typing import Any

import pykka
import pytest
from pykka.messages import ProxyCall

from actors.future import LoopFuture
from actors.runtime import Runtime
from tests.actors.players import BOTH, Diary, LoopPlayer, ThreadPlayer
from tests.settle import settle

pytestmark = pytest.mark.parametrize("kind", BOTH, ids=["loop", "thread"])
Kind = type[LoopPlayer] | type[ThreadPlayer]


@pytest.fixture(autouse=True)
def _quiet(runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="actors")


async def test_an_ask_is_answered_with_what_the_handler_returns(kind: Kind) -> None:
    ref = kind.start()

    assert await ref.ask("hello", block=False) == "hello"


async def test_tells_are_handled_in_their_order(kind: Kind) -> None:
    diary = Diary()
    ref = kind.start(diary)

    for number in range(5):
        ref.tell(number)
    await settle()

    assert diary.lines == ["started", "0", "1", "2", "3", "4"]


async def test_none_is_a_message(kind: Kind) -> None:
    ref = kind.start()

    assert await ref.ask(None, block=False) is None


async def test_an_error_of_an_ask_goes_to_who_asked_and_the_actor_goes_on(kind: Kind) -> None:
    diary = Diary()
    ref = kind.start(diary)

    with pytest.raises(ValueError, match="bad"):
        await ref.ask(ValueError("bad"), block=False)

    assert await ref.ask("still here", block=False) == "still here"
    assert diary.lines == ["started", "still here"]


async def test_an_error_of_a_tell_ends_the_actor_after_on_failure(kind: Kind) -> None:
    diary = Diary()
    ref = kind.start(diary)

    ref.tell(ValueError("bad"))
    await settle()

    assert diary.lines == ["started", "failed of ValueError('bad')"]
    assert not ref.is_alive()
    assert ref.state == "failed"


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), asyncio.CancelledError()])
@pytest.mark.parametrize("ask", [True, False], ids=["ask", "tell"])
async def test_what_is_no_exception_ends_this_actor_and_no_other(
    kind: Kind, error: BaseException, ask: bool
) -> None:
    ref, other = kind.start(), kind.start()

    answer = ref.ask(error, block=False) if ask else None
    ref.tell(error)
    await settle()

    assert not ref.is_alive()
    assert await other.ask("there", block=False) == "there"
    if answer is not None:
        with pytest.raises(pykka.ActorDeadError):
            await answer


async def test_a_failing_on_start_calls_on_failure_and_ends_the_actor(kind: Kind) -> None:
    diary = Diary()

    class Stillborn(kind):  # type: ignore[misc, valid-type]
        def on_start(self) -> None:
            raise OSError("no disk")

    ref = Stillborn.start(diary)
    answer = ref.ask("hello", block=False)
    await settle()

    assert diary.lines == ["failed of OSError('no disk')"]
    with pytest.raises(pykka.ActorDeadError):
        await answer
    assert await ref.started() is False


async def test_a_failing_init_raises_where_the_actor_is_started(kind: Kind) -> None:
    class Unmade(kind):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            raise OSError("no disk")

    with pytest.raises(OSError, match="no disk"):
        Unmade.start()

    assert pykka.ActorRegistry.get_by_class(Unmade) == []


async def test_a_stop_comes_after_the_messages_before_it(kind: Kind) -> None:
    diary = Diary()
    ref = kind.start(diary)

    ref.tell("last words")
    stopped = await ref.stop(block=False)

    assert stopped is True
    assert diary.lines == ["started", "last words", "stopped"]
    assert not ref.is_alive()
    assert ref.actor_stopped.is_set()


async def test_stopping_a_stopped_actor_says_that_it_was(kind: Kind) -> None:
    ref = kind.start()
    await ref.stop(block=False)

    assert await ref.stop(block=False) is False


async def test_an_actor_can_stop_itself(kind: Kind) -> None:
    ref = kind.start()

    ref.tell(lambda actor: actor.stop())
    await settle()

    assert ref.state == "stopped"


async def test_asks_behind_a_stop_are_answered_with_actor_dead(kind: Kind) -> None:
    ref = kind.start()
    stop, ask = ref.stop(block=False), ref.ask("too late", block=False)

    assert await stop is True
    with pytest.raises(pykka.ActorDeadError):
        await ask


async def test_a_tell_to_a_dead_actor_is_a_dead_letter_and_no_error(
    kind: Kind, runtime: Runtime
) -> None:
    ref = kind.start()
    await ref.stop(block=False)

    ref.tell("anybody?")

    assert runtime.dead_letters.counts == {(kind.__name__, "str", "stopped"): 1}


async def test_running_actors_are_in_pykkas_registry(kind: Kind) -> None:
    ref = kind.start()

    assert pykka.ActorRegistry.get_by_class(kind)[-1] is ref
    assert pykka.ActorRegistry.get_by_class_name(kind.__name__)[-1] is ref
    assert pykka.ActorRegistry.get_by_urn(ref.actor_urn) is ref
    assert ref in pykka.ActorRegistry.get_all()

    await ref.stop(block=False)

    assert ref not in pykka.ActorRegistry.get_all()


async def test_a_broadcast_of_pykkas_reaches_them(kind: Kind) -> None:
    diary = Diary()
    kind.start(diary)

    pykka.ActorRegistry.broadcast("all", target_class=kind)
    await settle()

    assert diary.lines == ["started", "all"]


async def test_a_proxy_calls_methods_and_reads_and_writes_attributes(kind: Kind) -> None:
    proxy = kind.start().proxy()

    doubled, title = await proxy.double(21), await proxy.title
    with pytest.raises(ValueError, match="broken"):
        await proxy.broken()
    await asyncio.to_thread(setattr, proxy, "title", "lead")

    assert (doubled, title, await proxy.title) == (42, "player", "lead")


async def test_a_deferred_call_that_fails_ends_the_actor(kind: Kind) -> None:
    ref = kind.start()

    ref.proxy().broken.defer()
    await settle()

    assert (ref.state, ref.last_error) == ("failed", "ValueError: broken")


async def test_a_proxy_of_a_dead_actor_is_refused(kind: Kind) -> None:
    ref = kind.start()
    await ref.stop(block=False)

    with pytest.raises(pykka.ActorDeadError):
        ref.proxy()


async def test_a_proxy_call_can_be_told(kind: Kind) -> None:
    ref = kind.start()

    assert await ref.ask(ProxyCall(("double",), (4,), {}), block=False) == 8


async def test_an_answer_that_comes_later_is_passed_on_when_it_comes(kind: Kind) -> None:
    ref = kind.start()
    later: LoopFuture[str] = LoopFuture()

    answer = ref.ask(lambda _: later, block=False)
    assert await ref.ask("meanwhile", block=False) == "meanwhile"
    later.set("at last")

    assert await answer == "at last"


async def test_a_blocking_ask_works_on_other_threads(kind: Kind) -> None:
    ref = kind.start()

    def ask() -> Any:
        return ref.ask("hello"), ref.ask("again", timeout=5), ref.stop()

    assert await asyncio.to_thread(ask) == ("hello", "again", True)


async def test_a_full_mailbox_neither_blocks_nor_raises_in_the_teller(
    kind: Kind, runtime: Runtime
) -> None:
    class Small(kind):  # type: ignore[misc, valid-type]
        mailbox_size = 3

        def on_start(self) -> None:
            gate.get(timeout=5) if kind is ThreadPlayer else None

    gate: LoopFuture[None] = LoopFuture()
    ref = Small.start()

    for number in range(5):
        ref.tell(number)
    refused = ref.ask("no room", block=False)
    gate.set()

    with pytest.raises(Exception, match=r"mailbox of /Small-\d+ is full \(3 messages\)"):
        await refused
    assert runtime.dead_letters.counts == {("Small", "int", "full"): 2, ("Small", "str", "full"): 1}
    assert ref.actor_inbox.dropped == 3


async def test_a_stop_has_room_in_a_full_mailbox(kind: Kind) -> None:
    class Small(kind):  # type: ignore[misc, valid-type]
        mailbox_size = 0

    ref = Small.start()

    assert await ref.stop(block=False) is True


async def test_a_new_actor_can_be_started_from_another_thread(kind: Kind) -> None:
    ref: Any = await asyncio.to_thread(kind.start)

    assert await ref.ask("hello", block=False) == "hello"


async def test_how_it_went_is_counted(kind: Kind) -> None:
    ref = kind.start()

    for _ in range(3):
        ref.tell("message")
    await ref.ask("last", block=False)
    await settle()

    assert (ref.handled, ref.restarts, ref.last_error) == (4, 0, None)
    assert ref.busy > 0
    assert ref.actor_inbox.high_water >= 1
