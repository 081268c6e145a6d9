"""Thousands of malformed frames and messages at a real server, which is then used normally."""

import asyncio
import json
import random
from typing import Any

import msgspec

from actors.event import Event
from tests.settle import until
from tests.web.raw import RawClient, frame, raw_client
from tests.web.wire import Wire, make_settings, make_token, serving
from web.errors import ERRORS
from web.requests import COMMANDS, QUERIES

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

FIELDS = (
    "id", "timestamp", "data", "events", "max_hz", "mode", "since", "query", "command", "params",
    "type", "odd",
)  # fmt: skip
PARAMS = ("run", "agent", "events", "topic", "limit", "token", "ticks", "hz", "id", "error", "from")
TYPES = ("ping", "subscribe", "unsubscribe", "query", "command", "shout", 7, None)
WORDS = (
    "",
    "a",
    "17",
    "run.*.tick",
    "a..b",
    ">.>",
    "latest",
    "\0",
    "ü\u2028",
    "%s",
    "{x}",
    "../..",
)
NUMBERS = (0, -1, 1, 17, 2**31, -(2**63), 2**64 - 1, 1e308, -0.0, float("nan"), float("inf"))


class Chance(random.Random):
    """Makes values and messages that nobody should send."""

    def value(self, depth: int = 3) -> Any:
        kind = self.randrange(8 if depth else 5)
        if kind < 2:
            return self.choice(WORDS)
        if kind < 4:
            return self.choice(NUMBERS)
        if kind == 4:
            return self.choice((None, True, False, "x" * 100))
        if kind == 5:
            return [self.value(depth - 1) for _ in range(self.randrange(4))]
        names = PARAMS if kind == 6 else (*FIELDS, *WORDS)
        return {self.choice(names): self.value(depth - 1) for _ in range(self.randrange(5))}

    def message(self) -> Any:
        if self.random() < 0.1:
            return self.value()
        told: dict[str, Any] = {"type": self.choice(TYPES), "id": self.choice(("7", "7", 7))}
        if self.random() < 0.6:
            name = self.choice((*QUERIES, *COMMANDS, "run.go"))
            params = {self.choice(PARAMS): self.value() for _ in range(self.randrange(4))}
            kind = self.choice(("query", "command"))
            told |= {"type": kind, kind: name, "params": params}
        elif self.random() < 0.5:
            events = [self.choice(WORDS) for _ in range(self.randrange(1, 4))]
            told |= {"type": self.choice(("subscribe", "unsubscribe")), "events": events}
        for _ in range(self.randrange(3)):
            told[self.choice(FIELDS)] = self.value()
        return told


def frame_of(value: Any, chance: Chance) -> bytes:
    """The value as a text or binary frame, now and then with a few bytes spoilt."""
    packed = chance.random() < 0.5
    payload = bytearray(msgspec.msgpack.encode(value) if packed else json.dumps(value).encode())
    if payload and chance.random() < 0.3:
        for _ in range(chance.randint(1, 4)):
            payload[chance.randrange(len(payload))] = chance.randrange(256 if packed else 128)
    return frame(2 if packed else 1, bytes(payload))


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
                hostile = [frame_of(chance.message(), chance) for _ in range(50)]
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


async def test_random_frames_do_no_harm() -> None:
    chance = Chance(3)
    async with serving(UNLIMITED) as wire:
        for number in range(STREAMS):
            async with raw_client(wire, headers=DEFLATE if number % 2 else "") as client:
                for _ in range(chance.randint(1, 10)):
                    first = chance.choice((0x80, 0x00, 0xC0, 0x40, 0x90))
                    payload = chance.randbytes(chance.choice((0, 2, 20, 125, 126, 3000)))
                    client.writer.write(frame(chance.randrange(16), payload, first=first))
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
