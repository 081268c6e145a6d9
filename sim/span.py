"""A span of ticks, as Python's slices have it: from the first on, without the end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sim.manifest import RecordingError
from sim.recording import Recording, TickRow

_TEXT = re.compile(r"(\d{0,18})(?::(\d{0,18})(?::(\d{1,18}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """Ticks `first`, `first + step` and so on, up to `last`, which is included; None: no end."""

    first: int = 1
    last: int | None = None
    step: int = 1

    @classmethod
    def of(cls, ticks: "slice | int | Span | None") -> "Span":
        """The ticks `100:200` are those from 100 to 199; raises RecordingError."""
        match ticks:
            case None:
                return cls()
            case Span():
                return ticks
            case int():
                return cls(ticks, ticks)
        first, end, step = ticks.start, ticks.stop, ticks.step
        for bound, least in ((first, 0), (end, 0), (step, 1)):
            if bound is not None and (not isinstance(bound, int) or bound < least):
                raise RecordingError(
                    f"the ticks {first}:{end}:{step} are no span; allowed are first:end or"
                    " first:end:step, in whole numbers that are not negative"
                )
        return cls(max(1, first or 1), None if end is None else end - 1, step or 1)

    @classmethod
    def parse(cls, text: str) -> "Span":
        """`100:200`, `100:`, `:200:10` or `7`; raises RecordingError."""
        found = _TEXT.fullmatch(text.strip())
        if found is None or not text.strip():
            raise RecordingError(
                f"{text[:60]!r} is no span of ticks; allowed is first:end, such as 100:200 for the"
                " ticks 100 to 199, or one number"
            )
        if ":" not in text:
            return cls.of(int(text))
        bounds = [int(bound) if bound else None for bound in found.groups()]
        return cls.of(slice(*bounds))

    def __contains__(self, tick: int) -> bool:
        is_within = self.first <= tick and (self.last is None or tick <= self.last)
        return is_within and (tick - self.first) % self.step == 0

    def rows(self, recording: Recording, *, columns: bool = True) -> Iterator[TickRow]:
        """The recorded ones of these ticks, as they are asked for."""
        for row in recording.ticks(self.first, self.last, columns=columns):
            if row.tick in self:
                yield row
