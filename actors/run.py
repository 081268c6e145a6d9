"""The clock of a simulation, on a thread of its own, and the commands that steer it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Any, Protocol

import pykka

from actors.event import Event
from actors.future import LoopFuture
from actors.lead import Lead
from actors.reference import describe
from actors.run_clock import Pace
from actors.steering import (
    Acknowledge,
    Attach,
    Checkpoint,
    CommandRefused,
    Happened,
    Pause,
    Ping,
    Report,
    Resume,
    RunStatus,
    SaveCheckpoint,
    SetSpeed,
    State,
    Step,
    Stop,
    Suspend,
    Ticked,
)
from actors.thread import ThreadActor
from sim.tick import Log, Tick

FASTEST = 100_000.0  # ticks a second that can be asked for; 0 is as fast as it can
MOST_STEPS = 1_000_000


class Simulated(Protocol):
    """What a run runs: `sim.simulation.Simulation`, or a small one in a test."""

    @property
    def number(self) -> int: ...

    def tick(self) -> Tick: ...

    def checkpoint(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class RunSettings:
    """`epoch` numbers the run's events; `lead`: ticks that may be on the loop, `recorded_lead`:
    ticks that the recorder may be behind; `patience`: seconds that either is waited for."""

    run: str
    epoch: str
    hz: float
    checkpoint_ticks: int = 100
    lead: int = 4
    recorded_lead: int = 256
    patience: float = 5.0


@dataclass(frozen=True, slots=True)
class Begun:
    """A simulation ready for its next tick.

    `counts`: next offset per kind of log event; `states`: next offset of the state topic;
    `hz` None: as the settings say.
    """

    simulation: Simulated
    counts: Mapping[str, int] = field(default_factory=dict)
    states: int = 0
    resumed: bool = False
    paused: bool = False
    hz: float | None = None


class Run(ThreadActor):
    """Makes ticks at their time and hands them on; commands go before the next tick.

    `begin` is called on the run's thread and makes the simulation. `follower` is told Ticked and
    Happened, `recorder` Attach and Checkpoint. A failing simulation fails this actor, after the
    state `failed` was told.
    """

    def __init__(
        self,
        settings: RunSettings,
        begin: Callable[[], Begun],
        follower: pykka.ActorRef[Any],
        recorder: pykka.ActorRef[Any] | None = None,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._begin = begin
        self._follower = follower
        self._recorder = recorder
        self._begun = False
        self._state: State = "starting"
        self._reason: str | None = None
        self._number = 0
        self._states = 0
        self._offsets: dict[str, int] = {}
        self._steps = 0
        self._stepped: LoopFuture[RunStatus] | None = None
        self._suspended = False

    def on_start(self) -> None:
        settings = self._settings
        begun = self._begin()
        self._simulation = begun.simulation
        self._number = begun.simulation.number
        self._states = begun.states
        self._offsets = dict(begun.counts)
        hz = begun.hz if begun.hz is not None else settings.hz
        self._pace = Pace(hz, monotonic())
        self._begun = True
        recorded = {"recorded": settings.recorded_lead} if self._recorder is not None else {}
        self._lead = Lead(
            {"published": settings.lead, **recorded},  # type: ignore[dict-item]
            settings.patience,
            self._number,
        )
        self._attach()
        self._enter("restarted" if begun.resumed else "starting")
        self._enter("paused" if begun.paused else "running")

    def deadline(self) -> float | None:
        if self._suspended or not (self._state == "running" or self._steps):
            return None
        if self._lead.is_too_long:
            return self._lead.deadline
        now = monotonic()
        return now if self._steps else now + self._pace.wait(now)

    def on_due(self) -> None:
        if not self._lead.is_too_long:
            self._tick()
            return
        self._lead.give_up_waiting()
        # A recorder that was restarted does not know its run any more.
        self._attach()

    def on_receive(self, message: Any) -> Any:
        match message:
            case Acknowledge(stage, tick):
                self._lead.acknowledged(stage, tick, monotonic())
            case Report(log):
                self._follower.tell(Happened(self._log_event(log, self._number)))
            case Ping():
                return self._status()
            case Pause() | Resume() | Step() | SetSpeed() | SaveCheckpoint() | Stop() | Suspend():
                return self._command(message)
            case _:
                return super().on_receive(message)
        return None

    def on_stop(self) -> None:
        self._end_steps("the run stopped before the steps were made")

    def on_failure(
        self,
        _exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        assert exception_value is not None
        self._reason = describe(exception_value).splitlines()[0]
        self._end_steps(f"the run failed: {self._reason}")
        self._enter("failed")

    def _attach(self) -> None:
        if self._recorder is not None:
            self._recorder.tell(Attach(self.actor_ref))

    def _command(self, command: object) -> RunStatus | LoopFuture[RunStatus]:
        if self._state in ("finished", "failed") or self._suspended:
            raise CommandRefused("the run has ended")
        match command:
            case Step(ticks):
                return self._step(ticks)
            case SetSpeed(hz):
                self._set_speed(hz)
            case SaveCheckpoint():
                self._save_checkpoint()
            case Pause():
                self._end_steps("the run was told to pause before the steps were made")
                self._change("paused")
            case Resume():
                self._end_steps("the run was told to go on before the steps were made")
                self._pace.resume(monotonic())
                self._change("running")
            case Stop():
                self._end_steps("the run was told to stop before the steps were made")
                self._save_checkpoint()
                self._change("finished")
            case Suspend():
                self._end_steps("the run was suspended before the steps were made")
                self._save_checkpoint()
                self._suspended = True
        return self._status()

    def _step(self, ticks: int) -> LoopFuture[RunStatus]:
        if self._state != "paused":
            raise CommandRefused("a run makes single steps only while it is paused")
        if self._stepped is not None:
            raise CommandRefused("the steps asked for before are not done yet")
        if not 1 <= ticks <= MOST_STEPS:
            raise CommandRefused(f"{ticks} steps were asked for; allowed are 1 to {MOST_STEPS}")
        self._steps = ticks
        self._stepped = LoopFuture()
        return self._stepped

    def _set_speed(self, hz: float) -> None:
        if not math.isfinite(hz) or not 0 <= hz <= FASTEST:
            raise CommandRefused(f"a speed of {hz} Hz was asked for; allowed are 0 to {FASTEST:g}")
        self._pace.change(hz, monotonic())
        self._enter(self._state)

    def _tick(self) -> None:
        tick = self._simulation.tick()
        self._number = tick.number
        events = tuple(self._log_event(log, tick.number, tick.time) for log in tick.log)
        now = monotonic()
        self._pace.ticked(now)
        self._lead.sent(tick.number, now)
        self._follower.tell(Ticked(tick, events, self.actor_ref))
        if tick.number % self._settings.checkpoint_ticks == 0:
            self._save_checkpoint()
        if self._steps:
            self._steps -= 1
            if not self._steps and self._stepped is not None:
                stepped, self._stepped = self._stepped, None
                stepped.set(self._status())

    def _save_checkpoint(self) -> None:
        if self._recorder is not None:
            data = self._simulation.checkpoint()
            self._recorder.tell(Checkpoint(self._number, data, dict(self._offsets)))

    def _log_event(self, log: Log, number: int, time: float | None = None) -> Event:
        offset = self._offsets.get(log.kind, 0)
        self._offsets[log.kind] = offset + 1
        topic = f"run.{self._settings.run}.log.{log.kind}"
        return Event(topic, log.data, number, time, self._settings.epoch, offset)

    def _change(self, state: State) -> None:
        if state != self._state:
            self._enter(state)

    def _enter(self, state: State) -> None:
        """Be in the state and tell it. Before the simulation has begun its offset is not known."""
        self._state = state
        epoch = self._settings.epoch if self._begun else ""
        data: dict[str, Any] = {"state": state, "tick": self._number, "hz": self._hz}
        if self._reason is not None:
            data["reason"] = self._reason
        topic = f"run.{self._settings.run}.state"
        offset = self._states if self._begun else -1
        self._follower.tell(Happened(Event(topic, data, self._number, None, epoch, offset)))
        self._states += 1

    @property
    def _hz(self) -> float:
        return self._pace.hz if self._begun else self._settings.hz

    def _end_steps(self, reason: str) -> None:
        self._steps = 0
        stepped, self._stepped = self._stepped, None
        if stepped is not None:
            stepped.set_exception((CommandRefused, CommandRefused(reason), None))

    def _status(self) -> RunStatus:
        return RunStatus(self._state, self._number, self._hz, self._reason)
