"""How far a run may be ahead of those who take its ticks."""

from collections.abc import Mapping
from typing import Self

from actors.simulated import RunSettings
from actors.steering import Stage


class Lead:
    """Counts ticks under way per stage. A run that is too far ahead waits, but not for ever:
    a stage that says nothing for `patience` seconds is taken to be through."""

    def __init__(self, allowed: Mapping[Stage, int], patience: float, tick: int) -> None:
        self._allowed = dict(allowed)
        self._patience = patience
        self._through: dict[Stage, int] = dict.fromkeys(self._allowed, tick)
        self._sent = tick
        self._heard_at = 0.0

    @classmethod
    def of(cls, settings: RunSettings, tick: int, *, is_recorded: bool) -> Self:
        """For a run that stands at a tick."""
        allowed: dict[Stage, int] = {"published": settings.lead}
        if is_recorded:
            allowed["recorded"] = settings.recorded_lead
        return cls(allowed, settings.patience, tick)

    def sent(self, tick: int, now: float) -> None:
        """The tick is on its way."""
        if not self.is_too_long:
            self._heard_at = now
        self._sent = tick

    def acknowledged(self, stage: Stage, tick: int, now: float) -> None:
        """A stage has dealt with everything up to this tick."""
        if stage in self._through:
            self._through[stage] = max(self._through[stage], tick)
            self._heard_at = now

    @property
    def is_too_long(self) -> bool:
        """Whether the run has to wait."""
        return any(
            self._sent - self._through[stage] >= most for stage, most in self._allowed.items()
        )

    @property
    def deadline(self) -> float:
        """When waiting ends though nothing was heard."""
        return self._heard_at + self._patience

    def give_up_waiting(self) -> None:
        """Take all stages to be through with what was sent."""
        self._through = dict.fromkeys(self._allowed, self._sent)
