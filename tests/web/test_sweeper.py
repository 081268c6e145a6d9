"""Heartbeats and the ends of tokens, on a clock that stands still."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from actors.loop import LoopActor
from actors.runtime import Runtime
from tests.clock import ManualClock
from tests.settle import settle
from tests.web.test_pool import QuietLine, Room
from web.auth import Identity
from web.notices import FellBehind, TokenEnds
from web.pool import Member, Pool
from web.sweeper import Sweeper

START = 1_000_000.0  # seconds since 1970


class Listener(LoopActor):
    """Notes what it is told."""

    mailbox_size = 3

    def __init__(self, told: list[Any]) -> None:
        super().__init__()
        self._told = told

    def on_receive(self, message: Any) -> None:
        self._told.append(message)


@dataclass(frozen=True)
class Beats:
    interval: float = 25.0
    timeout: float = 60.0


class Scene:
    """A sweeper over one connection."""

    def __init__(self, clock: ManualClock, expires_at: float | None) -> None:
        self.clock = clock
        self.told: list[Any] = []
        self.line = QuietLine()
        self.listener = Listener.start(self.told)
        self.pool = Pool(Room())
        identity = Identity("ada", frozenset(), expires_at=expires_at)
        self.member = Member("c1", identity, "::1", START, self.line, self.listener)
        self.pool.admit(self.member)
        self.sweeper = Sweeper.start(self.pool, Beats(), lambda: START + clock.now())

    async def pass_seconds(self, seconds: int) -> None:
        await settle()
        for _ in range(seconds):
            self.clock.advance(1.0)
            await settle()


@pytest.fixture
async def clock() -> AsyncIterator[ManualClock]:
    clock = ManualClock()
    runtime = Runtime(clock=clock)
    yield clock
    runtime.close()


async def test_an_idle_client_is_pinged_at_the_interval(clock: ManualClock) -> None:
    scene = Scene(clock, expires_at=None)

    await scene.pass_seconds(24)
    assert scene.line.pings == []
    await scene.pass_seconds(1)

    assert scene.line.pings == [b""]


async def test_a_client_that_was_pinged_is_not_pinged_again_at_once(clock: ManualClock) -> None:
    scene = Scene(clock, expires_at=None)
    scene.line.pinged_at = 20.0

    await scene.pass_seconds(40)

    assert scene.line.pings == []


async def test_a_silent_client_is_closed_at_the_timeout(clock: ManualClock) -> None:
    scene = Scene(clock, expires_at=None)

    await scene.pass_seconds(59)
    assert scene.line.lost == []
    await scene.pass_seconds(1)

    assert len(scene.line.lost) == 1


async def test_whatever_a_client_sends_counts_as_life(clock: ManualClock) -> None:
    scene = Scene(clock, expires_at=None)

    for _ in range(10):
        scene.line.heard_at = clock.now()
        await scene.pass_seconds(20)

    assert (scene.line.pings, scene.line.lost) == ([], [])


async def test_the_end_of_a_token_is_told_once_ahead_and_then_comes(clock: ManualClock) -> None:
    scene = Scene(clock, expires_at=START + 40)

    await scene.pass_seconds(9)
    assert scene.told == []
    await scene.pass_seconds(30)
    assert scene.told == [TokenEnds(30.0)]
    await scene.pass_seconds(1)

    assert scene.told[1:] == [TokenEnds(0.0)]


async def test_a_connection_whose_mailbox_was_full_is_told_so(clock: ManualClock) -> None:
    scene = Scene(clock, expires_at=None)
    await settle()
    for number in range(5):
        scene.listener.tell(number)

    await scene.pass_seconds(1)

    assert scene.told == [0, 1, 2, FellBehind()]
