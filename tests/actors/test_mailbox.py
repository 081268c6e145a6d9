"""The mailbox against a model: a plain list and the policy in words."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pykka._envelope import Envelope
from pykka.messages import _ActorStop

from actors.mailbox import NOTHING, Kept, Mailbox, Policy

SIZE = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """A message with a key, as those that conflate have."""

    key: str | None
    value: int


class MailboxMachine(RuleBasedStateMachine):
    """Any mix of messages; every one is taken, still waiting, replaced, or given back: once."""

    policy = Policy.DROP_NEW

    def __init__(self) -> None:
        super().__init__()
        self.box = Mailbox(SIZE, self.policy)
        self.queue: list[Any] = []
        self.lane: list[Any] = []
        self.count = 0
        self.lost = 0
        self.deepest = 0
        self.closed = False

    def number(self) -> int:
        self.count += 1
        return self.count

    def expected_loss(self, message: Any) -> Any:
        """Apply the policy to the model; what goes."""
        if self.closed:
            return message
        if len(self.queue) < SIZE or isinstance(message, _ActorStop):
            self.queue.append(message)
            return NOTHING
        self.lost += 1
        return message

    @rule(key=st.sampled_from(["a", "b", "c", "d", None]))
    def offer(self, key: str | None) -> None:
        message = Reading(key, self.number())
        assert self.box.offer(message) is self.expected_loss(message)

    @rule()
    def offer_an_ask(self) -> None:
        message: Envelope[Any] = Envelope(Reading("a", self.number()), None)
        assert self.box.offer(message) is self.expected_loss(message)

    @rule()
    def offer_a_stop(self) -> None:
        message = _ActorStop()
        assert self.box.offer(message) is self.expected_loss(message)

    @precondition(lambda self: not self.closed)
    @rule()
    def offer_first(self) -> None:
        self.lane.append(self.number())
        self.box.offer_first(self.lane[-1])

    @rule()
    def take(self) -> None:
        source = self.lane or self.queue
        assert self.box.take() is (source.pop(0) if source else NOTHING)

    @precondition(lambda self: self.count > 20)
    @rule()
    def close(self) -> None:
        assert self.box.close() == self.lane + self.queue
        self.lane, self.queue, self.closed = [], [], True

    @invariant()
    def depth_and_losses_agree(self) -> None:
        assert len(self.box) == len(self.lane) + len(self.queue)
        self.deepest = max(self.deepest, len(self.queue))
        assert self.box.high_water == self.deepest
        assert self.box.dropped == self.lost
        assert self.box.is_open is not self.closed


class DropOldestMachine(MailboxMachine):
    policy = Policy.DROP_OLDEST

    def expected_loss(self, message: Any) -> Any:
        droppable = [old for old in self.queue if not isinstance(old, _ActorStop)]
        full = len(self.queue) >= SIZE and not isinstance(message, _ActorStop)
        if self.closed or not full or not droppable:
            return super().expected_loss(message)
        self.queue.remove(droppable[0])
        self.queue.append(message)
        self.lost += 1
        return droppable[0]


class LatestMachine(MailboxMachine):
    policy = Policy.LATEST

    def expected_loss(self, message: Any) -> Any:
        if isinstance(message, Reading) and message.key is not None and not self.closed:
            for place, old in enumerate(self.queue):
                if isinstance(old, Reading) and old.key == message.key:
                    self.queue[place] = message
                    return NOTHING
        return super().expected_loss(message)


TestDropNew = MailboxMachine.TestCase
TestDropOldest = DropOldestMachine.TestCase
TestLatest = LatestMachine.TestCase


def test_a_new_message_is_refused_when_the_mailbox_is_full() -> None:
    box = Mailbox(1)
    box.offer("old")

    assert box.offer("new") == "new"
    assert box.take() == "old"


def test_the_oldest_goes_for_a_new_one_if_that_is_the_policy() -> None:
    box = Mailbox(1, Policy.DROP_OLDEST)
    box.offer("old")

    assert box.offer("new") == "old"
    assert box.take() == "new"


def test_what_is_marked_as_kept_does_not_give_way() -> None:
    box = Mailbox(2, Policy.DROP_OLDEST)
    kept = Kept()
    box.force(kept)
    box.offer("old")

    assert box.offer("new") == "old"
    assert [box.take(), box.take()] == [kept, "new"]


def test_the_latest_message_of_a_key_takes_the_place_of_the_first() -> None:
    box = Mailbox(10, Policy.latest(lambda message: message[0]))
    for message in ("a1", "b1", "a2"):
        assert box.offer(message) is NOTHING

    assert [box.take(), box.take(), box.take()] == ["a2", "b1", NOTHING]


def test_a_key_is_free_again_after_its_message_was_taken() -> None:
    box = Mailbox(10, Policy.LATEST)
    one, two = Reading("a", 1), Reading("a", 2)
    box.offer(one)
    box.take()
    box.offer(two)

    assert box.take() is two


@pytest.mark.parametrize("policy", [Policy.DROP_NEW, Policy.DROP_OLDEST, Policy.LATEST])
def test_room_says_when_a_plain_append_would_be_wrong(policy: Policy) -> None:
    box = Mailbox(2, policy)

    assert box.room == (0 if policy is Policy.LATEST else 2)
    box.close()
    assert box.room < 0
