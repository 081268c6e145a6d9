"""Supervisors under supervisors, and one that fails."""

import logging
from typing import Any

import pytest

from actors.child import Child, TooManyRestartsError
from actors.facts import ChildFailed, ChildGivenUp
from actors.restart import Intensity
from actors.runtime import Runtime
from actors.supervisor import Supervisor
from tests.actors.players import BOTH, Diary, LoopPlayer, ThreadPlayer
from tests.actors.troupe import Troupe, child
from tests.clock import ManualClock
from tests.settle import settle

Kind = type[LoopPlayer] | type[ThreadPlayer]
both = pytest.mark.parametrize("kind", BOTH, ids=["loop", "thread"])
NAMES = ("one", "two", "three")


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="actors")


async def test_too_many_restarts_go_up_and_the_branch_comes_back_whole(
    runtime: Runtime, clock: ManualClock
) -> None:
    diary = Diary()
    limits = Intensity(restarts=1, window=60)
    players = [child("one", diary), child("two", diary)]
    branch = Child("branch", lambda: Supervisor.start(players, intensity=limits))
    troupe = Troupe(runtime, branch)
    await settle()
    refs = {name: entry.ref for name, entry in (troupe["branch"].children or {}).items()}

    for _ in range(2):
        refs["one"].tell(ValueError("bad"))
        await settle()
        clock.advance(0.2)
        await settle()
    refs["two"].tell("after all")
    clock.advance(10)
    await settle()

    assert troupe.kinds("branch") == ["ChildStarted", "ChildFailed", "ChildRestarted"]
    failure = next(f for f in troupe.facts if isinstance(f, ChildFailed) and f.name == "branch")
    assert "/top/branch: more than 1 restarts in 60 s" in failure.reason
    assert {n: e.ref for n, e in (troupe["branch"].children or {}).items()} == refs
    assert refs["one"].state == refs["two"].state == "running"
    assert refs["one"].path == "/top/branch/one"
    assert diary.lines[-2:] == ["two started", "two after all"]


async def test_failures_of_all_children_count_together(
    runtime: Runtime, clock: ManualClock
) -> None:
    children = [child(name, Diary()) for name in ("one", "two", "three")]
    troupe = Troupe(runtime, *children, intensity=Intensity(restarts=2, window=60))
    await settle()

    for name in ("one", "two"):
        await troupe.fail(name)
    assert troupe.ref.is_alive()
    await troupe.fail("three")

    assert not troupe.ref.is_alive()


async def test_a_root_that_gives_up_stops_everything_and_says_why(
    runtime: Runtime, clock: ManualClock
) -> None:
    diary = Diary()
    children = [child("one", diary), child("two", diary)]
    troupe = Troupe(runtime, *children, intensity=Intensity(restarts=0, window=60))
    await settle()
    two = troupe["two"]

    await troupe.fail("one")

    assert not troupe.ref.is_alive()
    assert not two.is_alive()
    assert diary.lines[-1] == "two stopped"
    assert troupe.ref.last_error is not None
    assert TooManyRestartsError.__name__ in troupe.ref.last_error
    root = [fact for fact in troupe.facts if isinstance(fact, ChildGivenUp)][-1]
    assert (root.name, root.path) == ("top", "/top")


async def test_a_supervisor_that_fails_itself_finds_its_children_running(
    runtime: Runtime, clock: ManualClock
) -> None:
    diary = Diary()
    players = [child("one", diary), child("two", diary)]
    troupe = Troupe(runtime, Child("branch", lambda: Clumsy.start(players)))
    await settle()
    branch = troupe["branch"]

    branch.tell("trip")
    await settle()
    (branch.children or {})["two"].ref.tell(ValueError("bad"))
    await settle()
    clock.advance(10)
    await settle()
    clock.advance(10)
    await settle()

    assert branch.restarts == 1
    assert [line for line in diary.lines if line.startswith("one")] == ["one started"]
    assert diary.lines[-1] == "two started"


class Clumsy(Supervisor):
    """Fails at a message that it should not get."""

    def on_receive(self, message: object) -> Any:
        if message == "trip":
            raise RuntimeError("tripped")
        return super().on_receive(message)
