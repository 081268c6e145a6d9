"""pykka's registry with our list in it."""

from time import perf_counter
from typing import Any

import pykka
import pytest

from actors.registry import REFS, Refs, install
from actors.runtime import Runtime
from tests.actors.players import LoopPlayer


def test_the_registry_of_pykka_uses_our_list_and_it_is_put_there_once() -> None:
    refs: Any = pykka.ActorRegistry._actor_refs

    assert refs is REFS
    assert install() is REFS


@pytest.mark.usefixtures("runtime")
async def test_refs_are_listed_in_the_order_of_their_births() -> None:
    started = [LoopPlayer.start() for _ in range(3)]

    assert list(REFS)[-3:] == started
    assert REFS[-3:] == started
    assert REFS[-1] is started[-1]


@pytest.mark.usefixtures("runtime")
async def test_a_ref_is_forgotten_and_forgetting_twice_is_an_error_as_with_a_list() -> None:
    refs = Refs([])
    ref = LoopPlayer.start()
    refs.append(ref)
    assert ref in refs

    refs.remove(ref)

    assert len(refs) == 0
    with pytest.raises(ValueError, match="not in the registry"):
        refs.remove(ref)
    refs.discard(ref)


async def test_the_end_of_an_actor_costs_the_same_among_many(runtime: Runtime) -> None:
    def seconds(crowd: int) -> float:
        refs = Refs([])
        members: list[Any] = [object() for _ in range(crowd)]
        for member in members:
            refs.append(member)
        started = perf_counter()
        for member in members[-1000:]:
            refs.remove(member)
        return perf_counter() - started

    few = min(seconds(1000) for _ in range(5))
    many = min(seconds(100_000) for _ in range(5))

    # A list would need a hundred times as long, and more.
    assert many < 10 * few
