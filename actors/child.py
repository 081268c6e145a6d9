"""What a supervisor is told about a child, and what it keeps of it."""

import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pykka

from actors.facts import Fact
from actors.future import LoopFuture
from actors.reference import PlacedRef
from actors.restart import Intensity, Restart, Restarts
from actors.runtime import Place, Runtime
from actors.timers import Timer

logger = logging.getLogger(__name__)

Start: TypeAlias = Callable[[], pykka.ActorRef[Any]]
# A child's ref, if it came that far, and why it did not start, if it did not.
Launched: TypeAlias = tuple[PlacedRef[Any] | None, Exception | None]


class UnknownActorError(TypeError):
    """The child's `start` gave something that a supervisor cannot look after."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the start of child {name!r} must start one LoopActor or ThreadActor, return its ref,"
            " and start no other actor before it"
        )
        self.name = name


class NameTakenError(ValueError):
    """There is a child of that name."""

    def __init__(self, path: str, name: str) -> None:
        super().__init__(f"{path} has a child {name!r} already")
        self.path = path
        self.name = name


class StartFailedError(RuntimeError):
    """A child of the constructor's could not even be made, so that there is nothing to restart."""

    def __init__(self, path: str, cause: Exception | None) -> None:
        super().__init__(f"{path} could not be started: {cause}")
        self.path = path
        self.cause = cause


class TooManyRestartsError(Exception):
    """A supervisor gives up, and leaves it to its own parent."""

    def __init__(self, path: str, intensity: Intensity, reason: str) -> None:
        super().__init__(
            f"{path}: more than {intensity.restarts} restarts in {intensity.window:g} s;"
            f" the last because of {reason}"
        )
        self.path = path
        self.intensity = intensity
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Relaunch:
    """A supervisor to itself: the backoff of these children is over."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overdue:
    """A supervisor to itself: the child was asked to stop as long ago as it may take."""

    name: str
    incarnation: int


@dataclass(frozen=True, slots=True)
class Child:
    """A child to start: `start` is a callable, or class, args and kwargs.

    `stop_timeout` seconds after it was asked to stop it is ended by force; the start of the next
    sibling waits for its `on_start` no longer than `start_timeout` seconds.
    """

    name: str
    start: Start | tuple[type[pykka.Actor], tuple[Any, ...], dict[str, Any]]
    restart: Restart = Restart.PERMANENT
    stop_timeout: float = 5.0
    start_timeout: float = 5.0

    def __post_init__(self) -> None:
        if not self.name or "/" in self.name:
            raise ValueError(f"{self.name!r} cannot be a child's name: it is part of a path")

    def launch(self) -> pykka.ActorRef[Any]:
        """Start the actor."""
        if callable(self.start):
            return self.start()
        actor_class, args, kwargs = self.start
        return actor_class.start(*args, **kwargs)


@dataclass(slots=True, eq=False)
class Entry:
    """A child in its supervisor's table; outlives both the child and the supervisor's failures."""

    child: Child
    ref: PlacedRef[Any]
    lives: bool = False
    timer: Timer | None = None
    watchers: Sequence[pykka.ActorRef[Any]] = ()
    stops: list[LoopFuture[bool]] | None = None
    restarts: Restarts | None = None

    def own_restarts(self, intensity: Intensity) -> Restarts:
        """The child's own restarts."""
        if self.restarts is None:
            self.restarts = Restarts(intensity)
        return self.restarts

    def cancel_timer(self) -> None:
        """Forget the restart, or the end of patience, that was set up for it."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def tell_watchers(self, fact: Fact) -> None:
        """Tell those who are still there; forget the others."""
        if self.watchers:
            self.watchers = [watcher for watcher in self.watchers if watcher.is_alive()]
            for watcher in self.watchers:
                watcher.tell(fact)


def launch(child: Child, place: Place, runtime: Runtime) -> Launched:
    """Start the child in its place, on the loop's thread; its ref and the error, if any."""
    if place.ref is not None:
        place.ref.survives = place.survives
    try:
        with runtime.placing(place):
            ref = child.launch()
        if not isinstance(ref, PlacedRef) or ref is not place.ref:
            raise UnknownActorError(child.name)  # noqa: TRY301 - treated as any other
    except Exception as error:
        logger.exception("%s could not be started", place.path)
        if place.ref is not None:
            place.ref.not_born()
        return place.ref, error
    return ref, None


async def patiently(work: Coroutine[Any, Any, None] | None) -> None:
    """Await what a step leaves to do, if anything."""
    if work is not None:
        await work
