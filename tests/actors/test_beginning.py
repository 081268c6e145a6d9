"""A run begins anew, or goes on where its record says that it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from actors.beginning import begin
from actors.simulated import Begun
from sim.recording import EventRow
from tests.actors.worlds import CountingSimulation


@dataclass(slots=True)
class Found:
    """A record with these states, oldest first, and maybe a checkpoint."""

    states: tuple[str, ...] = ()
    checkpoint: tuple[int, dict[str, Any]] | None = None
    until: str = ""

    def last_checkpoint(self) -> tuple[int, dict[str, Any]] | None:
        return self.checkpoint

    def last_tick(self) -> int:
        return 45 if self.checkpoint is not None else 0

    def positions(self) -> Mapping[str, tuple[str, int]]:
        return {"run.r.state": ("e", len(self.states) - 1)} if self.states else {}

    def events(self, topic: str, from_: int, to: int, limit: int) -> list[EventRow]:
        until = {"until": self.until} if self.until else {}
        data = [{"state": state, "tick": 0, "hz": 7.0, **until} for state in self.states]
        rows = [
            EventRow(topic, "e", offset, 0, None, msgspec.msgpack.encode(state))
            for offset, state in enumerate(data)
        ]
        return rows[from_ : to + 1][:limit]


class Simulation(CountingSimulation):
    """One that can be set back."""

    def restore(self, checkpoint: Mapping[str, Any]) -> None:
        self.number = checkpoint["number"]


def test_without_a_record_a_run_begins_anew() -> None:
    simulation = Simulation()

    assert begin("r", simulation, Found()) == Begun(simulation)


@pytest.mark.parametrize(("last", "paused"), [("running", False), ("paused", True)])
def test_a_run_goes_on_from_its_checkpoint_as_it_was(last: str, paused: bool) -> None:
    simulation = Simulation()
    checkpoint = {"simulation": {"number": 40}, "counts": {"beat": 40}}

    begun = begin("r", simulation, Found(("starting", last), (40, checkpoint)))

    assert simulation.number == 40
    assert begun == Begun(
        simulation, {"beat": 40}, 2, resumed=True, paused=paused, hz=7.0, known=45
    )


def test_a_run_that_had_no_checkpoint_yet_makes_its_ticks_again() -> None:
    simulation = Simulation()

    begun = begin("r", simulation, Found(("starting", "running")))

    assert (simulation.number, begun.states, begun.resumed) == (0, 2, True)


def test_a_run_that_was_to_pause_at_a_condition_still_is() -> None:
    record = Found(("starting", "running"))
    record.until = "tick >= 50"

    begun = begin("r", Simulation(), record)

    assert begun.until is not None
    assert begun.until.text == "tick >= 50"
