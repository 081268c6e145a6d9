"""Limits that are reached, tokens that end, and a server that ends."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.protocol.speaker import Scene, scene
from tests.web.wire import make_token

pytestmark = pytest.mark.asyncio(loop_scope="package")
row = pytest.mark.row
LIMITS = {"limits__connections_per_user": 2, "limits__messages_per_user": 5}


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def narrow(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """A server with little room."""
    async with scene(tmp_path_factory.mktemp("narrow") / "data", **LIMITS) as found:
        yield found


@row("error CONNECTION_LIMIT_EXCEEDED", "close 1013", "limits are told")
async def test_one_connection_too_many_is_closed_with_1013(narrow: Scene) -> None:
    token = make_token(sub="many")
    async with narrow.socket(token=token) as one, narrow.speaker(token=token):
        told = await one.expect("connection_established")
        async with narrow.socket(token=token) as third:
            error = await third.expect("error")
            closed = await third.closed()

    assert told["limits"]["connections_per_user"] == 2
    assert (error["code"], error["details"]) == (
        "CONNECTION_LIMIT_EXCEEDED",
        {"limit": 2, "scope": "user"},
    )
    assert (error["temporary"], closed) == (True, 1013)


@row("error RATE_LIMIT_EXCEEDED")
async def test_messages_too_many_are_refused_with_the_time_to_wait(narrow: Scene) -> None:
    async with narrow.speaker(token=make_token(sub="hasty")) as speaker:
        answers = [await speaker.request("ping") for _ in range(6)]

    assert [answer["type"] for answer in answers] == ["pong"] * 5 + ["error"]
    details = answers[-1]["details"]
    assert (details["limit"], details["window"], details["scope"]) == (5, "1m", "user")
    assert 1 <= details["retry_after"] <= 12
    assert answers[-1]["temporary"] is True


@row("topic connection.expiring", "error TOKEN_EXPIRED", "close 1008")
async def test_the_end_of_a_token_is_told_ahead_and_then_ends_the_connection(
    narrow: Scene,
) -> None:
    end = int(time.time()) + 4
    async with narrow.speaker(token=make_token(sub="brief", exp=end)) as speaker:
        ahead = await speaker.on("connection.expiring")
        error = await speaker.expect("error")
        closed = await speaker.closed()

    assert ahead["data"].keys() == {"expires_at", "seconds"}
    assert 0 < ahead["data"]["seconds"] <= 4
    assert (error["code"], closed) == ("TOKEN_EXPIRED", 1008)


@row("topic server.draining", "close 1001")
async def test_a_server_that_ends_says_when_to_come_back(narrow: Scene) -> None:
    async with narrow.speaker() as one, narrow.speaker(packed=True) as other:
        ending = asyncio.create_task(narrow.serving.end())
        told = [await speaker.broadcast("server.draining") for speaker in (one, other)]
        closed = [await speaker.closed() for speaker in (one, other)]
        status = await ending

    assert all(message["data"]["retry_after"] > 0 for message in told)
    assert (closed, status) == ([1001, 1001], 0)
