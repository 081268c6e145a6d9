"""A run whose followers remember what they were told."""

from dataclasses import dataclass
from typing import Any

import pykka

from actors.event import Event
from actors.run import Run
from actors.runtime import Runtime
from actors.simulated import Begun, RunSettings
from actors.steering import (
    Checkpoint,
    Happened,
    RunStatus,
    Ticked,
)
from tests.actors.stage import Listener
from tests.actors.worlds import CountingSimulation
from tests.settle import settle


@dataclass(slots=True)
class Course:
    """A run whose followers remember what they were told."""

    ref: pykka.ActorRef[Any]
    simulation: CountingSimulation
    told: list[Any]
    recorded: list[Any]

    async def ask(self, command: object) -> RunStatus:
        status: RunStatus = await self.ref.ask(command, block=False)
        return status

    @property
    def events(self) -> list[Event]:
        found: list[Event] = []
        for message in self.told:
            found += message.events if isinstance(message, Ticked) else [message.event]
        return found

    @property
    def states(self) -> list[str]:
        return [_data(m)["state"] for m in self.told if isinstance(m, Happened) and _is_state(m)]

    @property
    def checkpoints(self) -> list[Checkpoint]:
        return [message for message in self.recorded if isinstance(message, Checkpoint)]


def _is_state(happened: Happened) -> bool:
    return happened.event.topic.endswith(".state")


def _data(happened: Happened) -> dict[str, Any]:
    assert isinstance(happened.event.data, dict)
    return happened.event.data


async def begin(
    begun: Begun | None = None, *, fails_at: int | None = None, **settings: Any
) -> Course:
    Runtime()
    simulation = CountingSimulation(fails_at=fails_at)
    if begun is None:
        begun = Begun(simulation, paused=True)
    told: list[Any] = []
    recorded: list[Any] = []
    chosen = {"hz": 0.0, "patience": 600.0, "lead": 1000, **settings}
    ref = Run.start(
        RunSettings("r", "e", **chosen),
        lambda: begun,
        Listener.start(told),
        Listener.start(recorded),
    )
    await settle()
    return Course(ref, simulation, told, recorded)
