"""How a run begins: anew, or where its record says that it was."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from actors.simulated import Begun, Simulated
from sim.condition import Condition
from sim.recording import EventRow


class Resumable(Simulated, Protocol):
    """A simulation that can go on from a checkpoint."""

    def restore(self, checkpoint: Mapping[str, Any]) -> None: ...


class ReadableRecord(Protocol):
    """What is asked of a record: `sim.recording.Recording` answers it."""

    def last_checkpoint(self) -> tuple[int, dict[str, Any]] | None: ...

    def last_tick(self) -> int: ...

    def positions(self) -> Mapping[str, tuple[str, int]]: ...

    def events(self, topic: str, from_: int, to: int, limit: int) -> Sequence[EventRow]: ...


def begin(run: str, simulation: Resumable, record: ReadableRecord) -> Begun:
    """The simulation, set to the record's last checkpoint, and how its events are counted on.

    Ticks after the checkpoint are made again: the same ones, with the same offsets. Whether it was
    paused and how fast it went is taken from the last state on record.
    """
    topic = f"run.{run}.state"
    checkpoint = record.last_checkpoint()
    counts: dict[str, int] = {}
    if checkpoint is not None:
        simulation.restore(checkpoint[1]["simulation"])
        counts = dict(checkpoint[1]["counts"])
    position = record.positions().get(topic)
    if position is None:
        return Begun(simulation, counts, known=record.last_tick())
    _, last = position
    [row] = record.events(topic, last, last, 1)
    state = msgspec.msgpack.decode(row.data)
    paused = state["state"] == "paused"
    until = Condition(state["until"]) if "until" in state else None
    known = record.last_tick()
    return Begun(simulation, counts, last + 1, True, paused, state["hz"], until, known)
