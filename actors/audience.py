"""Who is subscribed to what: those who asked for the same are one audience."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pykka

from actors.event import Event, Subscription
from actors.gate import Gate
from actors.topic_tree import TopicTree
from actors.topics import Pattern

MOST_CACHED = 20_000  # topics

Wish = frozenset[Subscription]
Ref = pykka.ActorRef[Any]


class Audience:
    """Subscribers with the same patterns, modes, rates and encoding; told the same at once."""

    def __init__(self, wish: Wish, encoding: str | None) -> None:
        self.wish = wish
        self.encoding = encoding
        self.gates: dict[tuple[str, float], Gate[Ref]] = {}
        self.members: dict[Ref, None] = {}

    def join(self, member: Ref) -> None:
        """Add a member, which is told what comes from now on."""
        self.members[member] = None
        for gate in self.gates.values():
            gate.join(member)

    def leave(self, member: Ref) -> list[Event]:
        """Remove a member; what was held back for it, in the order it came per gate."""
        del self.members[member]
        owed = []
        for gate in self.gates.values():
            owed += gate.owed(member)
            gate.leave(member)
        return owed

    def gate(self, matching: Iterable[Subscription]) -> Gate[Ref] | None:
        """The gate for a topic that these subscriptions match: the most generous counts."""
        best = max(matching, key=_generosity)
        if best.max_hz is None:
            return None
        key = (best.mode, best.max_hz)
        if key not in self.gates:
            self.gates[key] = Gate(best.mode, best.max_hz)
        return self.gates[key]


def _generosity(subscription: Subscription) -> tuple[bool, float]:
    hz = subscription.max_hz
    return subscription.mode == "all", float("inf") if hz is None else hz


class Subscriptions:
    """All audiences, found by topic. No actor, so that it outlives a crash of one.

    Which audiences a topic has is kept until a pattern that matches the topic comes or goes.
    `wanted_changed` is for the owner to reset; `watchers`, `conflated` (values that newer ones
    replaced, per receiver) and `pending` (numbered events that nobody was told yet) are its own.
    """

    def __init__(self) -> None:
        self._audiences: dict[tuple[Wish, str | None], Audience] = {}
        self._homes: dict[Ref, Audience] = {}
        self._by_pattern: TopicTree[dict[Audience, Subscription]] = TopicTree()
        self._cache: dict[str, tuple[tuple[Audience, Gate[Ref] | None], ...]] = {}
        self._wanted: Counter[str] = Counter()
        self.wanted_changed = False
        self.watchers: dict[Ref, None] = {}
        self.conflated = 0
        self.pending: list[Event] = []

    def __len__(self) -> int:
        return len(self._homes)

    def of(self, subscriber: Ref) -> Wish:
        """What the subscriber is subscribed to now."""
        home = self._homes.get(subscriber)
        return home.wish if home is not None else frozenset()

    def encoding_of(self, subscriber: Ref) -> str | None:
        """The encoding of the subscriber's frames."""
        home = self._homes.get(subscriber)
        return home.encoding if home is not None else None

    def audiences(self) -> Iterable[Audience]:
        """All of them."""
        return self._audiences.values()

    def subscribers(self) -> list[Ref]:
        """All of them."""
        return list(self._homes)

    def forget_dead_watchers(self) -> None:
        """Those that ended without a word."""
        self.watchers = {ref: None for ref in self.watchers if ref.is_alive()}

    def wanted(self) -> frozenset[str]:
        """The patterns of all viewers: subscribers that have an encoding."""
        return frozenset(self._wanted)

    def put(self, subscriber: Ref, wish: Wish, encoding: str | None) -> list[Event]:
        """Set all that the subscriber is subscribed to, nothing for an empty wish.

        Returns what was held back for it and is still wanted; the caller delivers it.
        """
        home = self._homes.get(subscriber)
        if home is not None and (home.wish, home.encoding) == (wish, encoding):
            return []
        owed = self._move_out(subscriber, home) if home is not None else []
        if wish:
            key = (wish, encoding)
            if key not in self._audiences:
                self._add(Audience(wish, encoding))
            self._homes[subscriber] = self._audiences[key]
            self._audiences[key].join(subscriber)
            if encoding is not None:
                self._want(wish, 1)
        return [event for event in owed if any(s.pattern.matches(event.topic) for s in wish)]

    def for_topic(self, topic: str) -> tuple[tuple[Audience, Gate[Ref] | None], ...]:
        """The audiences of a topic, each with the gate it goes through."""
        found = self._cache.get(topic)
        if found is None:
            matching: dict[Audience, list[Subscription]] = {}
            for there in self._by_pattern.matching(topic.split(".")):
                for audience, subscription in there.items():
                    matching.setdefault(audience, []).append(subscription)
            found = tuple((audience, audience.gate(s)) for audience, s in matching.items())
            if len(self._cache) >= MOST_CACHED:
                self._cache.clear()
            self._cache[topic] = found
        return found

    def _move_out(self, subscriber: Ref, home: Audience) -> list[Event]:
        owed = home.leave(subscriber)
        del self._homes[subscriber]
        if home.encoding is not None:
            self._want(home.wish, -1)
        if not home.members:
            self._remove(home)
        return owed

    def _add(self, audience: Audience) -> None:
        self._audiences[audience.wish, audience.encoding] = audience
        for subscription in audience.wish:
            tokens = subscription.pattern.tokens
            there = self._by_pattern.get(tokens)
            if there is None:
                there = {}
                self._by_pattern.put(tokens, there)
            there[audience] = subscription
        self._forget_cached(audience.wish)

    def _remove(self, audience: Audience) -> None:
        del self._audiences[audience.wish, audience.encoding]
        for subscription in audience.wish:
            tokens = subscription.pattern.tokens
            there = self._by_pattern.get(tokens)
            if there is not None:
                there.pop(audience, None)
                if not there:
                    self._by_pattern.remove(tokens)
        self._forget_cached(audience.wish)

    def _forget_cached(self, wish: Wish) -> None:
        wide: list[Pattern] = []
        for subscription in wish:
            if subscription.pattern.is_exact:
                self._cache.pop(subscription.pattern.text, None)
            else:
                wide.append(subscription.pattern)
        if wide:
            stale = [topic for topic in self._cache if any(p.matches(topic) for p in wide)]
            for topic in stale:
                del self._cache[topic]

    def _want(self, wish: Wish, by: int) -> None:
        for subscription in wish:
            text = subscription.pattern.text
            before = self._wanted[text]
            self._wanted[text] = before + by
            if before + by == 0:
                del self._wanted[text]
            if before == 0 or before + by == 0:
                self.wanted_changed = True
