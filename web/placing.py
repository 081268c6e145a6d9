"""What a connection tells itself when the broadcaster has carried out what its client asked for."""

from dataclasses import dataclass
from typing import Any

from actors.event import Subscription
from actors.future import LoopFuture
from actors.topics import Pattern
from web.dialogue import AskSubscribe


@dataclass(frozen=True, slots=True)
class Placed:
    """The broadcaster has answered; `before` are the subscriptions as they were."""

    asked: AskSubscribe
    before: dict[Pattern, Subscription]
    answer: LoopFuture[Any]


@dataclass(frozen=True, slots=True)
class Parted:
    """The broadcaster tells no more of these patterns; `id` is that of the client's message."""

    id: str | None
    patterns: tuple[Pattern, ...]
