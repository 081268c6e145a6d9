"""Messages that an actor sends itself later. They end with the actor, on its runtime's clock."""

from typing import Any, Protocol

from actors.clock import Cancellable
from actors.mailbox import NOTHING, Kept
from actors.runtime import Runtime


class Owner(Protocol):
    """Whose timer it is; called on the loop's thread to deliver, on any to forget."""

    def deliver(self, timer: "Timer") -> None: ...

    def forget(self, timer: "Timer") -> None: ...


class Timer(Kept):
    """Delivers a message once, or every `period` seconds. At most one of its messages waits.

    After `cancel` the message does not arrive any more, even if it is in the mailbox already.
    A periodic timer keeps its beat: it does not drift, and skips what it is late for.
    """

    __slots__ = (
        "_handle",
        "_owner",
        "_runtime",
        "_waiting",
        "_when",
        "active",
        "message",
        "period",
    )

    def __init__(
        self,
        runtime: Runtime,
        seconds: float,
        message: Any,
        *,
        period: float | None,
        owner: Owner,
    ) -> None:
        if period is not None and period <= 0:
            raise ValueError(f"a period of {period} s would never let anything else happen")
        self.active = True
        self.message = message
        self.period = period
        self._runtime = runtime
        self._owner = owner
        self._waiting = False
        self._handle: Cancellable | None = None
        self._when = runtime.clock.now() + seconds
        runtime.call(self._arm)

    def cancel(self) -> None:
        """End it, from any thread; a second time does nothing."""
        if self.active:
            self.active = False
            self._owner.forget(self)
            self._runtime.call(self._disarm)

    def take(self) -> Any:
        """The message for the actor to handle now; `NOTHING` when the timer was cancelled."""
        self._waiting = False
        if not self.active:
            return NOTHING
        if self.period is None:
            self.active = False
            self._owner.forget(self)
        return self.message

    def _arm(self) -> None:
        if self.active:
            self._handle = self._runtime.clock.call_at(self._when, self._due)

    def _disarm(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _due(self) -> None:
        self._handle = None
        if not self.active:
            return
        if not self._waiting:
            self._waiting = True
            self._owner.deliver(self)
        if self.period is not None:
            late = max(0.0, self._runtime.clock.now() - self._when)
            self._when += self.period * (1 + late // self.period)
            self._arm()
