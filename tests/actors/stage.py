"""A broadcaster with subscribers that remember what they were told, on a clock set by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pykka

from actors.audience import Subscriptions
from actors.broadcaster import Broadcaster
from actors.event import Event, Mode, Position, Subscription
from actors.history import History, HistoryLimits
from actors.loop import LoopActor
from actors.publishing import Deliver, Demand, Publish, Subscribe, Subscribed
from actors.runtime import Runtime
from actors.topics import Pattern
from tests.clock import ManualClock
from tests.settle import settle


@dataclass(frozen=True, slots=True)
class Text:
    """A frame that can be read in a test."""

    encoding: str
    topics: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.topics)


@dataclass(slots=True)
class Encoder:
    """Counts how often it is called; fails for data that is the text `poison`."""

    calls: list[str] = field(default_factory=list)

    def __call__(self, encoding: str, events: Sequence[Event]) -> Text:
        if any(event.data == "poison" for event in events):
            raise ValueError("this event cannot be encoded")
        self.calls.append(encoding)
        return Text(encoding, tuple(event.topic for event in events))


class Listener(LoopActor):
    """Keeps what it is told."""

    def __init__(self, told: list[Any]) -> None:
        super().__init__()
        self._told = told

    def on_receive(self, message: Any) -> Any:
        self._told.append(message)


@dataclass(slots=True)
class Seat:
    """A subscriber and what it was told."""

    ref: pykka.ActorRef[Any]
    told: list[Any]

    @property
    def deliveries(self) -> list[Deliver]:
        return [message for message in self.told if isinstance(message, Deliver)]

    @property
    def demands(self) -> list[frozenset[str]]:
        return [message.patterns for message in self.told if isinstance(message, Demand)]

    @property
    def events(self) -> list[Event]:
        return [event for deliver in self.deliveries for event in deliver.events]

    @property
    def offsets(self) -> list[int]:
        return [event.offset for event in self.events]


class Stage:
    """The broadcaster and everything around it. Make it where a loop runs."""

    def __init__(
        self,
        limits: HistoryLimits | None = None,
        start: Callable[..., pykka.ActorRef[Any]] = Broadcaster.start,
    ) -> None:
        self.clock = ManualClock()
        self.runtime = Runtime(clock=self.clock)
        self.encoder = Encoder()
        self.history = History("own", limits)
        self.subscriptions = Subscriptions()
        self.broadcaster = start(self.encoder, self.history, self.subscriptions)

    def seat(self) -> Seat:
        told: list[Any] = []
        return Seat(Listener.start(told), told)

    async def subscribe(
        self,
        seat: Seat,
        *patterns: str,
        mode: Mode = "all",
        max_hz: float | None = None,
        encoding: str | None = "json",
        since: dict[str, Position] | None = None,
    ) -> Subscribed:
        wishes = tuple(Subscription(Pattern.parse(text), mode, max_hz) for text in patterns)
        asked = Subscribe(seat.ref, wishes, encoding, since or {})
        answer: Subscribed = await self.broadcaster.ask(asked, block=False)
        return answer

    async def publish(self, *events: Event) -> None:
        self.broadcaster.tell(Publish(events))
        await settle()

    async def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await settle()


def tick(number: int, topic: str = "run.a.tick", data: object = None) -> Event:
    return Event(topic, data, tick=number, epoch="e", offset=number)
