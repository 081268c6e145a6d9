"""The connections that are open, how many each user and address may have, and what they moved."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from pykka import ActorRef

from web.auth import Identity
from web.backlog import Waiting
from web.errors import CONNECTION_LIMIT_EXCEEDED, Refusal
from web.ledger import Ledger, LocalLedger
from web.limits import network_of


class PoolSettings(Protocol):
    """Connections that may be open; 0 means no limit."""

    @property
    def connections(self) -> int: ...
    @property
    def connections_per_user(self) -> int: ...
    @property
    def connections_per_ip(self) -> int: ...


class Line(Protocol):
    """The socket's side of a connection, as the pool and the sweeper see it."""

    heard_at: float
    pinged_at: float

    @property
    def queued(self) -> int:
        """Bytes that wait to be sent."""
        ...

    def write_ping(self, data: bytes) -> None:
        """Asks the client for a sign of life."""
        ...

    def lose(self, reason: str) -> None:
        """Ends a connection whose client is gone."""
        ...

    def look(self) -> None:
        """A second has passed: sees to a client that reads slowly."""
        ...


@dataclass(slots=True)
class Traffic:
    """What all connections moved since the start."""

    messages_in: int = 0
    messages_out: int = 0
    writes: int = 0  # system calls that sent something
    bytes_in: int = 0
    bytes_out: int = 0
    conflated: int = 0
    slow_consumers: int = 0
    closes: Counter[int] = field(default_factory=Counter)
    waiting: Waiting = field(default_factory=Waiting)


@dataclass(slots=True, eq=False)
class Member:
    """An open connection. `warned`: its client knows that the token is about to end; `network` is
    what limits per address count it by."""

    client_id: str
    identity: Identity
    address: str
    opened_at: float  # seconds since 1970
    line: Line
    connection: ActorRef[Any] | None = None
    warned: bool = False
    network: str = field(init=False)

    def __post_init__(self) -> None:
        self.network = network_of(self.address)


class Pool:
    """Who is connected. Workers (scope `publish`) are counted and never turned away."""

    def __init__(self, settings: PoolSettings, ledger: Ledger | None = None) -> None:
        """`ledger` has what this process shares with others."""
        self._settings = settings
        self._ledger = ledger if ledger is not None else LocalLedger()
        self._members: dict[str, Member] = {}
        self._workers = 0
        self.traffic = Traffic()
        self.total = 0
        self.refused = 0

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Member]:
        return iter(tuple(self._members.values()))

    @property
    def viewers(self) -> int:
        """Connections that are no workers."""
        return len(self._members) - self._workers

    @property
    def queued(self) -> tuple[int, int]:
        """Bytes that wait for clients: of all, and of the one for whom most wait."""
        waiting = [member.line.queued for member in self._members.values()]
        return sum(waiting), max(waiting, default=0)

    def admit(self, member: Member) -> None:
        """Takes the connection in; raises Refusal where a limit is reached."""
        if member.identity.is_worker:
            self._workers += 1
        else:
            with self._ledger.held():
                self._check(member)
                self._count(member, 1)
        self._members[member.client_id] = member
        self.total += 1

    def leave(self, member: Member, close_code: int) -> None:
        """Lets the connection go; `close_code` as the client was or would have been told."""
        if self._members.pop(member.client_id, None) is None:
            return
        if member.identity.is_worker:
            self._workers -= 1
        else:
            with self._ledger.held():
                self._count(member, -1)
        self.traffic.closes[close_code] += 1

    def _check(self, member: Member) -> None:
        settings, identity, ledger = self._settings, member.identity, self._ledger
        counted = [("all", settings.connections, "")]
        if not identity.is_anonymous:
            counted.append(("user", settings.connections_per_user, identity.user))
        counted.append(("ip", settings.connections_per_ip, member.network))
        for scope, limit, key in counted:
            if limit and ledger.taken(scope, key) >= limit:
                self.refused += 1
                raise Refusal(CONNECTION_LIMIT_EXCEEDED, limit=limit, scope=scope)

    def _count(self, member: Member, change: int) -> None:
        ledger, identity = self._ledger, member.identity
        ledger.add("all", "", change)
        ledger.add("ip", member.network, change)
        if not identity.is_anonymous:
            ledger.add("user", identity.user, change)
