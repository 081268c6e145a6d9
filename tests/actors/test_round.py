"""A round tells many actors at once, and each of them hears everything in the order it was told."""

import asyncio
from typing import Any

import pytest

from actors.loop import LoopActor, tell_all
from actors.runtime import SLICE, Runtime
from tests.settle import settle


class Listener(LoopActor):
    """Keeps what it hears; `heard` is shared by all of them."""

    def __init__(self, heard: list[tuple[str, Any]], name: str) -> None:
        super().__init__()
        self._heard = heard
        self._name = name

    def on_receive(self, message: Any) -> Any:
        if message == "fail":
            raise ValueError("as told")
        if message == "wait":
            return self._wait()
        self._heard.append((self._name, message))
        return None

    async def _wait(self) -> None:
        await asyncio.sleep(0)
        self._heard.append((self._name, "waited"))


def listeners(heard: list[tuple[str, Any]], names: str) -> list[Any]:
    return [Listener.start(heard, name) for name in names]


@pytest.fixture(autouse=True)
async def runtime() -> Runtime:
    return Runtime()


async def test_all_are_told_in_one_turn_and_each_is_counted() -> None:
    heard: list[tuple[str, Any]] = []
    refs = listeners(heard, "abc")
    await settle()

    given = tell_all(refs, "news")
    await settle()

    assert given is not None
    assert given.is_done
    assert heard == [(name, "news") for name in "abc"]
    assert [ref.handled for ref in refs] == [1, 1, 1]
    assert all(ref.busy > 0 for ref in refs)


async def test_who_has_messages_already_hears_them_first() -> None:
    heard: list[tuple[str, Any]] = []
    refs = listeners(heard, "ab")
    await settle()
    refs[0].tell(1)

    tell_all(refs, 2)
    refs[1].tell(3)
    tell_all(refs, 4)
    await settle()

    assert [message for name, message in heard if name == "a"] == [1, 2, 4]
    assert [message for name, message in heard if name == "b"] == [2, 3, 4]


async def test_one_that_fails_is_no_concern_of_the_others() -> None:
    heard: list[tuple[str, Any]] = []
    refs = listeners(heard, "abc")
    await settle()
    refs[1].tell("fail")

    tell_all(refs, "news")
    await settle()
    tell_all(refs, "fail")
    await settle()

    assert heard == [("a", "news"), ("c", "news")]
    assert [ref.is_alive() for ref in refs] == [False, False, False]


async def test_one_that_ends_before_its_turn_is_a_dead_letter() -> None:
    heard: list[tuple[str, Any]] = []
    refs = listeners(heard, "ab")
    await settle()
    letters = Runtime.current().dead_letters

    tell_all(refs, "news")
    refs[0].kill("as told")
    await settle()

    assert heard == [("b", "news")]
    assert letters.counts == {("Listener", "str", "stopped"): 1}


async def test_a_handler_that_waits_keeps_its_place_in_line() -> None:
    heard: list[tuple[str, Any]] = []
    refs = listeners(heard, "ab")
    await settle()

    tell_all(refs, "wait")
    tell_all(refs, "news")
    await settle()

    assert sorted(heard) == [("a", "news"), ("a", "waited"), ("b", "news"), ("b", "waited")]
    assert [message for name, message in heard if name == "a"] == ["waited", "news"]


async def test_a_message_told_after_a_round_stays_behind_it_whatever_happens_to_the_actor() -> None:
    heard: list[tuple[str, Any]] = []
    refs = listeners(heard, "a")
    await settle()

    tell_all(refs, "wait")
    tell_all(refs, 1)
    refs[0].tell(2)
    tell_all(refs, 3)
    await settle()

    assert heard == [("a", "waited"), ("a", 1), ("a", 2), ("a", 3)]


async def test_a_message_of_supervision_goes_before_a_round() -> None:
    heard: list[tuple[str, Any]] = []
    refs = listeners(heard, "a")
    await settle()

    tell_all(refs, 1)
    refs[0].tell(2)
    refs[0].tell_first("first")
    await settle()

    assert heard == [("a", "first"), ("a", 1), ("a", 2)]


async def test_a_long_round_lets_the_loop_go_on_and_nobody_overtakes_it() -> None:
    heard: list[tuple[str, Any]] = []
    refs = listeners(heard, "x" * 3000)
    await settle()
    turns = Runtime.current().turns
    heard.clear()

    class Busy(LoopActor):
        def on_receive(self, _message: Any) -> None:
            end = Runtime.current().loop.time() + 2 * SLICE
            while Runtime.current().loop.time() < end:
                pass

    busy = [Busy.start() for _ in range(3)]
    await settle()
    given = tell_all([*refs[:1000], *busy, *refs[1000:]], "news")
    refs[-1].tell("later")
    done: list[bool] = []
    assert given is not None
    given.then = lambda: done.append(given.is_done)
    await settle()

    assert Runtime.current().turns - turns > 2
    assert done == [True]
    assert len(heard) == 3001
    assert heard[-1] == ("x", "later")
