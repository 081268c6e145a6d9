"""What happens to actors, as values: for watchers, and for whoever publishes it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChildStarted:
    """A child was started for the first time."""

    name: str
    path: str
    actor: str


@dataclass(frozen=True, slots=True)
class ChildFailed:
    """A child died of an error; `retry_in` seconds from now it is restarted, None: never."""

    name: str
    path: str
    reason: str
    retry_in: float | None


@dataclass(frozen=True, slots=True)
class ChildRestarted:
    """A child runs again, for the `restarts`-th time."""

    name: str
    path: str
    restarts: int


@dataclass(frozen=True, slots=True)
class ChildGivenUp:
    """A child died too often, and stays dead."""

    name: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChildStopped:
    """A child ended without an error, or was stopped."""

    name: str
    path: str
    reason: str


Fact: TypeAlias = ChildStarted | ChildFailed | ChildRestarted | ChildGivenUp | ChildStopped


class Facts:
    """Passes facts on to listeners, on the loop's thread."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Fact], object]] = []

    def listen(self, listener: Callable[[Fact], object]) -> Callable[[], None]:
        """Call the listener with every fact; returns how to end that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, fact: Fact) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(fact)
            except Exception:
                logger.exception("A listener failed for %s", fact)
