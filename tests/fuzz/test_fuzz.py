"""100,000 hostile frames and messages, each round from a seed with which it can be repeated."""

import tracemalloc

import pytest

from tests.fuzz.chance import Chance
from tests.fuzz.rounds import LIMIT, dialogue_round, make_stream, parser_round, server_round

PARSER_FRAMES, MESSAGES, SERVER_FRAMES = 12_000, 6_000, 4_000
SEEDS = range(1, 6)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_parser_reads_or_refuses_whatever_comes(seed: int) -> None:
    tally = parser_round(seed, PARSER_FRAMES)

    assert tally.frames >= PARSER_FRAMES
    assert tally.closes.keys() == {None, 1002, 1007, 1009}
    assert tally.frames > 5 * tally.streams


@pytest.mark.parametrize("seed", SEEDS)
def test_the_dialogue_understands_or_refuses_whatever_is_said(seed: int) -> None:
    tally = dialogue_round(seed, MESSAGES)

    assert tally.errors.keys() >= {
        "INVALID_MESSAGE", "VALIDATION_ERROR", "UNKNOWN_TYPE", "UNKNOWN_QUERY", "UNKNOWN_COMMAND",
        "INVALID_TOPIC",
    }  # fmt: skip
    assert tally.errors.total() < MESSAGES


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_server_survives_hostile_streams_beside_a_client_that_is_served(seed: int) -> None:
    tally = await server_round(seed, SERVER_FRAMES)

    assert tally.frames >= SERVER_FRAMES
    assert tally.closes.keys() >= {None, 1002, 1007, 1009}


def test_what_is_hostile_takes_no_more_memory_than_a_few_messages() -> None:
    chance = Chance(11)
    make_stream(chance, deflate=True)

    tracemalloc.start()
    for _ in range(150):
        make_stream(chance, deflate=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 16 * LIMIT
