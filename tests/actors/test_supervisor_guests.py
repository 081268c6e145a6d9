"""Children that come and go while a supervisor runs, and who watches them."""

import logging
from typing import Any

import pytest

from actors.child import Child, NameTakenError, UnknownActorError
from actors.facts import ChildFailed, ChildRestarted, ChildStopped
from actors.restart import Restart
from actors.runtime import Runtime
from actors.supervisor import StartChild, StopChild, Watch
from tests.actors.players import BOTH, Diary, LoopPlayer, ThreadPlayer
from tests.actors.troupe import Listener, Troupe, child
from tests.clock import ManualClock
from tests.settle import settle

Kind = type[LoopPlayer] | type[ThreadPlayer]
both = pytest.mark.parametrize("kind", BOTH, ids=["loop", "thread"])


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="actors")


@both
async def test_children_are_started_and_stopped_later_too(kind: Kind, runtime: Runtime) -> None:
    diary = Diary()
    troupe = Troupe(runtime)

    ref = await troupe.ask(StartChild(child("guest", diary, kind, Restart.TEMPORARY)))
    assert (ref.path, troupe.names) == ("/top/guest", ["guest"])
    assert await troupe.ask(StopChild("guest")) is True

    assert diary.lines == ["guest started", "guest stopped"]
    assert troupe.names == []
    assert await troupe.ask(StopChild("guest")) is False


async def test_thousands_of_temporary_children_come_and_go(runtime: Runtime) -> None:
    troupe = Troupe(runtime)
    names = [f"guest-{number}" for number in range(3000)]

    for name in names:
        troupe.ref.tell(StartChild(child(name, Diary(), restart=Restart.TEMPORARY)))
    await settle()
    assert len(troupe.names) == 3000
    for name in names[::2]:
        troupe[name].stop(block=False)
    for name in names[1::2]:
        troupe[name].tell(ValueError("bad"))
    await settle()

    assert troupe.names == []
    assert runtime.dead_letters.total == 1500


async def test_a_guest_that_is_dead_for_good_leaves_the_table(runtime: Runtime) -> None:
    troupe = Troupe(runtime)
    guest = await troupe.ask(StartChild(child("guest", Diary(), restart=Restart.TRANSIENT)))

    await guest.stop(block=False)
    await settle()

    assert troupe.names == []
    assert troupe.kinds("guest") == ["ChildStarted", "ChildStopped"]


async def test_a_start_that_cannot_be_is_an_answer_and_no_harm(runtime: Runtime) -> None:
    troupe = Troupe(runtime, child("one", Diary()))
    await settle()

    def broken() -> Any:
        raise OSError("no disk")

    for bad, error in (
        (child("one", Diary()), NameTakenError),
        (Child("two", broken), OSError),
        (Child("two", lambda: troupe.ref), UnknownActorError),
    ):
        with pytest.raises(error):
            await troupe.ask(StartChild(bad))
        troupe.ref.tell(StartChild(bad))
    await settle()

    assert troupe.names == ["one"]
    assert troupe.ref.state == "running"


async def test_a_watcher_is_told_what_becomes_of_a_child(
    runtime: Runtime, clock: ManualClock
) -> None:
    troupe = Troupe(runtime, child("one", Diary()))
    await settle()
    told: list[Any] = []
    watcher, gone = Listener.start(told), Listener.start(told)

    assert await troupe.ask(Watch("one", watcher)) is True
    assert await troupe.ask(Watch(troupe["one"], gone)) is True
    await gone.stop(block=False)
    await troupe.fail("one")
    clock.advance(1)
    await settle()
    await troupe.ask(StopChild("one"))
    await settle()

    assert [type(fact) for fact in told] == [ChildFailed, ChildRestarted, ChildStopped]
    assert runtime.dead_letters.counts == {("LoopPlayer", "ValueError", "poisoned"): 1}


async def test_who_watches_a_child_that_is_not_there_is_told_so(runtime: Runtime) -> None:
    troupe = Troupe(runtime)
    told: list[Any] = []

    assert await troupe.ask(Watch("nobody", Listener.start(told))) is False
    await settle()

    assert told == [ChildStopped("nobody", "/top/nobody", "not there")]
