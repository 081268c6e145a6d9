"""Writes a run into its record, in batches, and never stands in the run's way."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import pykka

from actors.event import Event, Subscription
from actors.history import weigh
from actors.publishing import Deliver
from actors.reference import describe
from actors.steering import Acknowledge, Attach, Checkpoint, Kept, Report
from actors.thread import ThreadActor
from actors.topics import Pattern
from sim.packing import PackingError, wire
from sim.recording import EventRow, RecordingError, TickRow
from sim.tick import Columns, Log

BATCH_BYTES = 2**22

Broken = (RecordingError, PackingError)


def recorded_topics(run: str) -> frozenset[Subscription]:
    """What the recorder of a run subscribes to, without an encoding."""
    names = ("tick", "agents", "state", "log.>")
    return frozenset(Subscription(Pattern.parse(f"run.{run}.{name}")) for name in names)


class Record(Protocol):
    """What a recorder writes into: `sim.recording.Recording`, or one in a test that fails."""

    def last_tick(self) -> int: ...

    def append(
        self,
        ticks: Sequence[TickRow],
        events: Sequence[EventRow],
        checkpoint: tuple[int, dict[str, Any]] | None = None,
    ) -> bool: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class RecorderStatus:
    """`tick`: the last one on disk; `reason`: why it stopped recording."""

    state: Literal["recording", "stopped"]
    tick: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Flush:
    """Write what was told so far; answered with the status after that."""


@dataclass(frozen=True, slots=True)
class _BatchDue:
    """The first event of the batch has waited long enough."""


class Recorder(ThreadActor):
    """A subscriber of the broadcaster: see `recorded_topics`.

    A checkpoint is written with, or after, the tick that it was taken at. When the disk fails, the
    run goes on: recording ends, and the run is asked to say so in a log event; so it is when the
    record has grown too large for columns.
    """

    mailbox_size = 20_000

    def __init__(
        self, run: str, open_recording: Callable[[], Record], batch_seconds: float = 0.5
    ) -> None:
        super().__init__()
        self._prefix = f"run.{run}."
        self._open = open_recording
        self._batch_seconds = batch_seconds
        self._recording: Record | None = None
        self._reason: str | None = None
        self._said: set[str] = set()
        self._is_full = False
        self._run: pykka.ActorRef[Any] | None = None
        self._ticks: list[TickRow] = []
        self._events: list[EventRow] = []
        self._bytes = 0
        self._due = False
        self._checkpoint: Checkpoint | None = None
        self._seen = 0
        self._written = 0

    def on_start(self) -> None:
        try:
            self._recording = self._open()
            self._seen = self._written = self._recording.last_tick()
        except Broken as error:
            self._give_up(error)

    def on_receive(self, message: Any) -> Any:
        match message:
            case Deliver(_, events):
                self._deliver(events)
            case Checkpoint():
                self._take_checkpoint(message)
            case Attach(run):
                self._run = run
                self._report()
            case Flush():
                self._write()
                state: Literal["recording", "stopped"] = "stopped" if self._reason else "recording"
                return RecorderStatus(state, self._written, self._reason)
            case _BatchDue():
                self._due = False
                self._write()
            case _:
                return super().on_receive(message)
        return None

    def on_stop(self) -> None:
        self._write()
        if self._recording is not None:
            self._recording.close()

    def _deliver(self, events: Iterable[Event]) -> None:
        try:
            self._take(events)
        except Broken as error:
            self._give_up(error)

    def _take(self, events: Iterable[Event]) -> None:
        ticks: dict[int, Event] = {}
        columns: dict[int, Event] = {}
        for event in events:
            name = event.topic.removeprefix(self._prefix)
            if name == "tick":
                ticks[event.offset] = event
            elif name == "agents":
                columns[event.offset] = event
            elif self._recording is not None:
                self._events.append(_event_row(event))
                self._bytes += len(self._events[-1].data)
        if ticks:
            self._seen = max(ticks)
            if self._run is not None:
                self._run.tell(Acknowledge("recorded", self._seen))
        if self._recording is not None:
            for number, event in ticks.items():
                self._ticks.append(_tick_row(event, columns.get(number)))
                self._bytes += weigh(event.data) + len(self._ticks[-1].columns or b"")
            self._write_soon()

    def _take_checkpoint(self, checkpoint: Checkpoint) -> None:
        before = self._checkpoint
        if before is not None and before.keep is not None:
            events = before.events + checkpoint.events
            checkpoint = replace(checkpoint, events=events, keep=before.keep)
        self._checkpoint = checkpoint
        if self._recording is None:
            self._let_go_on()
        self._write_soon()

    def _let_go_on(self) -> None:
        """Whoever waits for the checkpoint need not any more."""
        checkpoint, self._checkpoint = self._checkpoint, None
        if checkpoint is not None and checkpoint.keep is not None:
            checkpoint.keep.tell(Kept(checkpoint.tick))

    @property
    def _is_awaited(self) -> bool:
        waiting = self._checkpoint
        return waiting is not None and waiting.keep is not None and waiting.tick <= self._seen

    def _write_soon(self) -> None:
        if self._bytes >= BATCH_BYTES or self._is_awaited:
            self._write()
        elif not self._due and self._recording is not None:
            self._due = True
            self.after(self._batch_seconds, _BatchDue())

    def _write(self) -> None:
        if self._recording is None:
            return
        checkpoint = self._checkpoint
        if checkpoint is not None and checkpoint.tick > self._seen:
            checkpoint = None
        try:
            self._append(self._recording, checkpoint)
        except Broken as error:
            self._give_up(error)
            return
        self._written = self._seen
        if checkpoint is not None:
            self._let_go_on()
        self._forget()

    def _append(self, recording: Record, checkpoint: Checkpoint | None) -> None:
        if checkpoint is None:
            has_columns = not (self._ticks or self._events) or recording.append(
                self._ticks, self._events
            )
        else:
            data = {"simulation": checkpoint.simulation, "counts": checkpoint.counts}
            at = (checkpoint.tick, data)
            events = [*self._events, *map(_event_row, checkpoint.events)]
            has_columns = recording.append(self._ticks, events, at)
        if not has_columns:
            self._is_full = True
            self._report()

    def _forget(self) -> None:
        self._ticks, self._events, self._bytes = [], [], 0

    def _give_up(self, error: Exception) -> None:
        """Record nothing more; the run goes on without."""
        self._reason = describe(error)
        self._forget()
        self._let_go_on()
        recording, self._recording = self._recording, None
        if recording is not None:
            try:
                recording.close()
            except Broken as another:
                self._reason += f"; then {describe(another)}"
        self._report()

    def _report(self) -> None:
        """Have each trouble said once, as soon as it is known to whom."""
        if self._is_full:
            self._say("columns", "the record has reached its size; no more columns are stored")
        if self._reason is not None:
            self._say("recording", self._reason)

    def _say(self, what: str, reason: str) -> None:
        if self._run is not None and what not in self._said:
            self._said.add(what)
            data = {"what": what, "reason": reason, "tick": self._written}
            self._run.tell(Report(Log("failure", data)))


def _event_row(event: Event) -> EventRow:
    return EventRow(
        event.topic, event.epoch, event.offset, event.tick, event.time, wire(event.data)
    )


def _tick_row(event: Event, columns: Event | None) -> TickRow:
    data: dict[str, Any] = dict(event.data)  # type: ignore[call-overload]  # a map, by its topic
    packed = None
    if columns is not None:
        held = columns.data
        packed = held.packed if isinstance(held, Columns) else wire(held)
    return TickRow(event.offset, event.time or 0.0, data.pop("hash", ""), data, packed)
