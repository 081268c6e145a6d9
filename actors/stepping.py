"""The steps that a paused run was asked for, and who waits for them."""

from collections.abc import Callable

from actors.future import LoopFuture
from actors.steering import CommandRefused, RunStatus

MOST_STEPS = 1_000_000


class Steps:
    """`left` are still to be made."""

    def __init__(self) -> None:
        self.left = 0
        self._answer: LoopFuture[RunStatus] | None = None

    def ask(self, ticks: int) -> LoopFuture[RunStatus]:
        """Answered when they are made. Raises CommandRefused."""
        if self._answer is not None:
            raise CommandRefused("the steps asked for before are not done yet")
        if not 1 <= ticks <= MOST_STEPS:
            raise CommandRefused(f"{ticks} steps were asked for; allowed are 1 to {MOST_STEPS}")
        self.left = ticks
        self._answer = LoopFuture()
        return self._answer

    def made(self, status: Callable[[], RunStatus]) -> None:
        """One more tick, of which they may count one."""
        if self.left:
            self.left -= 1
            if not self.left and self._answer is not None:
                answer, self._answer = self._answer, None
                answer.set(status())

    def end(self, reason: str) -> None:
        """Those that are left are not made."""
        self.left = 0
        answer, self._answer = self._answer, None
        if answer is not None:
            refuse(answer, reason)


def refuse(answer: LoopFuture[RunStatus], reason: str) -> None:
    """Who waits for it is told why it is not done."""
    answer.set_exception((CommandRefused, CommandRefused(reason), None))
