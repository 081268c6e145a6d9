"""Who may be connected, and how many are counted."""

from dataclasses import dataclass, field
from itertools import count

import pytest

from web.auth import Identity, anonymous
from web.errors import Refusal
from web.pool import Member, Pool

_numbers = count()


@dataclass(frozen=True)
class Room:
    connections: int = 0
    connections_per_user: int = 0
    connections_per_ip: int = 0


@dataclass
class QuietLine:
    """A line on which nothing happens."""

    heard_at: float = 0.0
    pinged_at: float = 0.0
    queued: int = 0
    pings: list[bytes] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    looks: int = 0

    def write_ping(self, data: bytes) -> None:
        self.pings.append(data)

    def look(self) -> None:
        self.looks += 1

    def lose(self, reason: str) -> None:
        self.lost.append(reason)


def make_member(
    user: str | None = "ada", address: str = "::1", scope: str = "observe", queued: int = 0
) -> Member:
    identity = anonymous(control=False) if user is None else Identity(user, frozenset((scope,)))
    return Member(f"c{next(_numbers)}", identity, address, 0.0, QuietLine(queued=queued))


def scope_of_refusal(pool: Pool, member: Member) -> object:
    with pytest.raises(Refusal) as refusal:
        pool.admit(member)
    assert refusal.value.code == "CONNECTION_LIMIT_EXCEEDED"
    return refusal.value.details["scope"]


def test_each_limit_turns_away_who_is_one_too_many() -> None:
    in_all, per_user, per_ip = Pool(Room(2)), Pool(Room(0, 2)), Pool(Room(0, 0, 2))
    for pool in (in_all, per_user, per_ip):
        pool.admit(make_member())
        pool.admit(make_member())

    assert scope_of_refusal(in_all, make_member("bob", "192.0.2.2")) == "all"
    assert scope_of_refusal(per_user, make_member("ada", "192.0.2.2")) == "user"
    assert scope_of_refusal(per_ip, make_member("bob", "::1")) == "ip"
    assert in_all.refused == 1
    per_user.admit(make_member("bob"))
    per_ip.admit(make_member("ada", "192.0.2.2"))


def test_who_leaves_makes_room_once() -> None:
    pool = Pool(Room(1, 1, 1))
    member = make_member()
    pool.admit(member)

    pool.leave(member, 1000)
    pool.leave(member, 1000)

    pool.admit(make_member())
    assert (len(pool), pool.total, pool.traffic.closes) == (1, 2, {1000: 1})


def test_anonymous_visitors_share_no_limit_by_user() -> None:
    pool = Pool(Room(0, 1))

    pool.admit(make_member(None))
    pool.admit(make_member(None))

    assert len(pool) == 2


def test_workers_are_never_turned_away_and_take_nobodys_place() -> None:
    pool = Pool(Room(1, 1, 1))
    for _ in range(3):
        pool.admit(make_member("worker:a", scope="publish"))

    pool.admit(make_member())

    assert (len(pool), pool.viewers) == (4, 1)


def test_the_pool_knows_how_much_waits_in_all_and_for_one() -> None:
    pool = Pool(Room())
    for queued in (10, 300, 20):
        pool.admit(make_member(queued=queued))

    assert pool.queued == (330, 300)


def test_the_addresses_of_one_ipv6_network_share_its_connections() -> None:
    pool = Pool(Room(connections_per_ip=2))
    for number in range(2):
        pool.admit(make_member(None, f"2001:db8:1:2::{number + 1}"))

    with pytest.raises(Refusal) as refusal:
        pool.admit(make_member(None, "2001:db8:1:2:ffff::9"))
    pool.admit(make_member(None, "2001:db8:1:3::1"))

    assert refusal.value.details == {"limit": 2, "scope": "ip"}
