"""How many messages may come: token buckets, no clock of their own, tables that stay small."""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Hashable
from typing import Protocol

from web.errors import RATE_LIMIT_EXCEEDED, Refusal

_HOUSEHOLD = 64  # leading bits of an IPv6 address
_MOST_KEYS = 10_000  # users, and addresses, whose buckets are remembered


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


class TokenBucket:
    """Holds up to `capacity` tokens, refilled evenly over `window` seconds; 0 never ends."""

    __slots__ = ("_at", "_tokens", "capacity", "window")

    def __init__(self, capacity: int, window: float, now: float) -> None:
        self.capacity = capacity
        self.window = window
        self._tokens = float(capacity)
        self._at = now

    def wait(self, now: float) -> float:
        """Seconds until there is a token; 0 if there is one now."""
        if not self.capacity:
            return 0.0
        refill = (now - self._at) * self.capacity / self.window
        self._tokens = min(float(self.capacity), self._tokens + max(refill, 0.0))
        self._at = now
        return max(0.0, (1.0 - self._tokens) * self.window / self.capacity)

    def take(self, now: float) -> float:
        """Takes a token if there is one; otherwise the seconds until there is."""
        wait = self.wait(now)
        if not wait and self.capacity:
            self._tokens -= 1.0
        return wait

    def is_full(self, now: float) -> bool:
        """Whether forgetting it would change nothing."""
        return now - self._at >= self.window or self._tokens >= self.capacity


class Buckets:
    """The buckets of one scope by key; they outlive connections. Full ones are forgotten first,
    and the one that was used longest ago when there are too many."""

    def __init__(self, capacity: int, window: float, most: int = _MOST_KEYS) -> None:
        self._capacity = capacity
        self._window = window
        self._most = most
        self._buckets: OrderedDict[Hashable, TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def of(self, key: Hashable, now: float) -> TokenBucket:
        """The bucket of this key."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = TokenBucket(self._capacity, self._window, now)
        self._buckets.move_to_end(key)
        while len(self._buckets) > self._most or self._oldest_is_full(now):
            self._buckets.popitem(last=False)
        return bucket

    def _oldest_is_full(self, now: float) -> bool:
        oldest = next(iter(self._buckets.values()))
        return len(self._buckets) > 1 and oldest.is_full(now)


class RateLimits:
    """The messages of users and addresses, over all of their connections and after them."""

    def __init__(self, settings: RateSettings) -> None:
        self.settings = settings
        self._users = Buckets(settings.messages_per_user, settings.window)
        self._addresses = Buckets(settings.messages_per_ip, settings.window)

    def allowance(self, user: str | None, address: str, now: float) -> "Allowance":
        """What one connection may send; without a user only by address."""
        return Allowance(self, user, address, now)

    def shared(self, user: str | None, address: str, now: float) -> list[tuple[str, TokenBucket]]:
        """The buckets that this connection shares with others, by scope."""
        found = [("ip", self._addresses.of(address, now))]
        if user is not None:
            found.append(("user", self._users.of(user, now)))
        return found


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
