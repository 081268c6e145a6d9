"""Thousands of malformed messages at a real server, which is then used normally."""

import asyncio
import json

from actors.event import Event
from tests.fuzz.chance import Chance
from tests.settle import until
from tests.web.raw import RawClient, frame, raw_client
from tests.web.wire import Wire, make_settings, make_token, serving
from web.errors import ERRORS

LIMITS = (
    "messages_per_connection",
    "messages_per_user",
    "messages_per_ip",
    "connections_per_ip",
    "connections_per_user",
)
UNLIMITED = make_settings(limits=dict.fromkeys(LIMITS, 0))
MESSAGES = 10_000
STREAMS = 300
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"


async def works(wire: Wire) -> None:
    """A new client of each kind gets everything that it should."""
    for packed in (False, True):
        async with wire.connect(packed=packed) as client:
            assert (await client.ask("ping", data=1))["data"] == 1
            await client.ask("subscribe", events=["run.z.tick"])
            wire.publish(Event("run.z.tick", {"x": 1}))
            assert (await client.expect("event"))["events"][0]["data"] == {"x": 1}
            await client.ask("query", query="runs.list")


async def test_hostile_messages_are_answered_and_do_no_harm() -> None:
    chance = Chance(1)
    everything = make_token(scopes=["observe", "control", "publish", "admin"])
    codes: set[str] = set()
    async with serving(UNLIMITED) as wire:
        async with raw_client(wire, f"/ws?token={everything}") as client:
            for number in range(MESSAGES // 50):
                payloads = [chance.payload() for _ in range(50)]
                # A token that is no good ends the connection, as the table of errors has it.
                hostile = [frame(*said) for said in payloads if b"auth.refresh" not in said[1]]
                client.writer.write(b"".join(hostile) + frame(9, b"%d" % number))
                codes |= await answers_until(client, b"%d" % number)
            assert len(wire.stage.pool) == 1
        await works(wire)

    assert codes <= ERRORS.keys() - {"INTERNAL_ERROR"}
    assert codes >= {
        "INVALID_MESSAGE", "VALIDATION_ERROR", "UNKNOWN_TYPE", "UNKNOWN_QUERY", "UNKNOWN_COMMAND",
        "INVALID_TOPIC",
    }  # fmt: skip


async def answers_until(client: RawClient, mark: bytes) -> set[str]:
    """The codes of the errors before the pong with the mark; nothing closes the connection."""
    codes: set[str] = set()
    while True:
        first, payload = await client.receive()
        assert first in (0x81, 0x8A)
        if first == 0x8A and payload == mark:
            return codes
        message = json.loads(payload)
        if message["type"] == "error":
            codes.add(message["code"])


async def test_random_bytes_at_any_moment_do_no_harm() -> None:
    chance = Chance(2)
    async with serving(UNLIMITED) as wire:
        for number in range(STREAMS):
            noise = chance.randbytes(chance.randint(1, 600))
            headers = DEFLATE if number % 2 else ""
            async with raw_client(wire, headers=headers) as client:
                client.writer.write(frame(1, b'{"type": "ping"}') + noise)
                if number % 3 == 0:
                    client.writer.write_eof()
                    await client.rest()
        await until(lambda: not len(wire.stage.pool))
        await works(wire)


async def test_what_is_no_handshake_does_no_harm() -> None:
    chance = Chance(4)
    async with serving(UNLIMITED) as wire:
        for number in range(STREAMS):
            reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
            start = b"GET /ws/demo HTTP/1.1\r\n" if number % 2 else b""
            upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\n" if number % 4 == 3 else b""
            writer.write(start + upgrade + chance.randbytes(chance.randint(1, 300)) + b"\r\n\r\n")
            writer.write_eof()
            async with asyncio.timeout(10):
                await reader.read()
            writer.close()
        await works(wire)
