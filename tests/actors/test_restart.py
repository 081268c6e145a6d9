"""The rules of supervision, without an actor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.restart import Backoff, Intensity, Restarts, Strategy

NAMES = ["first", "second", "third"]


@pytest.mark.parametrize(
    ("strategy", "affected"),
    [
        (Strategy.ONE_FOR_ONE, ["second"]),
        (Strategy.ALL_FOR_ONE, ["first", "second", "third"]),
        (Strategy.REST_FOR_ONE, ["second", "third"]),
    ],
)
def test_a_strategy_says_who_is_restarted(strategy: Strategy, affected: list[str]) -> None:
    assert strategy.affected(NAMES, "second") == affected


def test_the_delay_doubles_up_to_its_most() -> None:
    backoff = Backoff(first=0.2, factor=2, most=1, jitter=0)

    delays = [backoff.delay(recent, lambda: 0.5) for recent in range(5)]

    assert delays == pytest.approx([0.2, 0.4, 0.8, 1, 1])


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True), st.floats(0, 1))
def test_jitter_only_shortens_a_delay(recent: int, chance: float, jitter: float) -> None:
    backoff = Backoff(jitter=jitter)
    longest = Backoff(jitter=0).delay(recent, lambda: 0.0)

    delay = backoff.delay(recent, lambda: chance)

    assert longest * (1 - jitter) <= delay <= longest <= 10


def test_more_restarts_than_the_intensity_allows_in_its_window_are_too_many() -> None:
    restarts = Restarts(Intensity(restarts=2, window=10))

    assert [restarts.note(now) for now in (0, 1, 2)] == [False, False, True]


def test_restarts_are_forgotten_after_the_window() -> None:
    restarts = Restarts(Intensity(restarts=2, window=10))

    assert [restarts.note(now) for now in (0, 5, 10, 15, 20)] == [False] * 5
    assert restarts.recent(24) == 2
    assert restarts.recent(100) == 0


@given(st.lists(st.floats(0, 3), max_size=50))
def test_what_is_kept_of_restarts_is_bounded(gaps: list[float]) -> None:
    restarts, now = Restarts(Intensity(restarts=3, window=10)), 0.0

    for gap in gaps:
        now += gap
        restarts.note(now)

    assert len(restarts._times) <= 4
