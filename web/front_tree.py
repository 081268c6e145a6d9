"""The actors of a front, and how they are put together."""

import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psutil
import pykka

from actors.audience import Subscriptions
from actors.broadcaster import Broadcaster
from actors.child import Child
from actors.history import History, HistoryLimits
from actors.loop import LoopActor, tell_all
from actors.loop_ref import LoopRef
from actors.publishing import Demand, WatchDemand
from actors.supervisor import Supervisor
from web.announcement import Announcement
from web.census import moved
from web.codec import encode_events
from web.config import Settings
from web.front_line import FrontLine, Report
from web.front_link import FrontLink
from web.ledger import SharedLedger
from web.members import as_listed
from web.pool import Pool
from web.sweeper import Sweeper

PERIOD = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class _Count:
    """Time to report."""


class FrontReporter(LoopActor):
    """Tells the first process what viewers here want, and once a second what is counted here."""

    def __init__(
        self,
        link: FrontLink,
        pool: Pool,
        subscriptions: Subscriptions,
        broadcaster: pykka.ActorRef[Any],
    ) -> None:
        super().__init__()
        self._link = link
        self._pool = pool
        self._subscriptions = subscriptions
        self._broadcaster = broadcaster
        self._process = psutil.Process()

    def on_start(self) -> None:
        self._process.cpu_percent()
        self._broadcaster.tell(WatchDemand(self.actor_ref))
        self.every(PERIOD, _Count())

    def on_receive(self, message: Any) -> Any:
        match message:
            case Demand(patterns):
                self._link.want(patterns)
            case _Count():
                self._report()
            case _:
                return super().on_receive(message)
        return None

    def _report(self) -> None:
        figures = moved(self._pool, self._subscriptions, self.runtime.dead_letters.total)
        process = {
            "cpu": self._process.cpu_percent(),
            "rss": self._process.memory_info().rss,
        }
        self._link.send(Report({**figures, "process": process}))


class FrontTree:
    """Starts the actors in their order. `line` leads to the first process."""

    broadcaster: pykka.ActorRef[Any]
    connections: LoopRef[Supervisor]

    def __init__(self, settings: Settings, line: FrontLine, ledger: SharedLedger) -> None:
        self._settings = settings
        limits = settings.history
        self.history = History(
            f"{secrets.token_hex(4)}-{os.getpid()}",
            HistoryLimits(limits.events, limits.topic_bytes, limits.bytes, limits.topics),
        )
        self._subscriptions = Subscriptions()
        self.pool = Pool(settings.limits, ledger)
        self.link = FrontLink(line, self.history, self._announce, self._members)

    async def start(self) -> LoopRef[Supervisor]:
        """All actors run when this is done."""
        root: LoopRef[Supervisor] = Supervisor.start(self._children(), name="front")
        await root.started()
        return root

    def viewers(self) -> list[pykka.ActorRef[Any]]:
        """All connections."""
        return [member.connection for member in self.pool if member.connection is not None]

    def _announce(self, topic: str, data: object) -> None:
        tell_all(self.viewers(), Announcement(topic, data))

    def _members(self) -> list[dict[str, Any]]:
        return [as_listed(member) for member in self.pool]

    def _children(self) -> Sequence[Child]:
        sweeping = (self.pool, self._settings.heartbeat, time.time)
        return (
            Child("broadcaster", self._start_broadcaster),
            Child("reporter", self._start_reporter),
            Child("connections", self._start_connections),
            Child("sweeper", (Sweeper, sweeping, {})),
        )

    def _start_broadcaster(self) -> pykka.ActorRef[Any]:
        self.broadcaster = Broadcaster.start(encode_events, self.history, self._subscriptions)
        return self.broadcaster

    def _start_reporter(self) -> pykka.ActorRef[Any]:
        return FrontReporter.start(self.link, self.pool, self._subscriptions, self.broadcaster)

    def _start_connections(self) -> pykka.ActorRef[Any]:
        self.connections = Supervisor.start(escalate=False)
        return self.connections
