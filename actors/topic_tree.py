"""Topics or patterns as a tree of tokens, so that a search costs what it finds."""

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

Value = TypeVar("Value")


class TopicTree(Generic[Value]):
    """One value per topic or per pattern; ask `matching` of patterns, `within` of topics."""

    __slots__ = ("_branches", "_leaf")

    def __init__(self) -> None:
        self._branches: dict[str, TopicTree[Value]] = {}
        self._leaf: tuple[Value, ...] = ()

    def put(self, tokens: Sequence[str], value: Value) -> None:
        """Set the value at these tokens."""
        node = self
        for token in tokens:
            node = node._branches.setdefault(token, TopicTree())
        node._leaf = (value,)

    def get(self, tokens: Sequence[str]) -> Value | None:
        """The value at exactly these tokens, wildcards taken as they are written."""
        node: TopicTree[Value] | None = self
        for token in tokens:
            node = node._branches.get(token) if node is not None else None
        return node._leaf[0] if node is not None and node._leaf else None

    def remove(self, tokens: Sequence[str]) -> None:
        """Forget the value at these tokens, and the branches that then lead nowhere."""
        way = [self]
        for token in tokens:
            way.append(way[-1]._branches[token])
        way[-1]._leaf = ()
        for parent, child, token in zip(way[-2::-1], way[:0:-1], tokens[::-1], strict=True):
            if child._leaf or child._branches:
                return
            del parent._branches[token]

    def matching(self, topic: Sequence[str]) -> Iterator[Value]:
        """The values of all patterns here that the topic matches."""
        if not topic:
            yield from self._leaf
            return
        rest = self._branches.get(">")
        if rest is not None:
            yield from rest._leaf
        for token in (topic[0], "*"):
            branch = self._branches.get(token)
            if branch is not None:
                yield from branch.matching(topic[1:])

    def within(self, pattern: Sequence[str]) -> Iterator[Value]:
        """The values of all topics here that are in the pattern."""
        if not pattern:
            yield from self._leaf
        elif pattern[0] == ">":
            for branch in self._branches.values():
                yield from branch._everything()
        elif pattern[0] == "*":
            for branch in self._branches.values():
                yield from branch.within(pattern[1:])
        elif pattern[0] in self._branches:
            yield from self._branches[pattern[0]].within(pattern[1:])

    def _everything(self) -> Iterator[Value]:
        yield from self._leaf
        for branch in self._branches.values():
            yield from branch._everything()
