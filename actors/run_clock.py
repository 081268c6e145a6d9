"""When the next tick of a run is due."""

CATCH_UP = 0.25  # seconds of delay that are made good by faster ticks; more is forgotten


class Pace:
    """Deadlines at a fixed rate, each from the one before, so that small delays do not add up.

    `hz` 0: always due. Times are monotonic seconds that the caller hands in.
    """

    def __init__(self, hz: float, now: float) -> None:
        self.hz = hz
        self._due = now

    def change(self, hz: float, now: float) -> None:
        """Another rate from now on; the next tick is due one new period from now."""
        self.hz = hz
        self._due = now + (1.0 / hz if hz else 0.0)

    def resume(self, now: float) -> None:
        """The next tick is due now; a pause is no delay to make good."""
        self._due = now

    def wait(self, now: float) -> float:
        """Seconds until the next tick is due; 0 if it is."""
        return max(0.0, self._due - now) if self.hz else 0.0

    def ticked(self, now: float) -> None:
        """A tick was made: set the next deadline."""
        if self.hz:
            self._due = max(self._due + 1.0 / self.hz, now - CATCH_UP)
