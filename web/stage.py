"""What a connection needs of the server around it."""

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from msgspec import Struct
from pykka import ActorRef

from actors.event import Event, Position, Subscription
from web.auth import Authenticator, Identity
from web.config import Settings
from web.limits import RateLimits
from web.pool import Pool

# Events by topic, in order.
Missed = Mapping[str, Sequence[Event]]


class Services(Protocol):
    """What answers the queries and commands. Raises Refusal for what cannot be had."""

    async def query(self, name: str, params: Struct, identity: Identity) -> object:
        """The result of a query of web.requests.QUERIES."""
        ...

    async def command(
        self, name: str, params: Struct, identity: Identity, connection: ActorRef[Any]
    ) -> object:
        """The result of a command, after it took effect; `connection` is who asked."""
        ...

    def missed(
        self, subscriptions: Sequence[Subscription], since: Mapping[str, Position]
    ) -> Coroutine[Any, Any, Missed] | None:
        """What came after these positions, by topic, and is no more at hand in the broadcaster.
        None: there is nothing to look for, and what is subscribed to comes here."""
        ...

    def publish(self, identity: Identity, run: str, events: tuple[Event, ...]) -> None:
        """Takes what a worker tells; data is packed (msgspec.Raw of MessagePack) or plain."""
        ...

    def departed(self, connection: ActorRef[Any]) -> None:
        """The connection is gone; it may have been a worker's."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """Handed to every connection. `connections` supervises them; None: they are on their own.
    `processes` serve the port together."""

    name: str
    version: str
    settings: Settings
    authenticator: Authenticator
    rates: RateLimits
    pool: Pool
    broadcaster: ActorRef[Any]
    services: Services
    connections: ActorRef[Any] | None = None
    processes: int = 1
