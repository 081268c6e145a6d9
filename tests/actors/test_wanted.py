"""Which agents' detail is made, by what viewers are subscribed to."""

import pytest

from actors.publishing import Demand
from actors.wanted import Wanted


def wanted(*patterns: str, most: int = 1000) -> Wanted:
    made = Wanted("r", most)
    made.change(Demand(frozenset(patterns)))
    return made


def test_at_first_nobody_wants_anything() -> None:
    assert Wanted("r", 10).agents("belief", 100) == []


@pytest.mark.parametrize(
    ("pattern", "beliefs", "states"),
    [
        ("run.r.belief.3", [3], []),
        ("run.*.agent.3", [], [3]),
        ("run.r.*.3", [3], [3]),
        ("*.r.belief.*", [0, 1, 2, 3, 4], []),
        ("run.r.>", [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]),
        (">", [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]),
        ("run.other.>", [], []),
        ("run.r.tick", [], []),
        ("run.r.belief", [], []),
        ("run.r.belief.3.more", [], []),
        ("run.r.belief.99", [], []),
        ("run.r.belief.name", [], []),
        ("run.r.belief.1234567890123", [], []),
    ],
)
def test_a_pattern_wants_the_agents_that_it_matches(
    pattern: str, beliefs: list[int], states: list[int]
) -> None:
    chosen = wanted(pattern)

    assert chosen.agents("belief", 5) == beliefs
    assert chosen.agents("agent", 5) == states


def test_who_is_asked_for_by_number_comes_before_the_lowest() -> None:
    chosen = wanted("run.r.belief.*", "run.r.belief.77", "run.r.belief.0", most=4)

    assert chosen.agents("belief", 100) == [0, 1, 2, 77]


def test_no_more_than_the_bound_are_made() -> None:
    chosen = wanted(*(f"run.r.agent.{number}" for number in range(50)), most=10)

    assert chosen.agents("agent", 100) == list(range(10))


def test_a_change_replaces_what_was_wanted() -> None:
    chosen = wanted("run.r.belief.3")

    chosen.change(Demand(frozenset({"run.r.belief.4"})))

    assert chosen.agents("belief", 10) == [4]


def test_who_is_wanted_by_number_is_asked_for_whatever_the_kind() -> None:
    chosen = wanted("run.r.belief.4", "run.r.agent.2", "run.r.agent.*", "run.r.agent.99")

    assert chosen.asked(50) == [2, 4]
