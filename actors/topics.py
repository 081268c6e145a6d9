"""Topics, and the patterns that choose among them: `*` is one token, a last `>` one or more."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 256  # characters of a topic or pattern
_TOKEN = re.compile(r"[A-Za-z0-9_-]+")
_TOPIC = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
# Stands for a token that no pattern spells out; not a legal token, so it equals none of them.
_ANY_OTHER = "\0"


class InvalidTopic(ValueError):  # noqa: N818 - reads as a statement
    """The text is no topic or pattern; `reason` says which rule it breaks."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{text[:LONGEST]!r} is not a valid topic or pattern: {reason}")
        self.text = text
        self.reason = reason


def is_topic(text: str) -> bool:
    """Whether the text names one topic: tokens joined by dots, no wildcard."""
    return len(text) <= LONGEST and _TOPIC.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A set of topics. Make it with `parse`; equal texts are equal patterns."""

    text: str
    tokens: tuple[str, ...]

    @staticmethod
    def parse(text: str) -> "Pattern":
        """The pattern that the text spells; raises InvalidTopic."""
        if len(text) > LONGEST:
            raise InvalidTopic(text, f"it is longer than {LONGEST} characters")
        tokens = tuple(text.split("."))
        for place, token in enumerate(tokens):
            if token == ">" and place < len(tokens) - 1:
                raise InvalidTopic(text, "`>` may only be the last token")
            if token not in ("*", ">") and _TOKEN.fullmatch(token) is None:
                raise InvalidTopic(
                    text, f"the token {token!r} is not made of letters, digits, `_` and `-`"
                )
        return Pattern(text, tokens)

    @property
    def is_exact(self) -> bool:
        """Whether it names one topic only."""
        return "*" not in self.tokens and self.tokens[-1] != ">"

    def matches(self, topic: str) -> bool:
        """Whether the topic is in the set."""
        return self._matches_tokens(topic.split("."))

    def _matches_tokens(self, given: Sequence[str]) -> bool:
        own = self.tokens
        if own[-1] == ">":
            if len(given) < len(own):
                return False
            own = own[:-1]
        elif len(given) != len(own):
            return False
        return all(token in ("*", there) for token, there in zip(own, given, strict=False))

    def __str__(self) -> str:
        return self.text


EVERYTHING = Pattern.parse(">")


def covers(allowed: Sequence[Pattern], wanted: Pattern) -> bool:
    """Whether every topic of `wanted` is in at least one of the allowed patterns.

    Enough to try, per length, the one topic whose free places hold tokens that nobody spells out:
    what admits that topic admits every other one too. Past the longest allowed pattern a further
    token changes nothing.
    """
    first = [_ANY_OTHER if token in ("*", ">") else token for token in wanted.tokens]
    lengths = 1
    if wanted.tokens[-1] == ">":
        longest = max((len(pattern.tokens) for pattern in allowed), default=0)
        lengths = max(1, longest + 2 - len(first))
    return all(
        any(pattern._matches_tokens(first + [_ANY_OTHER] * more) for pattern in allowed)
        for more in range(lengths)
    )
