"""The clock of a simulation, on a thread of its own, and the commands that steer it."""

import math
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Any

import pykka

from actors.breakpoint import met
from actors.event import Event
from actors.future import LoopFuture
from actors.lead import Lead
from actors.reference import describe
from actors.run_clock import Pace
from actors.simulated import Begun, RunSettings
from actors.steering import (
    COMMANDS,
    Acknowledge,
    Attach,
    Checkpoint,
    CommandRefused,
    Happened,
    Kept,
    Pause,
    Perturb,
    Ping,
    Report,
    Resume,
    RunStatus,
    SaveCheckpoint,
    Seek,
    SetSpeed,
    State,
    Step,
    Stop,
    Suspend,
    Ticked,
    Until,
)
from actors.stepping import Steps, refuse
from actors.thread import ThreadActor
from sim.condition import Condition
from sim.tick import Log, Tick

FASTEST = 100_000.0  # ticks a second that can be asked for; 0 is as fast as it can


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
        self._epoch = settings.epoch
        self._begin = begin
        self._follower = follower
        self._recorder = recorder
        self._begun = False
        self._state: State = "starting"
        self._reason: str | None = None
        self._number = 0
        self._states = 0
        self._offsets: dict[str, int] = {}
        self._steps = Steps()
        self._suspended = False
        self._until: Condition | None = None
        self._last: Tick | None = None
        self._kept: tuple[Event, LoopFuture[RunStatus], float] | None = None

    def on_start(self) -> None:
        settings = self._settings
        begun = self._begin()
        self._simulation = begun.simulation
        self._number = begun.simulation.number
        self._states = begun.states
        self._offsets = dict(begun.counts)
        self._pace = Pace(settings.hz if begun.hz is None else begun.hz, monotonic())
        self._begun = True
        self._until = begun.until
        self._lead = Lead.of(settings, self._number, is_recorded=self._recorder is not None)
        self._attach()
        self._enter("restarted" if begun.resumed else "starting")
        self._enter("paused" if begun.paused else "running")
        self._known = begun.known
        if begun.paused:
            self._steps.left = max(0, begun.known - self._number)

    def deadline(self) -> float | None:
        if self._kept is not None:
            return self._kept[2]
        if self._suspended or not (self._state == "running" or self._steps.left):
            return None
        if self._lead.is_too_long:
            return self._lead.deadline
        now = monotonic()
        return now if self._steps.left else now + self._pace.wait(now)

    def on_due(self) -> None:
        if self._kept is not None:
            # A recorder that was restarted does not know of it any more.
            self._go_on_after_change()
        elif not self._lead.is_too_long:
            self._tick()
            return
        self._lead.give_up_waiting()
        # A recorder that was restarted does not know its run any more.
        self._attach()

    def on_receive(self, message: Any) -> Any:
        match message:
            case Acknowledge(stage, tick, epoch):
                if epoch in ("", self._epoch):
                    self._lead.acknowledged(stage, tick, monotonic())
            case Report(log):
                self._happened(self._log_event(log, self._number))
            case Ping():
                return self._status()
            case Kept():
                self._go_on_after_change()
            case _ if isinstance(message, COMMANDS):
                return self._command(message)
            case _:
                return super().on_receive(message)
        return None

    def on_stop(self) -> None:
        self._steps.end("the run stopped before the steps were made")
        self._go_on_after_change()

    def on_failure(
        self,
        _exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        assert exception_value is not None
        self._reason = describe(exception_value).splitlines()[0]
        self._steps.end(f"the run failed: {self._reason}")
        kept, self._kept = self._kept, None
        if kept is not None:
            refuse(kept[1], f"the run failed: {self._reason}")
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
            case Until(condition):
                self._go_on_until(condition)
            case Perturb():
                return self._perturb(command)
            case Pause():
                self._until = None
                self._steps.end("the run was told to pause before the steps were made")
                self._change("paused")
            case Resume():
                self._steps.end("the run was told to go on before the steps were made")
                self._pace.resume(monotonic())
                self._change("running")
            case Seek(tick):
                return self._seek(tick)
            case Stop():
                self._until = None
                self._steps.end("the run was told to stop before the steps were made")
                self._save_checkpoint()
                self._change("finished")
            case Suspend():
                self._steps.end("the run was suspended before the steps were made")
                self._save_checkpoint()
                self._suspended = True
        return self._status()

    def _step(self, ticks: int) -> LoopFuture[RunStatus]:
        if self._state != "paused":
            raise CommandRefused("a run makes single steps only while it is paused")
        return self._steps.ask(ticks)

    def _seek(self, _tick: int) -> LoopFuture[RunStatus]:
        raise CommandRefused("only a replay goes to another tick; replay or fork the run")

    def _go_on_until(self, condition: Condition) -> None:
        if self._last is not None:
            condition.check(self._last.columns, self._last.aggregates)
        self._steps.end("the run was told to go on before the steps were made")
        self._until = condition
        self._pace.resume(monotonic())
        self._enter("running")

    def _perturb(self, command: Perturb) -> LoopFuture[RunStatus]:
        if self._kept is not None:
            raise CommandRefused("another change is being recorded")
        if self._number < self._known:
            # Ticks that somebody saw are made again as they were.
            raise CommandRefused(f"the run is on its way back to tick {self._known}")
        self._simulation.perturb(command.agent, command.change)
        data = {"agent": command.agent, "change": dict(command.change), "by": command.by}
        event = self._log_event(Log("perturbation", data), self._number)
        self._kept = (event, LoopFuture(), monotonic() + self._settings.patience)
        answer = self._kept[1]
        if self._recorder is None:
            self._go_on_after_change()
        else:
            self._save_checkpoint((event,), self.actor_ref)
        return answer

    def _go_on_after_change(self) -> None:
        """What is told of it, and what follows from it, begins when it is on record."""
        kept, self._kept = self._kept, None
        if kept is not None:
            event, answer, _ = kept
            self._happened(event)
            answer.set(self._status())

    def _set_speed(self, hz: float) -> None:
        if not math.isfinite(hz) or not 0 <= hz <= FASTEST:
            raise CommandRefused(f"a speed of {hz} Hz was asked for; allowed are 0 to {FASTEST:g}")
        self._pace.change(hz, monotonic())
        self._enter(self._state)

    def _tick(self) -> None:
        tick = self._simulation.tick()
        self._number, self._last = tick.number, tick
        events = tuple(self._log_event(log, tick.number, tick.time) for log in tick.log)
        now = monotonic()
        self._pace.ticked(now)
        self._lead.sent(tick.number, now)
        self._follower.tell(Ticked(tick, events, self.actor_ref, self._epoch))
        if tick.number % self._settings.checkpoint_ticks == 0:
            self._save_checkpoint()
        data = None if self._until is None else met(self._until, tick)
        if data is not None:
            self._until = None
            self._happened(self._log_event(Log("breakpoint", data), tick.number, tick.time))
            self._enter("paused")
        self._steps.made(self._status)

    def _save_checkpoint(
        self, events: tuple[Event, ...] = (), keep: pykka.ActorRef[Any] | None = None
    ) -> None:
        if self._recorder is not None:
            data = self._simulation.checkpoint()
            counts = dict(self._offsets)
            self._recorder.tell(Checkpoint(self._number, data, counts, events, keep))

    def _log_event(self, log: Log, number: int, time: float | None = None) -> Event:
        offset = self._offsets.get(log.kind, 0)
        self._offsets[log.kind] = offset + 1
        topic = f"run.{self._settings.run}.log.{log.kind}"
        return Event(topic, log.data, number, time, self._epoch, offset)

    def _change(self, state: State) -> None:
        if state != self._state:
            self._enter(state)

    def _enter(self, state: State) -> None:
        """Be in the state and tell it. Before the simulation has begun its offset is not known."""
        self._state = state
        epoch, hz = (self._epoch, self._pace.hz) if self._begun else ("", self._settings.hz)
        data: dict[str, Any] = {"state": state, "tick": self._number, "hz": hz}
        if self._reason is not None:
            data["reason"] = self._reason
        if self._until is not None:
            data["until"] = self._until.text
        topic = f"run.{self._settings.run}.state"
        offset = self._states if self._begun else -1
        self._happened(Event(topic, data, self._number, None, epoch, offset))
        self._states += 1

    def _happened(self, event: Event) -> None:
        self._follower.tell(Happened(event))

    def _status(self) -> RunStatus:
        until = None if self._until is None else self._until.text
        return RunStatus(self._state, self._number, self._pace.hz, self._reason, until)
