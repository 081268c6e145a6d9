"""Tokens on open connections: their end, and new ones in time."""

import asyncio
import time
from typing import Any

import pytest

from actors.event import Event
from tests.clock import ManualClock
from tests.settle import settle, until
from tests.web.wire import Wire, make_settings, make_token, serving


async def sweep_after(wire: Wire, clock: ManualClock, seconds: float) -> None:
    clock.advance(seconds)
    await settle()


async def test_the_end_of_a_token_is_announced_and_closes_the_connection() -> None:
    clock = ManualClock()
    expires_at = int(time.time()) + 100
    patient = make_settings(heartbeat={"interval": 500.0, "timeout": 1000.0})
    async with (
        serving(patient, clock=clock, wall_time=lambda: expires_at - 100 + clock.now()) as wire,
        wire.visitor(exp=expires_at) as client,
    ):
        await sweep_after(wire, clock, 71)

        (event,) = (await client.expect("event"))["events"]
        assert event["topic"] == "connection.expiring"
        assert 28 <= event["data"]["seconds"] <= 30
        await sweep_after(wire, clock, 30)
        assert await client.refused() == ("TOKEN_EXPIRED", 1008)


async def test_a_new_token_in_time_keeps_the_connection() -> None:
    clock = ManualClock()
    expires_at = int(time.time()) + 100
    async with (
        serving(clock=clock, wall_time=lambda: expires_at - 100 + clock.now()) as wire,
        wire.visitor(exp=expires_at, scopes=["observe"]) as client,
    ):
        token = make_token(exp=expires_at + 1000, scopes=["observe", "control"])

        answer = await client.ask("command", command="auth.refresh", params={"token": token})
        for _ in range(6):
            await sweep_after(wire, clock, 20)
            await client.ask("ping")

        assert answer["result"]["scopes"] == ["control", "observe"]
        pause = await client.ask("command", command="run.pause", params={"run": "a"})
        assert pause["type"] == "response"


async def test_a_new_token_for_fewer_topics_ends_the_subscriptions_that_it_lacks() -> None:
    async with serving() as wire, wire.visitor() as client:
        await client.ask("subscribe", events=["run.a.tick", "run.b.tick"])

        answer = await client.ask(
            "command", command="auth.refresh", params={"token": make_token(topics=["run.a.>"])}
        )
        wire.publish(Event("run.b.tick", 1), Event("run.a.tick", 2))

        assert answer["result"]["unsubscribed"] == ["run.b.tick"]
        (event,) = (await client.expect("event"))["events"]
        assert event["topic"] == "run.a.tick"


@pytest.mark.parametrize(
    ("claims", "code", "stays"),
    [
        ({"sub": "bob"}, "PERMISSION_DENIED", True),
        ({"scopes": ["publish"]}, "PERMISSION_DENIED", True),
        ({"aud": "others"}, "AUTHENTICATION_FAILED", False),
        ({"exp": 1_000_000_000}, "TOKEN_EXPIRED", False),
    ],
)
async def test_a_new_token_must_be_good_and_of_the_same_person(
    claims: dict[str, Any], code: str, stays: bool
) -> None:
    async with serving() as wire, wire.visitor() as client:
        params = {"token": make_token(**claims)}

        error = await client.ask("command", command="auth.refresh", params=params)

        assert error["code"] == code
        if stays:
            await client.ask("ping")
        else:
            assert await client.closed() == 1008


async def test_a_client_that_gives_no_sign_of_life_is_closed() -> None:
    clock = ManualClock()
    async with serving(clock=clock) as wire:
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        writer.write(
            b"GET /ws/demo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        await until(lambda: len(wire.stage.pool) == 1)

        await sweep_after(wire, clock, 26)
        await sweep_after(wire, clock, 35)

        data = await asyncio.wait_for(reader.read(), 10)
        assert b"\x89\x00" in data
        assert data[-2:] != b"\x89\x00"
        writer.close()
