"""What a worker says, put into the words of the wire."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from actors.event import Event, Position
from actors.topics import Pattern
from sim.tick import Columns
from web.codec import packable
from web.errors import Refusal


class Vitals(Protocol):
    """How the worker fares."""

    def introduction(self) -> dict[str, Any]:
        """The params of `worker.attach`."""
        ...

    async def report(self) -> dict[str, Any]:
        """The params of `worker.report`."""
        ...

    def missed(self, pattern: Pattern, seen: Mapping[str, Position]) -> tuple[Event, ...]:
        """The events at hand that somebody lacks who has seen so much of these topics."""
        ...


class Unframed:
    """Takes the place of a frame where none is made: the uplink words its events itself."""

    size = 0


def told(event: Event) -> dict[str, Any]:
    """An event as `publish` carries it."""
    return {
        "topic": event.topic,
        "data": _data(event.data),
        "tick": event.tick,
        "time": event.time,
        "epoch": event.epoch,
        "offset": event.offset,
    }


def _data(data: object) -> object:
    """Columns as they are recorded; all else is packed for this."""
    return msgspec.Raw(data.packed) if isinstance(data, Columns) else packable(data)


def failure(refusal: Refusal) -> dict[str, Any]:
    """Why a question was refused, as `worker.reply` carries it."""
    return {
        "code": refusal.code,
        "message": refusal.message,
        "details": packable(refusal.details),
    }
