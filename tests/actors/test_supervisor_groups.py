"""Children that stop and start together, in order."""

import logging
from typing import Any

import pykka
import pytest

from actors.facts import ChildStopped
from actors.future import LoopFuture
from actors.restart import Restart, Strategy
from actors.runtime import Runtime
from actors.supervisor import StartChild, StopChild
from tests.actors.players import BOTH, Diary, LoopPlayer, ThreadPlayer
from tests.actors.troupe import Troupe, child
from tests.clock import ManualClock
from tests.settle import settle, until

Kind = type[LoopPlayer] | type[ThreadPlayer]
both = pytest.mark.parametrize("kind", BOTH, ids=["loop", "thread"])
NAMES = ("one", "two", "three")


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="actors")


@both
async def test_children_start_in_order_and_stop_in_reverse(kind: Kind, runtime: Runtime) -> None:
    diary = Diary()
    troupe = Troupe(runtime, *(child(name, diary, kind) for name in NAMES))
    await settle()

    await troupe.ref.stop(block=False)

    started, stopped = diary.lines[:3], diary.lines[3:]
    assert started == ["one started", "two started", "three started"]
    assert stopped == ["three stopped", "two stopped", "one stopped"]
    assert [type(fact) for fact in troupe.facts[-3:]] == [ChildStopped] * 3


async def test_a_child_starts_when_the_one_before_it_has_started(
    runtime: Runtime, clock: ManualClock
) -> None:
    diary, gate = Diary(), LoopFuture[None]()

    class Slow(LoopPlayer):
        async def on_start(self) -> None:  # type: ignore[override]
            await gate
            self.write("started")

    Troupe(runtime, child("one", diary, Slow), child("two", diary))
    await settle()
    assert diary.lines == []
    gate.set()
    await settle()

    assert diary.lines == ["one started", "two started"]


async def test_a_start_that_takes_too_long_is_not_waited_for(
    runtime: Runtime, clock: ManualClock
) -> None:
    diary = Diary()

    class Stuck(LoopPlayer):
        async def on_start(self) -> None:  # type: ignore[override]
            await LoopFuture[None]()

    Troupe(runtime, child("one", diary, Stuck, start_timeout=3), child("two", diary))
    await settle()
    clock.advance(3)
    await settle()

    assert diary.lines == ["two started"]


@both
@pytest.mark.parametrize(
    ("strategy", "affected"),
    [
        (Strategy.ONE_FOR_ONE, ["two"]),
        (Strategy.ALL_FOR_ONE, ["one", "two", "three"]),
        (Strategy.REST_FOR_ONE, ["two", "three"]),
    ],
)
async def test_a_strategy_restarts_the_affected_in_order(
    strategy: Strategy, affected: list[str], kind: Kind, runtime: Runtime, clock: ManualClock
) -> None:
    diary = Diary()
    children = [child(name, diary, kind) for name in NAMES]
    troupe = Troupe(runtime, *children, strategy=strategy)
    await settle()
    refs = [troupe[name] for name in NAMES]
    diary.lines.clear()

    await troupe.fail("two")
    for ref in refs:
        ref.tell("waits")
    await settle()
    clock.advance(1)
    await settle()

    siblings = [name for name in reversed(affected) if name != "two"]
    stops = [line for line in diary.lines if line.endswith("stopped")]
    starts = [line for line in diary.lines if line.endswith("started")]
    assert stops == [f"{name} stopped" for name in siblings]
    assert starts == [f"{name} started" for name in affected]
    assert sorted(line for line in diary.lines if line.endswith("waits")) == sorted(
        f"{name} waits" for name in NAMES
    )
    assert [troupe[name] for name in NAMES] == refs
    assert runtime.dead_letters.total == 1


async def test_temporary_siblings_of_a_group_are_gone_after_its_restart(
    runtime: Runtime, clock: ManualClock
) -> None:
    diary = Diary()
    troupe = Troupe(runtime, child("one", diary), strategy=Strategy.ALL_FOR_ONE)
    guest = await troupe.ask(StartChild(child("guest", diary, restart=Restart.TEMPORARY)))

    await troupe.fail("one")
    clock.advance(1)
    await settle()

    assert troupe.names == ["one"]
    assert not guest.is_alive()


async def test_a_child_that_is_to_stop_is_not_restarted_with_its_group(
    runtime: Runtime, clock: ManualClock
) -> None:
    class Stubborn(LoopPlayer):
        async def on_stop(self) -> None:  # type: ignore[override]
            await LoopFuture[None]()

    children = [child("one", Diary()), child("two", Diary(), Stubborn, stop_timeout=3)]
    troupe = Troupe(runtime, *children, strategy=Strategy.ALL_FOR_ONE)
    await settle()

    stopped = troupe.ref.ask(StopChild("two"), block=False)
    await troupe.fail("one")
    clock.advance(3)
    await settle()
    clock.advance(3)
    await settle()

    assert await stopped is True
    assert troupe.names == ["one"]
    assert troupe["one"].state == "running"


@both
async def test_a_child_that_does_not_stop_in_time_is_ended_by_force(
    kind: Kind, runtime: Runtime, clock: ManualClock
) -> None:
    diary, gate = Diary(), LoopFuture[None]()

    class Stubborn(kind):  # type: ignore[misc, valid-type]
        def on_receive(self, message: Any) -> Any:
            return hang(gate) if kind is LoopPlayer else gate.get(timeout=20)

    troupe = Troupe(runtime, child("one", diary), child("two", diary, Stubborn, stop_timeout=3))
    await settle()
    ref = troupe["two"]
    answer = ref.ask("hang", block=False)
    await until(lambda: ref.actor_inbox.high_water == 1 and not ref.actor_inbox)
    stop = troupe.ref.stop(block=False)
    await until(lambda: clock.waiting == 1)

    clock.advance(3)

    assert await stop is True
    assert diary.lines[-1] == "one stopped"
    assert not ref.is_alive()
    gate.set()
    with pytest.raises(pykka.ActorDeadError, match="did not stop within 3 s"):
        await answer


async def hang(gate: LoopFuture[None]) -> None:
    await gate


async def test_one_child_that_does_not_stop_in_time_is_no_burden_for_others(
    runtime: Runtime, clock: ManualClock
) -> None:
    class Stubborn(LoopPlayer):
        async def on_stop(self) -> None:  # type: ignore[override]
            await LoopFuture[None]()

    troupe = Troupe(runtime, child("bad", Diary(), Stubborn, stop_timeout=3))
    await settle()

    stopped = troupe.ref.ask(StopChild("bad"), block=False)
    guest = await troupe.ask(StartChild(child("guest", Diary())))
    assert guest.is_alive()
    assert not stopped.done()
    clock.advance(3)

    assert await stopped is True
    assert troupe.names == ["guest"]


async def test_a_stop_during_a_backoff_leaves_nobody_behind(
    runtime: Runtime, clock: ManualClock
) -> None:
    troupe = Troupe(runtime, child("one", Diary()), child("two", Diary()))
    await settle()
    one = troupe["one"]
    await troupe.fail("one")
    answer = one.ask("waits", block=False)

    assert await troupe.ref.stop(block=False) is True
    clock.advance(10)
    await settle()

    with pytest.raises(pykka.ActorDeadError):
        await answer
    assert not one.is_alive()
    assert pykka.ActorRegistry.get_by_class(LoopPlayer) == []
