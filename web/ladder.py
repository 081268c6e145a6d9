"""What is done about a client that reads too slowly, step by step; no I/O and no clock."""

from enum import StrEnum

PATIENCE = 5  # looks at which events were replaced, one after the other, until the rate is lowered
CALM = 10  # looks at which nothing waited, one after the other, until it is raised again
SLOWED_HZ = 1.0  # how often a slowed client gets its newest events


class Step(StrEnum):
    """How the events of `latest` topics get to a client; those of `all` are not touched."""

    FLOWING = "flowing"  # each one
    CONFLATING = "conflating"  # the newest, whenever the socket takes more
    SLOWED = "slowed"  # the newest, once a second


class Ladder:
    """The step that a client is on. Its owner looks once a second and says what it sees; both
    methods return the step if it has just changed, and the client is to be told."""

    __slots__ = ("_count", "_replaced", "step")

    def __init__(self) -> None:
        self.step = Step.FLOWING
        self._replaced = False
        self._count = 0

    def replaced(self) -> Step | None:
        """An event gave way to a newer one, since the socket did not take it in time."""
        self._replaced = True
        return self._go(Step.CONFLATING) if self.step is Step.FLOWING else None

    def look(self, *, waits: bool) -> Step | None:
        """A second has passed; `waits`: the socket has still not taken what it was given."""
        replaced, self._replaced = self._replaced, False
        match self.step:
            case Step.CONFLATING:
                if not replaced:
                    return self._go(Step.FLOWING)
                self._count += 1
                return self._go(Step.SLOWED) if self._count >= PATIENCE else None
            case Step.SLOWED:
                self._count = 0 if waits else self._count + 1
                return self._go(Step.FLOWING) if self._count >= CALM else None
            case _:
                return None

    def _go(self, step: Step) -> Step:
        self.step = step
        self._count = 0
        return step
