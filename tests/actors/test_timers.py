"""Messages to oneself, later."""

import pytest

from actors.runtime import Runtime
from actors.timers import Timer
from tests.actors.players import BOTH, Diary, LoopPlayer, ThreadPlayer
from tests.clock import ManualClock
from tests.settle import settle

Kind = type[LoopPlayer] | type[ThreadPlayer]
both = pytest.mark.parametrize("kind", BOTH, ids=["loop", "thread"])
pytestmark = pytest.mark.usefixtures("runtime")


@both
async def test_a_message_comes_after_its_time_and_once(kind: Kind, clock: ManualClock) -> None:
    diary = Diary()
    ref = kind.start(diary)
    ref.tell(lambda actor: actor.after(5, "now") and None)
    await settle()

    clock.advance(4.999)
    await settle()
    assert diary.lines == ["started"]
    clock.advance(100)
    await settle()

    assert diary.lines == ["started", "now"]
    assert ref._timers == set()


@both
async def test_a_periodic_message_keeps_its_beat(kind: Kind, clock: ManualClock) -> None:
    diary = Diary()
    kind.start(diary).tell(lambda actor: actor.every(1, "beat") and None)
    await settle()

    for _ in range(3):
        clock.advance(1)
        await settle()

    assert diary.lines == ["started", "beat", "beat", "beat"]


async def test_beats_that_nobody_had_time_for_are_skipped(clock: ManualClock) -> None:
    diary = Diary()
    LoopPlayer.start(diary).tell(lambda actor: actor.every(1, "beat") and None)
    await settle()

    clock.advance(10)
    await settle()

    assert diary.lines == ["started", "beat"]


async def test_a_beat_that_came_late_does_not_delay_the_next(clock: ManualClock) -> None:
    diary = Diary()
    LoopPlayer.start(diary).tell(lambda actor: actor.every(1, "beat") and None)
    await settle()

    clock.stall(3.5)
    for seconds, beats in ((0, 1), (0.4, 1), (0.1, 2), (0.9, 2), (0.1, 3)):
        clock.advance(seconds)
        await settle()
        assert diary.lines.count("beat") == beats


async def test_a_cancelled_message_does_not_come_even_if_it_waits(clock: ManualClock) -> None:
    diary = Diary()
    ref = LoopPlayer.start(diary)
    timers: list[Timer] = []
    ref.tell(lambda actor: timers.append(actor.after(1, "never")))
    await settle()

    clock.advance(1)
    assert len(ref.actor_inbox) == 1
    timers[0].cancel()
    timers[0].cancel()
    await settle()

    assert diary.lines == ["started"]


@both
async def test_timers_end_with_their_actor(
    kind: Kind, clock: ManualClock, runtime: Runtime
) -> None:
    ref = kind.start()
    ref.tell(lambda actor: actor.every(1, "beat") and None)
    await ref.stop(block=False)

    clock.advance(10)
    await settle()

    assert runtime.dead_letters.total == 0
    assert ref._timers is None


async def test_a_full_mailbox_does_not_lose_a_timer(clock: ManualClock) -> None:
    class Small(LoopPlayer):
        mailbox_size = 1

    diary = Diary()
    ref = Small.start(diary)
    ref.tell(lambda actor: actor.after(1, "in time") and None)
    await settle()

    ref.tell("fills it")
    clock.advance(1)
    await settle()

    assert diary.lines == ["started", "fills it", "in time"]


async def test_a_period_of_nothing_is_refused() -> None:
    ref = LoopPlayer.start()

    with pytest.raises(ValueError, match="period of 0 s"):
        await ref.ask(lambda actor: actor.every(0, "beat"), block=False)


def test_calls_of_the_manual_clock_are_made_in_order_each_at_its_time() -> None:
    clock, made = ManualClock(), list[tuple[str, float]]()
    clock.call_at(2, lambda: made.append(("second", clock.now())))
    clock.call_at(1, lambda: made.append(("first", clock.now())))
    clock.call_at(1.5, lambda: made.append(("never", clock.now()))).cancel()

    clock.advance(3)

    assert made == [("first", 1), ("second", 2)]
    assert clock.now() == 3
