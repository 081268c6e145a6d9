"""Starts children, restarts them when they die, and stops them in order."""

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from random import random as uniform
from typing import Any, TypeAlias

import pykka

from actors.child import (
    Child,
    Entry,
    Launched,
    NameTakenError,
    Overdue,
    Relaunch,
    StartFailedError,
    TooManyRestartsError,
    UnknownActorError,
    launch,
    patiently,
)
from actors.facts import ChildFailed, ChildGivenUp, ChildRestarted, ChildStarted, ChildStopped, Fact
from actors.future import LoopFuture
from actors.loop import LoopActor
from actors.reference import ENDED, FAILED, NOTHING_AT_ALL, Died, PlacedRef, describe
from actors.restart import Backoff, Intensity, Restart, Restarts, Strategy
from actors.runtime import Place
from actors.shutdown import overdue, stop_in_order, waits

# What a handler returns: None, or the rest of its work, for which the mailbox waits.
Later: TypeAlias = Coroutine[Any, Any, None] | None


@dataclass(frozen=True, slots=True)
class StartChild:
    """Start one more child, behind the others. Answer: its ref, or the error of its start."""

    child: Child


@dataclass(frozen=True, slots=True)
class StopChild:
    """Stop a child and forget it. Answer, when it has ended: True, or False if there was none."""

    name: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Tell the watcher all further facts of a child. Answer: whether there is such a child."""

    target: str | PlacedRef[Any]
    watcher: pykka.ActorRef[Any]


class Supervisor(LoopActor):
    """Looks after its children by the rules in `restart.py`.

    A restarted child keeps name, path, ref and the messages that wait for it. When there are too
    many restarts, the supervisor stops its children and fails, which is for its parent to deal
    with; with `escalate=False` it counts per child, and gives up that child alone.
    A supervisor that fails otherwise, by an error of its own, finds its children running.
    """

    # Requests of others only: deaths have the lane.
    mailbox_size = 100_000

    def __init__(
        self,
        children: Iterable[Child] = (),
        *,
        name: str = "",
        strategy: Strategy = Strategy.ONE_FOR_ONE,
        intensity: Intensity = Intensity(),
        backoff: Backoff = Backoff(),
        escalate: bool = True,
        random: Callable[[], float] = uniform,
    ) -> None:
        ref = self.actor_ref
        if name and ref.parent is None:
            ref.path = f"/{name}"
        if ref.children is None:
            ref.children = {}
        self._table: dict[str, Entry] = ref.children
        self._specs = tuple(children)
        self._static = frozenset(child.name for child in self._specs)
        self._strategy = strategy
        self._intensity = intensity
        self._backoff = backoff
        self._escalate = escalate
        self._random = random
        self._restarts = Restarts(intensity)

    async def on_start(self) -> None:  # type: ignore[override]  # the mailbox waits for it
        for child in self._specs:
            if child.name not in self._table:
                await self._start_first(child)
        # After a failure of its own the rest is there; whoever died meanwhile is started again.
        dead = [e for e in self._table.values() if not e.lives and e.timer is None]
        await self._relaunch_in_order([e for e in dead if e.ref.state != ENDED])

    async def on_stop(self) -> None:  # type: ignore[override]  # the mailbox waits for it
        await self._stop_these(list(self._table.values()), keep=self.actor_ref.keeps)

    def on_receive(self, message: object) -> Any:
        match message:
            case Died():
                return self._died(message)
            case StartChild(child):
                return self._start_child(child)
            case StopChild(name):
                return self._stop_child(name)
            case Watch(target, watcher):
                return self._watch(target, watcher)
            case Relaunch(names):
                return self._relaunch(names)
            case Overdue(name, incarnation):
                entry = self._table.get(name)
                if entry is not None and entry.ref.incarnation == incarnation:
                    entry.ref.kill(overdue(entry))
                return None
            case _:
                return super().on_receive(message)

    def _launch(self, child: Child, ref: PlacedRef[Any] | None) -> Launched:
        """Start a child in its place, with the ref that it had if there is one."""
        path = f"{self.path}/{child.name}"
        return launch(child, Place(path, self.actor_ref, child.restart, ref), self.runtime)

    async def _start_first(self, child: Child) -> None:
        """Start a child of the constructor's, and let it finish its `on_start`."""
        ref, error = self._launch(child, None)
        if ref is None:
            raise StartFailedError(f"{self.path}/{child.name}", error)
        if error is not None:
            entry = self._table[child.name] = Entry(child, ref)
            await patiently(self._recover(entry, describe(error)))
        else:
            self._enter(child, ref)
            await ref.started().within(child.start_timeout, self.runtime.clock)

    def _start_child(self, child: Child) -> LoopFuture[Any]:
        # Errors are answers, not raised: who tells instead of asking must not end the supervisor.
        if child.name in self._table:
            return LoopFuture.failed(NameTakenError(self.path, child.name))
        ref, error = self._launch(child, None)
        if ref is not None and error is not None:
            ref.close(FAILED)
        if ref is None or error is not None:
            return LoopFuture.failed(error or UnknownActorError(child.name))
        self._enter(child, ref)
        return LoopFuture.of(ref)

    def _enter(self, child: Child, ref: PlacedRef[Any]) -> None:
        entry = self._table[child.name] = Entry(child, ref, lives=True)
        self._tell(entry, ChildStarted(child.name, ref.path, ref.actor_class.__name__))

    def _stop_child(self, name: str) -> LoopFuture[bool]:
        entry = self._table.get(name)
        if entry is None:
            return LoopFuture.of(False)
        if entry.stops is None:
            entry.stops = []
            if not entry.lives:
                entry.ref.close(ENDED)
                self._forget(entry, "stopped")
                return LoopFuture.of(True)
            entry.ref.survives = NOTHING_AT_ALL
            entry.ref.stop(block=False)
            late = Overdue(name, entry.ref.incarnation)
            entry.timer = self.after(entry.child.stop_timeout, late)
        stopped: LoopFuture[bool] = LoopFuture()
        entry.stops.append(stopped)
        return stopped

    def _watch(self, target: str | PlacedRef[Any], watcher: pykka.ActorRef[Any]) -> bool:
        name = target if isinstance(target, str) else target.name
        entry = self._table.get(name)
        if entry is None or (not isinstance(target, str) and entry.ref is not target):
            watcher.tell(ChildStopped(name, f"{self.path}/{name}", "not there"))
            return False
        entry.watchers = [*(w for w in entry.watchers if w.is_alive()), watcher]
        return True

    def _died(self, died: Died) -> Later:
        ref = died.ref
        entry = self._table.get(ref.name)
        current = entry is not None and entry.ref is ref and died.incarnation == ref.incarnation
        if entry is None or not current or not entry.lives:
            return None
        entry.lives = False
        if entry.stops is not None:
            self._forget(entry, died.reason)
        elif died.waits:
            return self._recover(entry, died.reason)
        else:
            name, reason = entry.child.name, died.reason
            failed = ChildFailed(name, ref.path, reason, None)
            self._tell(entry, failed if died.failed else ChildStopped(name, ref.path, reason))
            self._drop(entry)
        return None

    def _recover(self, entry: Entry, reason: str) -> Later:
        """Restart after the backoff; or give up, after too many restarts."""
        now = self.runtime.clock.now()
        own = entry.own_restarts(self._intensity)
        recent = own.recent(now)
        too_many = own.note(now)
        if self._escalate:
            too_many = self._restarts.note(now)
        name = entry.child.name
        if too_many:
            self._tell(entry, ChildGivenUp(name, entry.ref.path, reason))
            if self._escalate:
                return self._give_up(reason)
            entry.ref.close(FAILED)
            self._drop(entry)
            return None
        delay = self._backoff.delay(recent, self._random)
        self._tell(entry, ChildFailed(name, entry.ref.path, reason, delay))
        if self._strategy is Strategy.ONE_FOR_ONE:
            self._relaunch_later([entry], delay)
            return None
        names = self._strategy.affected(list(self._table), name)
        return self._halt([self._table[name] for name in names], delay)

    async def _halt(self, entries: list[Entry], delay: float) -> None:
        """Stop the affected, last first, to start them together."""
        await self._stop_these(entries, keep=True)
        self._relaunch_later([e for e in entries if self._holds(e)], delay)

    def _relaunch_later(self, entries: list[Entry], delay: float) -> None:
        timer = self.after(delay, Relaunch(tuple(entry.child.name for entry in entries)))
        for entry in entries:
            entry.cancel_timer()
            entry.timer = timer

    def _relaunch(self, names: tuple[str, ...]) -> Later:
        entries = [e for name in names if (e := self._table.get(name)) and not e.lives]
        if len(entries) == 1:
            return self._relaunch_one(entries[0])
        return self._relaunch_in_order(entries)

    async def _relaunch_in_order(self, entries: list[Entry]) -> None:
        for entry in entries:
            await patiently(self._relaunch_one(entry))
            if entry.lives:
                await entry.ref.started().within(entry.child.start_timeout, self.runtime.clock)
            elif self._strategy is not Strategy.ONE_FOR_ONE:
                return

    def _relaunch_one(self, entry: Entry) -> Later:
        entry.timer = None
        old = entry.ref
        ref, error = self._launch(entry.child, old if old.is_alive() else None)
        if ref is not None:
            entry.ref = ref
        if error is not None:
            return self._recover(entry, describe(error))
        entry.lives = True
        entry.ref.note_restart(old)
        restarts = entry.ref.restarts
        self._tell(entry, ChildRestarted(entry.child.name, entry.ref.path, restarts))
        return None

    async def _give_up(self, reason: str) -> None:
        await self._stop_these(list(self._table.values()), keep=True)
        error = TooManyRestartsError(self.path, self._intensity, reason)
        if self.actor_ref.parent is None:
            self.runtime.facts.tell(ChildGivenUp(self.actor_ref.name, self.path, str(error)))
        raise error

    async def _stop_these(self, entries: list[Entry], *, keep: bool) -> None:
        """Stop children in order; those that have nothing to wait for leave the table."""
        await stop_in_order(entries, self.runtime.clock, keep=keep)
        for entry in reversed(entries):
            if not waits(entry, keep) and self._holds(entry):
                self._forget(entry, "stopped")

    def _holds(self, entry: Entry) -> bool:
        return self._table.get(entry.child.name) is entry

    def _forget(self, entry: Entry, reason: str) -> None:
        """A child that was asked to stop has ended."""
        entry.cancel_timer()
        del self._table[entry.child.name]
        self._tell(entry, ChildStopped(entry.child.name, entry.ref.path, reason))
        for stopped in entry.stops or ():
            stopped.set(True)

    def _drop(self, entry: Entry) -> None:
        """A child is dead for good: gone, unless the constructor's, which the tree shows dead."""
        if entry.child.name not in self._static or entry.child.restart is Restart.TEMPORARY:
            del self._table[entry.child.name]

    def _tell(self, entry: Entry, fact: Fact) -> None:
        entry.tell_watchers(fact)
        self.runtime.facts.tell(fact)
