"""Topics and patterns, checked against a model that spells every topic out."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.topics import InvalidTopic, Pattern, covers, is_topic

LETTERS = ("a", "b", "other")  # `other` is in no pattern below
LONGEST = 5
TOPICS = [
    ".".join(tokens)
    for length in range(1, LONGEST + 1)
    for tokens in itertools.product(LETTERS, repeat=length)
]


def patterns(most_tokens: int = LONGEST - 1) -> st.SearchStrategy[Pattern]:
    tokens = st.lists(st.sampled_from(["a", "b", "*"]), min_size=0, max_size=most_tokens - 1)
    last = st.sampled_from(["a", "b", "*", ">"])
    return st.builds(lambda first, end: Pattern.parse(".".join([*first, end])), tokens, last)


def matches_naively(pattern: str, topic: str) -> bool:
    wanted, given_tokens = pattern.split("."), topic.split(".")
    if not wanted or not given_tokens:
        return not wanted and not given_tokens
    head, *rest = wanted
    if head == ">":
        return True
    if head not in ("*", given_tokens[0]):
        return False
    if not rest or len(given_tokens) == 1:
        return not rest and len(given_tokens) == 1
    return matches_naively(".".join(rest), ".".join(given_tokens[1:]))


@given(patterns(), st.sampled_from(TOPICS))
def test_a_pattern_matches_what_the_naive_model_says(pattern: Pattern, topic: str) -> None:
    assert pattern.matches(topic) == matches_naively(pattern.text, topic)


@given(st.lists(patterns(), max_size=5), patterns())
def test_patterns_cover_another_exactly_when_they_admit_each_of_its_topics(
    allowed: list[Pattern], wanted: Pattern
) -> None:
    every = all(
        any(matches_naively(pattern.text, topic) for pattern in allowed)
        for topic in TOPICS
        if matches_naively(wanted.text, topic)
    )

    assert covers(allowed, wanted) == every


@pytest.mark.parametrize(
    ("allowed", "wanted", "answer"),
    [
        (["run.a.>"], "run.a.belief.17", True),
        (["run.a.>"], "run.a", False),
        (["run.a.>"], "run.*.tick", False),
        (["run.*.tick"], "run.>", False),
        (["a.*", "a.*.>"], "a.>", True),
        ([">"], ">", True),
        ([], "a", False),
    ],
)
def test_a_token_for_some_topics_covers_only_those(
    allowed: list[str], wanted: str, answer: bool
) -> None:
    assert covers([Pattern.parse(text) for text in allowed], Pattern.parse(wanted)) is answer


@pytest.mark.parametrize(
    "text",
    ["", ".", "a.", ".a", "a..b", "a b", "a.>.b", ">.a", "a*", "a.b>", "ü", "a\n", "a" * 257],
)
def test_a_malformed_pattern_is_refused_with_its_reason(text: str) -> None:
    with pytest.raises(InvalidTopic) as refused:
        Pattern.parse(text)

    assert refused.value.text == text
    assert refused.value.reason


@pytest.mark.parametrize("text", ["a", "run.r-1.belief.17", "A_b.0"])
def test_tokens_joined_by_dots_are_a_topic(text: str) -> None:
    assert is_topic(text)


@pytest.mark.parametrize("text", ["", "a.", "a.*", ">", "a\n", "a" * 257])
def test_what_holds_a_wildcard_or_nothing_is_no_topic(text: str) -> None:
    assert not is_topic(text)
