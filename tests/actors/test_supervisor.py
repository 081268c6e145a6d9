"""Children of a supervisor that are looked after one by one."""

import logging
from typing import Any

import pykka
import pytest

from actors.child import Child
from actors.facts import ChildFailed, ChildGivenUp, ChildRestarted, ChildStarted, ChildStopped
from actors.loop import LoopActor
from actors.reference import Died, Halt
from actors.restart import Backoff, Intensity, Restart
from actors.runtime import Runtime
from actors.supervisor import StopChild, Supervisor
from actors.thread_ref import ThreadRef
from tests.actors.players import BOTH, Diary, LoopPlayer, ThreadPlayer
from tests.actors.troupe import Troupe, child, fails_first
from tests.clock import ManualClock
from tests.settle import settle

Kind = type[LoopPlayer] | type[ThreadPlayer]
both = pytest.mark.parametrize("kind", BOTH, ids=["loop", "thread"])


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="actors")


@both
async def test_a_restarted_child_keeps_ref_place_and_waiting_messages(
    kind: Kind, runtime: Runtime, clock: ManualClock
) -> None:
    diary = Diary()
    troupe = Troupe(runtime, child("one", diary, kind), child("two", diary, kind))
    await settle()
    ref = troupe["one"]

    await troupe.fail("one")
    ref.tell("waits")
    answer = ref.ask("waits too", block=False)
    assert (ref.state, ref.is_alive()) == ("restarting", True)
    clock.advance(0.2)
    await settle()

    assert await answer == "waits too"
    assert diary.lines == [
        "one started",
        "two started",
        "one failed of ValueError('bad')",
        "one started",
        "one waits",
        "one waits too",
    ]
    assert (ref.path, ref.state, ref.restarts) == ("/top/one", "running", 1)
    assert ref.last_error == "ValueError: bad"
    assert troupe.names == ["one", "two"]
    assert runtime.dead_letters.counts == {(kind.__name__, "ValueError", "poisoned"): 1}


@both
async def test_facts_tell_what_happened(kind: Kind, runtime: Runtime, clock: ManualClock) -> None:
    troupe = Troupe(runtime, child("one", Diary(), kind))
    await settle()

    await troupe.fail("one")
    clock.advance(0.2)
    await settle()
    await troupe.ask(StopChild("one"))

    assert troupe.facts == [
        ChildStarted("one", "/top/one", kind.__name__),
        ChildFailed("one", "/top/one", "ValueError: bad", 0.2),
        ChildRestarted("one", "/top/one", 1),
        ChildStopped("one", "/top/one", "stopped"),
    ]


async def test_restarts_come_later_and_later(runtime: Runtime, clock: ManualClock) -> None:
    troupe = Troupe(runtime, child("one", Diary()), backoff=Backoff(0.2, 2, 0.7, jitter=0))
    await settle()

    for _ in range(4):
        await troupe.fail("one")
        clock.advance(1)
        await settle()

    delays = [fact.retry_in for fact in troupe.facts if isinstance(fact, ChildFailed)]
    assert delays == pytest.approx([0.2, 0.4, 0.7, 0.7])


@both
async def test_a_failing_on_start_counts(kind: Kind, runtime: Runtime, clock: ManualClock) -> None:
    step = fails_first(2, OSError("no disk"))

    class Late(kind):  # type: ignore[misc, valid-type]
        def on_start(self) -> None:
            step()

    troupe = Troupe(runtime, child("one", Diary(), Late))
    for _ in range(3):
        await settle()
        clock.advance(1)
    await settle()

    assert troupe["one"].state == "running"
    assert troupe["one"].restarts == 2


@both
async def test_a_failing_init_counts(kind: Kind, runtime: Runtime, clock: ManualClock) -> None:
    step = fails_first(2, OSError("no disk"))

    class Late(kind):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.after(0, "timer of an attempt")
            step()

    diary = Diary()
    troupe = Troupe(runtime, child("one", diary, Late))
    for _ in range(3):
        await settle()
        clock.advance(1)
    await settle()

    assert troupe["one"].state == "running"
    assert troupe["one"] in pykka.ActorRegistry.get_all()
    assert diary.lines == ["one started", "one timer of an attempt"]


@pytest.mark.parametrize(
    ("restart", "after_failure", "after_stop"),
    [
        (Restart.PERMANENT, "running", "running"),
        (Restart.TRANSIENT, "running", "stopped"),
        (Restart.TEMPORARY, None, None),
    ],
)
async def test_the_kind_of_restart_decides(
    restart: Restart,
    after_failure: str | None,
    after_stop: str | None,
    runtime: Runtime,
    clock: ManualClock,
) -> None:
    diary = Diary()
    troupe = Troupe(
        runtime, child("fails", diary, restart=restart), child("stops", diary, restart=restart)
    )
    await settle()

    troupe["fails"].tell(ValueError("bad"))
    troupe["stops"].stop(block=False)
    await settle()
    clock.advance(1)
    await settle()

    states = {name: troupe[name].state for name in troupe.names}
    expected = {"fails": after_failure, "stops": after_stop}
    assert states == {name: state for name, state in expected.items() if state is not None}


async def test_after_too_many_restarts_a_child_alone_is_given_up_if_wanted(
    runtime: Runtime, clock: ManualClock
) -> None:
    diary = Diary()
    limits = Intensity(restarts=2, window=60)
    troupe = Troupe(
        runtime, child("bad", diary), child("good", diary), escalate=False, intensity=limits
    )
    await settle()
    ref = troupe["bad"]

    for _ in range(3):
        await troupe.fail("bad")
        clock.advance(1)
        await settle()
    answer = ref.ask("anybody?", block=False)

    assert troupe.facts[-1] == ChildGivenUp("bad", "/top/bad", "ValueError: bad")
    assert (ref.state, ref.is_alive(), troupe["good"].state) == ("failed", False, "running")
    with pytest.raises(pykka.ActorDeadError):
        await answer


async def test_failures_that_are_far_apart_are_not_too_many(
    runtime: Runtime, clock: ManualClock
) -> None:
    limits = Intensity(restarts=1, window=60)
    troupe = Troupe(runtime, child("one", Diary()), intensity=limits)
    await settle()

    for _ in range(5):
        await troupe.fail("one")
        clock.advance(61)
        await settle()

    assert troupe["one"].state == "running"
    assert troupe["one"].restarts == 5


@pytest.mark.parametrize("name", ["", "a/b"])
def test_a_name_that_cannot_be_part_of_a_path_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a child's name"):
        child(name, Diary())


async def test_a_child_may_be_given_as_a_function_that_starts_it(
    runtime: Runtime, clock: ManualClock
) -> None:
    diary = Diary()
    troupe = Troupe(runtime, Child("one", lambda: LoopPlayer.start(diary)))
    await settle()
    ref = troupe["one"]

    await troupe.fail("one")
    clock.advance(1)
    await settle()

    assert troupe["one"] is ref
    assert ref.state == "running"


@both
async def test_what_was_meant_for_an_incarnation_does_not_reach_the_next(
    kind: Kind, runtime: Runtime, clock: ManualClock
) -> None:
    diary = Diary()
    troupe = Troupe(runtime, child("one", diary, kind))
    await settle()
    ref = troupe["one"]

    ref.halt(keep=True)
    ref.tell_first(Halt(ref.incarnation, True))
    troupe.ref.tell_first(Died(ref, ref.incarnation - 1, "old news", True, True))
    await settle()
    clock.advance(1)
    await settle()
    troupe.ref.tell_first(Died(ref, ref.incarnation - 1, "old news", True, True))
    await settle()
    clock.advance(1)
    await settle()

    assert diary.lines == ["one started", "one stopped", "one started"]
    assert troupe.kinds("one") == ["ChildStarted", "ChildFailed", "ChildRestarted"]


async def test_a_thread_that_was_parted_with_takes_no_message_of_its_successor(
    runtime: Runtime, clock: ManualClock
) -> None:
    troupe = Troupe(runtime, child("one", Diary(), ThreadPlayer))
    await settle()
    ref = troupe["one"]
    assert isinstance(ref, ThreadRef)
    old = ref.thread
    assert old is not None

    ref.kill("no patience", keep=True)
    await settle()
    clock.advance(1)
    await settle()
    takers = [await ref.ask(lambda actor: actor, block=False) for _ in range(50)]

    assert set(takers) == {ref._actor_weakref()}
    old.join(timeout=5)
    assert not old.is_alive()


async def test_deaths_reach_a_supervisor_whose_mailbox_is_full(
    runtime: Runtime, clock: ManualClock
) -> None:
    class Small(Supervisor):
        mailbox_size = 0

    diary = Diary()
    ref = Small.start([child("one", diary)], name="small")
    await settle()

    (ref.children or {})["one"].ref.tell(ValueError("bad"))
    await settle()
    clock.advance(10)
    await settle()

    assert diary.lines[-1] == "one started"


async def test_a_message_that_it_does_not_know_harms_no_supervisor(runtime: Runtime) -> None:
    troupe = Troupe(runtime, child("one", Diary()))

    troupe.ref.tell("what?")
    await settle()

    assert isinstance(troupe.ref._actor_weakref(), LoopActor)
    assert troupe["one"].state == "running"
