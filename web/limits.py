"""How many messages may come from a connection, a user and an address."""

import ipaddress
import math
from contextlib import AbstractContextManager
from typing import Protocol

from web.buckets import TokenBucket
from web.errors import RATE_LIMIT_EXCEEDED, Refusal
from web.ledger import Ledger, LocalLedger

_HOUSEHOLD = 64  # leading bits of an IPv6 address


class RateSettings(Protocol):
    """Messages per window and scope; 0 means no limit. `window` is in seconds."""

    @property
    def messages_per_connection(self) -> int: ...
    @property
    def messages_per_user(self) -> int: ...
    @property
    def messages_per_ip(self) -> int: ...
    @property
    def window(self) -> float: ...


class RateLimits:
    """The messages of users and addresses, over all of their connections and after them."""

    def __init__(self, settings: RateSettings, ledger: Ledger | None = None) -> None:
        """`ledger` has what this process shares with others."""
        self.settings = settings
        self._ledger = ledger if ledger is not None else LocalLedger()

    def allowance(self, user: str | None, address: str, now: float) -> "Allowance":
        """What one connection may send; without a user only by address."""
        return Allowance(self, user, address, now)

    def shared(self, user: str | None, address: str, now: float) -> list[tuple[str, TokenBucket]]:
        """The buckets that this connection shares with others, by scope."""
        settings, ledger = self.settings, self._ledger
        limit, window = settings.messages_per_ip, settings.window
        found = [("ip", ledger.bucket("ip", address, limit, window, now))]
        if user is not None:
            limit = settings.messages_per_user
            found.append(("user", ledger.bucket("user", user, limit, window, now)))
        return found

    def held(self) -> AbstractContextManager[object]:
        """While it lasts, no other process takes from the buckets."""
        return self._ledger.held()


class Allowance:
    """Admits or refuses each message of one connection.

    `abused` turns true when as many messages were refused within a window as it admits.
    """

    def __init__(self, rates: RateLimits, user: str | None, address: str, now: float) -> None:
        settings = rates.settings
        self._rates = rates
        self._user = user
        self._address = address
        self._own = TokenBucket(settings.messages_per_connection, settings.window, now)
        patience = (
            settings.messages_per_connection
            or settings.messages_per_user
            or settings.messages_per_ip
        )
        self._patience = TokenBucket(patience, settings.window, now)
        self.abused = False

    def take(self, now: float) -> None:
        """Counts one message; raises Refusal if a scope has none left, and then counts it in no
        scope."""
        with self._rates.held():
            self._take(now)

    def _take(self, now: float) -> None:
        shared = self._rates.shared(self._user, self._address, now)
        buckets = [("connection", self._own), *shared]
        for scope, bucket in buckets:
            wait = bucket.wait(now)
            if wait:
                self.abused = self._patience.take(now) > 0
                raise Refusal(
                    RATE_LIMIT_EXCEEDED,
                    limit=bucket.capacity,
                    window=span(bucket.window),
                    retry_after=math.ceil(wait),
                    scope=scope,
                )
        for _, bucket in buckets:
            bucket.take(now)


def network_of(address: str) -> str:
    """What a limit per address counts by: the /64 of an IPv6 address, since whoever has one has
    all of it (RFC 6177); an IPv4 address itself, also where it is mapped into IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), _HOUSEHOLD), strict=False))


def span(seconds: float) -> str:
    """A length of time in few characters: 60 is `1m`, 90 is `90s`."""
    whole = round(seconds)
    return f"{whole // 60}m" if whole and whole % 60 == 0 else f"{seconds:g}s"
