"""What viewers want of one run, read out of their patterns."""

from actors.publishing import Demand
from actors.topics import Pattern


class Wanted:
    """The agents whose detail is worth computing. At first nobody wants anything."""

    def __init__(self, run: str, most: int) -> None:
        """At most `most` agents are spoken of per tick and kind: those asked for by number
        first, then the lowest."""
        self._run = run
        self._most = most
        self._numbers: dict[str, frozenset[int]] = {}
        self._everyone: frozenset[str] = frozenset()

    def change(self, demand: Demand) -> None:
        """Take the patterns that viewers have now."""
        numbers: dict[str, set[int]] = {}
        everyone: set[str] = set()
        for text in demand.patterns:
            pattern = Pattern.parse(text)
            for kind in ("agent", "belief"):
                token = _last_token(pattern, ("run", self._run, kind))
                if token in ("*", ">"):
                    everyone.add(kind)
                elif token is not None and len(token) <= 12 and token.isascii() and token.isdigit():
                    numbers.setdefault(kind, set()).add(int(token))
        self._numbers = {kind: frozenset(some) for kind, some in numbers.items()}
        self._everyone = frozenset(everyone)

    def agents(self, kind: str, agents: int) -> list[int]:
        """Numbers of the agents whose `run.<run>.<kind>.<number>` somebody wants, rising."""
        asked = sorted(number for number in self._numbers.get(kind, ()) if number < agents)
        asked = asked[: self._most]
        if kind not in self._everyone or len(asked) == self._most:
            return asked
        chosen = set(asked)
        for number in range(agents):
            if len(chosen) == self._most:
                break
            chosen.add(number)
        return sorted(chosen)

    def asked(self, agents: int) -> list[int]:
        """Numbers of the agents that somebody wants by number, of whatever kind, rising."""
        numbers = frozenset().union(*self._numbers.values())
        return sorted(number for number in numbers if number < agents)[: self._most]


def _last_token(pattern: Pattern, first: tuple[str, ...]) -> str | None:
    """The pattern's token behind the first ones: a name, `*` or `>`; None if it cannot match."""
    tokens = pattern.tokens
    for place, token in enumerate(first):
        if place >= len(tokens):
            return None
        if tokens[place] == ">":
            return ">"
        if tokens[place] not in ("*", token):
            return None
    return tokens[len(first)] if len(tokens) == len(first) + 1 else None
