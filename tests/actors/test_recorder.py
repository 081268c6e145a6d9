"""What reaches the record, when, and what happens when the disk does not take it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from actors.event import Event
from actors.publishing import Deliver
from actors.recorder import BATCH_BYTES, Flush, Recorder, RecorderStatus, recorded_topics
from actors.runtime import Runtime
from actors.steering import Acknowledge, Attach, Checkpoint, Kept, Report
from sim.recording import EventRow, RecordingError, TickRow
from tests.actors.stage import Listener
from tests.clock import ManualClock
from tests.settle import settle


@dataclass(slots=True)
class Shelf:
    """A record in memory, on a disk that may fill up."""

    full: bool = False
    large: bool = False
    closed: bool = False
    batches: list[tuple[list[int], list[str], int | None]] = field(default_factory=list)
    rows: list[TickRow | EventRow] = field(default_factory=list)

    def last_tick(self) -> int:
        return 0

    def append(
        self,
        ticks: Sequence[TickRow],
        events: Sequence[EventRow],
        checkpoint: tuple[int, dict[str, Any]] | None = None,
    ) -> bool:
        if self.full:
            raise RecordingError("run.sqlite: No space left on device")
        self.rows += [*ticks, *events]
        of = checkpoint[0] if checkpoint is not None else None
        self.batches.append(([row.tick for row in ticks], [row.topic for row in events], of))
        return not self.large

    def close(self) -> None:
        self.closed = True


class Desk:
    """A recorder, its record, and the run that it reports to."""

    def __init__(self, open_record: Callable[[], Shelf] | None = None) -> None:
        self.clock = ManualClock()
        Runtime(clock=self.clock)
        self.shelf = Shelf()
        self.told: list[Any] = []
        self.ref = Recorder.start("r", open_record or (lambda: self.shelf), 0.5)
        self.ref.tell(Attach(Listener.start(self.told)))

    async def tell(self, *messages: object) -> None:
        for message in messages:
            self.ref.tell(message)
        await settle()

    async def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await settle()

    async def flush(self) -> RecorderStatus:
        status: RecorderStatus = await self.ref.ask(Flush(), block=False)
        return status

    @property
    def reports(self) -> list[dict[str, Any]]:
        return [message.log.data for message in self.told if isinstance(message, Report)]


def of_tick(number: int, *logs: str, size: int = 1) -> Deliver:
    def event(name: str, data: object, offset: int) -> Event:
        return Event(f"run.r.{name}", data, number, float(number), "e", offset)

    summary = event("tick", {"value": 0.5, "hash": f"hash {number}"}, number)
    columns = event("agents", {"value": "x" * size}, number)
    return Deliver(None, (summary, columns, *(event(f"log.{kind}", {}, 0) for kind in logs)))


async def test_a_batch_is_written_when_its_time_has_come() -> None:
    desk = Desk()

    await desk.tell(of_tick(1, "beat"), of_tick(2))
    await desk.advance(0.4)
    early = list(desk.shelf.batches)
    await desk.advance(0.1)

    assert early == []
    assert desk.shelf.batches == [([1, 2], ["run.r.log.beat"], None)]
    await desk.ref.stop(block=False)


async def test_a_large_batch_is_written_at_once() -> None:
    desk = Desk()

    await desk.tell(of_tick(1, size=BATCH_BYTES))

    assert [ticks for ticks, _, _ in desk.shelf.batches] == [[1]]
    await desk.ref.stop(block=False)


async def test_stopping_writes_what_is_left_and_closes_the_record() -> None:
    desk = Desk()
    await desk.tell(of_tick(1), Checkpoint(1, {}, {}))

    await desk.ref.stop(block=False)

    assert desk.shelf.batches == [([1], [], 1)]
    assert desk.shelf.closed


async def test_a_row_has_the_hash_the_aggregates_and_the_columns_of_its_tick() -> None:
    desk = Desk()

    await desk.tell(of_tick(3))
    await desk.flush()

    [row] = desk.shelf.rows
    assert isinstance(row, TickRow)
    assert (row.tick, row.time, row.hash) == (3, 3.0, "hash 3")
    assert row.aggregates == {"value": 0.5}
    assert row.columns
    await desk.ref.stop(block=False)


async def test_a_checkpoint_waits_for_its_tick() -> None:
    desk = Desk()
    await desk.tell(of_tick(1), Checkpoint(2, {"number": 2}, {"beat": 2}))
    await desk.flush()

    await desk.tell(of_tick(2))
    status = await desk.flush()

    assert desk.shelf.batches == [([1], [], None), ([2], [], 2)]
    assert status == RecorderStatus("recording", 2)
    await desk.ref.stop(block=False)


async def test_the_run_is_told_which_tick_was_taken() -> None:
    desk = Desk()

    await desk.tell(of_tick(1), of_tick(2))

    assert desk.told == [Acknowledge("recorded", 1), Acknowledge("recorded", 2)]
    await desk.ref.stop(block=False)


async def test_a_full_disk_ends_the_recording_and_not_the_run() -> None:
    desk = Desk()
    await desk.tell(of_tick(1))
    await desk.flush()
    desk.shelf.full = True

    await desk.tell(of_tick(2), Checkpoint(2, {}, {}))
    status = await desk.flush()
    await desk.tell(of_tick(3))
    await desk.advance(10.0)
    await desk.flush()

    assert status.state == "stopped"
    assert "No space left" in (status.reason or "")
    assert desk.reports == [{"what": "recording", "reason": status.reason, "tick": 1}]
    assert desk.told[-1] == Acknowledge("recorded", 3)
    assert desk.shelf.closed
    await desk.ref.stop(block=False)


async def test_a_record_too_large_for_columns_is_said_once() -> None:
    desk = Desk()
    desk.shelf.large = True

    for number in (1, 2, 3):
        await desk.tell(of_tick(number))
        await desk.flush()

    assert [(report["what"], report["tick"]) for report in desk.reports] == [("columns", 0)]
    assert len(desk.shelf.batches) == 3
    await desk.ref.stop(block=False)


async def test_a_value_that_cannot_be_packed_ends_the_recording_and_not_the_recorder() -> None:
    desk = Desk()

    await desk.tell(
        Deliver(None, (Event("run.r.log.odd", {"value": object()}, epoch="e", offset=0),))
    )
    status = await desk.flush()

    assert status.state == "stopped"
    assert "cannot be packed" in (status.reason or "")
    await desk.ref.stop(block=False)


async def test_a_record_that_cannot_be_opened_is_reported_to_the_run() -> None:
    def impossible() -> Shelf:
        raise RecordingError("no such folder")

    desk = Desk(impossible)
    await desk.tell(of_tick(1))

    assert (await desk.flush()).state == "stopped"
    assert len(desk.reports) == 1
    await desk.ref.stop(block=False)


@pytest.mark.parametrize("topic", ["tick", "agents", "state", "log.beat"])
def test_the_record_holds_everything_but_detail_on_demand(topic: str) -> None:
    patterns = [s.pattern for s in recorded_topics("r")]

    assert any(pattern.matches(f"run.r.{topic}") for pattern in patterns)
    assert not any(pattern.matches("run.r.belief.1") for pattern in patterns)


def change(run: Any, tick: int) -> Checkpoint:
    event = Event("run.r.log.perturbation", {"by": "ada"}, tick, None, "e", 0)
    return Checkpoint(tick, {"number": tick}, {}, (event,), run)


async def test_a_checkpoint_that_is_waited_for_is_written_at_once_with_its_events() -> None:
    desk = Desk()
    told: list[Any] = []
    run = Listener.start(told)

    await desk.tell(of_tick(1), change(run, 1))

    assert desk.shelf.batches == [([1], ["run.r.log.perturbation"], 1)]
    assert told == [Kept(1)]


async def test_it_waits_for_its_tick_and_a_later_one_does_not_take_its_events_away() -> None:
    desk = Desk()
    told: list[Any] = []
    run = Listener.start(told)

    await desk.tell(change(run, 2), Checkpoint(2, {"number": 2}, {}))
    assert (desk.shelf.batches, told) == ([], [])
    await desk.tell(of_tick(2))

    assert desk.shelf.batches == [([2], ["run.r.log.perturbation"], 2)]
    assert told == [Kept(2)]


async def test_who_waits_for_a_checkpoint_that_the_disk_does_not_take_is_let_go() -> None:
    desk = Desk()
    told: list[Any] = []
    run = Listener.start(told)
    desk.shelf.full = True

    await desk.tell(of_tick(1), change(run, 1))
    await desk.tell(change(run, 1))

    assert told == [Kept(1), Kept(1)]
