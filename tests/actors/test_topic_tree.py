"""The tree finds exactly what trying every entry would find."""

from hypothesis import given
from hypothesis import strategies as st

from actors.topic_tree import TopicTree
from actors.topics import Pattern
from tests.actors.test_topics import TOPICS, patterns

topics = st.sampled_from(TOPICS)


@given(st.lists(patterns(), unique=True, max_size=12), topics)
def test_it_finds_the_patterns_that_a_topic_matches(there: list[Pattern], topic: str) -> None:
    tree: TopicTree[Pattern] = TopicTree()
    for pattern in there:
        tree.put(pattern.tokens, pattern)

    found = list(tree.matching(topic.split(".")))

    assert len(found) == len(set(found))
    assert set(found) == {pattern for pattern in there if pattern.matches(topic)}


@given(st.lists(topics, unique=True, max_size=30), patterns())
def test_it_finds_the_topics_within_a_pattern(there: list[str], pattern: Pattern) -> None:
    tree: TopicTree[str] = TopicTree()
    for topic in there:
        tree.put(topic.split("."), topic)

    assert set(tree.within(pattern.tokens)) == {t for t in there if pattern.matches(t)}


@given(st.lists(topics, unique=True, min_size=1, max_size=30), st.data())
def test_what_is_removed_is_gone_and_nothing_else(there: list[str], data: st.DataObject) -> None:
    gone = set(data.draw(st.lists(st.sampled_from(there), unique=True)))
    tree: TopicTree[str] = TopicTree()
    for topic in there:
        tree.put(topic.split("."), topic)

    for topic in gone:
        tree.remove(topic.split("."))

    assert set(tree.within((">",))) == set(there) - gone
    assert all(tree.get(topic.split(".")) is None for topic in gone)


def test_removing_everything_leaves_no_branches() -> None:
    tree: TopicTree[int] = TopicTree()
    tree.put(("a", "b", "c"), 1)
    tree.put(("a", "b"), 2)

    tree.remove(("a", "b", "c"))
    tree.remove(("a", "b"))

    assert tree._branches == {}
