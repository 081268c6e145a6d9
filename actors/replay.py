"""A run that makes recorded ticks again, and goes to any of them."""

from time import monotonic
from types import TracebackType
from typing import Any, Protocol, cast

from actors.future import LoopFuture
from actors.lead import Lead
from actors.run import Run
from actors.simulated import Simulated
from actors.steering import CommandRefused, Perturb, RunStatus
from actors.stepping import refuse
from sim.rebuilding import TimeMachineError

SLICE = 0.05  # seconds of the way to a tick after which commands are heard


class Replayable(Simulated, Protocol):
    """`sim.replaying.Replaying`, or a small one in a test."""

    @property
    def is_at_end(self) -> bool: ...

    @property
    def is_there(self) -> bool: ...

    def seek(self, tick: int) -> None: ...

    def step(self) -> None: ...


class Replay(Run):
    """Begins with the tick that its simulation seeks, and pauses where the record ends.

    `run.seek` goes to another tick, which is told at once, also while the run is paused; the
    events then have a new epoch, since the numbering of the ticks begins again.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._is_arriving = True
        self._answer: LoopFuture[RunStatus] | None = None
        self._epochs = 0

    def deadline(self) -> float | None:
        if self._is_arriving and self._state in ("running", "paused") and not self._suspended:
            return monotonic()
        return super().deadline()

    def on_due(self) -> None:
        if not self._is_arriving:
            super().on_due()
            return
        end = monotonic() + SLICE
        while not self._replayed.is_there and monotonic() < end:
            self._replayed.step()
        if self._replayed.is_there:
            self._arrive()

    def on_stop(self) -> None:
        super().on_stop()
        self._give_up("the replay was stopped")

    def on_failure(
        self,
        exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        super().on_failure(exception_type, exception_value, traceback)
        self._give_up(f"the replay failed: {self._reason}")

    def _tick(self) -> None:
        if self._replayed.is_at_end:
            self._until = None
            self._steps.end("the record ends here")
            self._change("paused")
        else:
            super()._tick()

    def _seek(self, tick: int) -> LoopFuture[RunStatus]:
        try:
            self._replayed.seek(tick)
        except TimeMachineError as error:
            raise CommandRefused(str(error)) from None
        self._give_up("another tick was sought")
        self._steps.end("another tick was sought")
        self._epochs += 1
        self._epoch = f"{self._settings.epoch}-{self._epochs}"
        self._offsets.clear()
        self._last = None
        self._is_arriving = True
        self._answer = LoopFuture()
        return self._answer

    def _perturb(self, _command: Perturb) -> LoopFuture[RunStatus]:
        raise CommandRefused("what is replayed cannot be changed; fork the run to change it")

    def _arrive(self) -> None:
        self._is_arriving = False
        self._number = self._replayed.number
        self._lead = Lead.of(self._settings, self._number, is_recorded=False)
        self._pace.resume(monotonic())
        self._tick()
        self._enter(self._state)
        answer, self._answer = self._answer, None
        if answer is not None:
            answer.set(self._status())

    def _give_up(self, reason: str) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            refuse(answer, reason)

    @property
    def _replayed(self) -> Replayable:
        return cast(Replayable, self._simulation)
