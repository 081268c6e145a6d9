"""Token buckets, by a clock that is only a number."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.buckets import Buckets, TokenBucket
from web.errors import Refusal
from web.limits import Allowance, RateLimits, network_of, span


@dataclass(frozen=True)
class Rates:
    messages_per_connection: int = 3
    messages_per_user: int = 0
    messages_per_ip: int = 0
    window: float = 60.0


def refused(allowance: Allowance, now: float) -> dict[str, object]:
    with pytest.raises(Refusal) as refusal:
        allowance.take(now)
    return refusal.value.details


def test_a_bucket_may_be_used_up_in_a_burst_and_fills_evenly() -> None:
    bucket = TokenBucket(60, 60.0, now=0.0)

    assert [bucket.take(0.0) for _ in range(60)] == [0.0] * 60
    assert bucket.take(0.0) == pytest.approx(1.0)
    assert bucket.take(1.0) == 0.0
    assert bucket.take(1.5) == pytest.approx(0.5)


@given(st.lists(st.floats(0, 100), max_size=200).map(sorted))
def test_no_window_admits_more_than_the_burst_and_the_refill(times: list[float]) -> None:
    bucket = TokenBucket(5, 10.0, now=0.0)

    admitted = [now for now in times if not bucket.take(now)]

    for start in admitted:
        assert sum(start <= now <= start + 10 for now in admitted) <= 10


def test_a_capacity_of_0_is_no_limit() -> None:
    bucket = TokenBucket(0, 60.0, now=0.0)

    assert {bucket.take(0.0) for _ in range(1000)} == {0.0}


def test_a_refusal_tells_the_limit_its_window_when_to_come_again_and_whose_it_is() -> None:
    allowance = RateLimits(Rates()).allowance("ada", "::1", 0.0)
    for _ in range(3):
        allowance.take(0.0)

    assert refused(allowance, 0.0) == {
        "limit": 3, "window": "1m", "retry_after": 20, "scope": "connection",
    }  # fmt: skip


@pytest.mark.parametrize("scope", ["user", "ip"])
def test_a_new_connection_does_not_fill_the_buckets_of_its_user_and_address(scope: str) -> None:
    rates = RateLimits(Rates(**{"messages_per_connection": 0, f"messages_per_{scope}": 2}))
    first = rates.allowance("ada", "::1", 0.0)
    first.take(0.0)
    first.take(0.0)

    assert refused(rates.allowance("ada", "::1", 1.0), 1.0)["scope"] == scope


def test_a_refused_message_is_counted_nowhere_else() -> None:
    rates = RateLimits(Rates(messages_per_connection=1, messages_per_ip=2))
    greedy = rates.allowance(None, "::1", 0.0)
    greedy.take(0.0)
    for _ in range(5):
        refused(greedy, 0.0)

    rates.allowance(None, "::1", 0.0).take(0.0)


def test_who_goes_on_although_refused_abuses_it() -> None:
    allowance = RateLimits(Rates()).allowance(None, "::1", 0.0)
    for _ in range(3):
        allowance.take(0.0)

    verdicts = []
    for _ in range(4):
        refused(allowance, 0.0)
        verdicts.append(allowance.abused)

    assert verdicts == [False, False, False, True]


def test_only_so_many_keys_are_remembered_and_full_buckets_are_forgotten_first() -> None:
    buckets = Buckets(5, 60.0, most=100)
    for number in range(1000):
        buckets.of(f"10.0.0.{number}", 0.0).take(0.0)
    assert len(buckets) == 100

    for _ in range(200):
        buckets.of("10.0.0.999", 100.0)

    assert len(buckets) == 1


def test_a_length_of_time_is_told_in_few_characters() -> None:
    assert [span(60), span(120), span(90), span(0.5)] == ["1m", "2m", "90s", "0.5s"]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_address_counts_as_its_64_bit_network(address: str, network: str) -> None:
    assert network_of(address) == network
