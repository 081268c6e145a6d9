"""Dead letters: counted, a few kept, told to listeners."""

import logging

import pytest

from actors.letters import SAMPLE, DeadLetter, DeadLetters
from actors.loop import LoopActor


def test_letters_are_counted_by_actor_message_and_reason() -> None:
    letters = DeadLetters()

    letters.record("/a", LoopActor, "one", "full")
    letters.record("/b", LoopActor, "two", "full")
    letters.record("/a", LoopActor, 3, "stopped")

    assert letters.total == 3
    assert letters.counts == {
        ("LoopActor", "str", "full"): 2,
        ("LoopActor", "int", "stopped"): 1,
    }


def test_only_the_last_few_are_kept_and_without_the_message() -> None:
    letters = DeadLetters()

    for number in range(SAMPLE + 10):
        letters.record(f"/{number}", LoopActor, number, "full")

    assert len(letters.sample) == SAMPLE
    assert letters.sample[-1] == DeadLetter(f"/{SAMPLE + 9}", "LoopActor", "int", "full")


def test_a_listener_hears_of_letters_until_it_ends() -> None:
    letters, heard = DeadLetters(), list[str]()
    end = letters.listen(lambda letter: heard.append(letter.path))

    letters.record("/a", LoopActor, "one", "full")
    end()
    letters.record("/b", LoopActor, "two", "full")

    assert heard == ["/a"]


def test_a_listener_that_makes_letters_itself_does_not_hear_of_them() -> None:
    letters, heard = DeadLetters(), list[str]()

    def listener(letter: DeadLetter) -> None:
        heard.append(letter.path)
        letters.record("/echo", LoopActor, letter, "full")

    letters.listen(listener)
    letters.record("/a", LoopActor, "one", "full")

    assert heard == ["/a"]
    assert letters.total == 2


def test_a_failing_listener_is_logged_and_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    letters, heard = DeadLetters(), list[str]()
    letters.listen(lambda letter: 1 / 0)
    letters.listen(lambda letter: heard.append(letter.path))

    with caplog.at_level(logging.ERROR):
        letters.record("/a", LoopActor, "one", "full")

    assert heard == ["/a"]
    assert "A listener failed" in caplog.text
