"""A replay: how it goes to a tick, what it tells then, and where it ends."""

from dataclasses import dataclass, field
from typing import Any

import pykka
import pytest

from actors.replay import Replay
from actors.runtime import Runtime
from actors.simulated import Begun, RunSettings
from actors.steering import (
    CommandRefused,
    Happened,
    Pause,
    Perturb,
    Resume,
    RunStatus,
    Seek,
    Step,
    Ticked,
)
from sim.rebuilding import TimeMachineError
from sim.tick import Tick
from tests.actors.stage import Listener
from tests.actors.worlds import CountingSimulation, make_tick
from tests.settle import settle

LAST = 20
EVERY = 5  # ticks between checkpoints


@dataclass
class Tape(CountingSimulation):
    """Twenty ticks, with checkpoints."""

    aim: int = 1
    steps: list[int] = field(default_factory=list)

    @property
    def is_at_end(self) -> bool:
        return self.number >= LAST

    @property
    def is_there(self) -> bool:
        return self.number >= self.aim - 1

    def seek(self, tick: int) -> None:
        if not 1 <= tick <= LAST:
            raise TimeMachineError(f"there is no {tick}")
        self.aim = tick
        self.number = (tick - 1) // EVERY * EVERY

    def step(self) -> None:
        self.number += 1
        self.steps.append(self.number)

    def tick(self) -> Tick:
        self.number += 1
        return make_tick(self.number)


class Player:
    """A replay, and what it told."""

    def __init__(self, tick: int = 1, *, paused: bool = True) -> None:
        Runtime()
        self.tape = Tape()
        self.tape.seek(tick)
        self.told: list[Any] = []
        settings = RunSettings("r", "e", hz=0.0, patience=600.0, lead=1000)
        begun = Begun(self.tape, paused=paused)
        self.ref: pykka.ActorRef[Any] = Replay.start(
            settings, lambda: begun, Listener.start(self.told), None
        )

    async def ask(self, command: object) -> RunStatus:
        status: RunStatus = await self.ref.ask(command, block=False)
        return status

    @property
    def ticks(self) -> list[tuple[int, str]]:
        return [(m.tick.number, m.epoch) for m in self.told if isinstance(m, Ticked)]

    @property
    def states(self) -> list[tuple[str, str]]:
        events = [m.event for m in self.told if isinstance(m, Happened)]
        return [(e.data["state"], e.epoch) for e in events if isinstance(e.data, dict)]


async def test_a_paused_replay_shows_the_tick_that_it_begins_with() -> None:
    player = Player(8)
    await settle()

    assert player.ticks == [(8, "e")]
    assert player.tape.steps == [6, 7]


async def test_a_tick_that_is_sought_is_told_in_a_new_epoch_and_then_answered() -> None:
    player = Player(8)
    await settle()

    status = await player.ask(Seek(3))
    back = await player.ask(Seek(18))

    assert (status.state, status.tick, back.tick) == ("paused", 3, 18)
    assert player.ticks == [(8, "e"), (3, "e-1"), (18, "e-2")]
    assert player.states[-1] == ("paused", "e-2")


async def test_a_replay_that_goes_on_pauses_at_the_end_and_can_go_back() -> None:
    player = Player(paused=False)
    await settle()
    at_end = await player.ask(Pause())

    await player.ask(Resume())
    await player.ask(Seek(19))
    await settle()

    assert at_end.tick == LAST
    assert [tick for tick, epoch in player.ticks if epoch == "e"] == list(range(1, LAST + 1))
    assert player.states[-1][0] == "paused"


async def test_steps_past_the_end_are_refused() -> None:
    player = Player(19)
    await settle()

    with pytest.raises(CommandRefused, match="the record ends here"):
        await player.ask(Step(3))
    assert [tick for tick, _ in player.ticks] == [19, 20]


async def test_what_is_replayed_cannot_be_changed_nor_sought_past_its_end() -> None:
    player = Player()
    await settle()

    with pytest.raises(CommandRefused, match="fork the run"):
        await player.ask(Perturb(0, {"reset": True}, "ada"))
    with pytest.raises(CommandRefused, match="there is no 21"):
        await player.ask(Seek(21))
    assert (await player.ask(Seek(2))).tick == 2
