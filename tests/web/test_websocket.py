"""The protocol underneath: pings, closing, breaches of the rules, compression."""

import asyncio
import json
import struct
import zlib

import pytest

from actors.event import Event
from tests.settle import until
from tests.web.raw import HANDSHAKE, frame, raw_client
from tests.web.wire import make_settings, serving
from web.frames import deflate

TEXT, CLOSE, PING = 1, 8, 9
PING_MESSAGE = b'{"type": "ping"}'
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate{}\r\n"


async def test_a_ping_frame_is_answered_with_its_data() -> None:
    async with serving() as wire, raw_client(wire) as client:
        client.writer.write(frame(PING, b"hello"))

        assert await client.receive() == (0x8A, b"hello")


async def test_a_close_is_answered_with_its_code_and_the_socket_closed() -> None:
    async with serving() as wire, raw_client(wire) as client:
        client.writer.write(frame(CLOSE, struct.pack("!H", 3001) + b"bye"))

        assert await client.receive() == (0x88, struct.pack("!H", 3001))
        assert await client.rest() == b""
        await until(lambda: not len(wire.stage.pool))
        assert wire.stage.pool.traffic.closes == {3001: 1}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(TEXT, b"\xff\xfe"), 1007),
        (frame(CLOSE, struct.pack("!H", 1006)), 1002),
        (frame(TEXT, b"x", first=0xC0), 1002),
        (frame(5), 1002),
        (b"\x81\x02hi", 1002),
        (frame(PING, first=0), 1002),
        (frame(0, b"x"), 1002),
    ],
)
async def test_a_breach_of_the_rules_is_closed_with_its_code(sent: bytes, code: int) -> None:
    async with serving() as wire, raw_client(wire) as client:
        client.writer.write(sent + PING_MESSAGE * 1000)

        assert await client.closed() == code
        await client.rest()
        await client.writer.drain()
        client.writer.close()
        await until(lambda: not len(wire.stage.pool))


async def test_a_message_too_large_is_told_and_closed_with_1009() -> None:
    settings = make_settings(limits={"message_bytes": 1000})
    async with serving(settings) as wire:
        async with wire.connect() as client:
            await client.socket.send("x" * 1001)
            error = await client.expect("error")
            assert (error["code"], await client.closed()) == ("INVALID_MESSAGE", 1009)
        async with wire.connect() as client, wire.worker() as worker:
            assert (await client.ask("ping", data="x" * 900))["type"] == "pong"
            assert (await worker.ask("ping", data="x" * 100_000))["type"] == "pong"


async def test_a_client_that_stays_after_a_close_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("web.websocket.CLOSING_TIME", 0.02)
    async with serving() as wire, raw_client(wire) as client:
        (member,) = wire.stage.pool
        member.line.lose("no sign of life")

        await client.rest()
        await until(lambda: not len(wire.stage.pool))


async def test_a_flood_of_messages_is_read_no_faster_than_it_is_handled() -> None:
    waiting = asyncio.Event()

    async def wait(_: object) -> object:
        return await waiting.wait()

    settings = make_settings(limits={"messages_per_connection": 0, "messages_per_ip": 0})
    async with serving(settings) as wire, raw_client(wire) as client:
        wire.services.answers["runs.list"] = wait
        query = frame(TEXT, b'{"type": "query", "query": "runs.list"}')

        client.writer.write(query * 500)
        await until(lambda: wire.stage.pool.traffic.messages_in >= 32)
        await client.writer.drain()
        for _ in range(50):
            await asyncio.sleep(0)

        assert wire.stage.pool.traffic.messages_in == 32
        waiting.set()
        for _ in range(500):
            assert b"response" in (await client.receive())[1]


async def test_compression_is_negotiated_without_context_takeover() -> None:
    async with serving() as wire, wire.open(compression="deflate") as client:
        (agreed,) = client.socket.protocol.extensions
        assert (
            "server_no_context_takeover"
            in client.socket.response.headers[  # type: ignore[union-attr]
                "Sec-WebSocket-Extensions"
            ]
        )
        assert agreed.name == "permessage-deflate"
        await client.expect("connection_established")
        assert (await client.ask("ping", data="x" * 10_000))["data"] == "x" * 10_000
        await client.ask("subscribe", events=["run.a.*"])
        before = wire.stage.pool.traffic.bytes_out
        wire.publish(Event("run.a.tick", {"pad": "x" * 10_000}, epoch="e", offset=1))

        assert (await client.expect("event"))["events"][0]["data"] == {"pad": "x" * 10_000}
        assert wire.stage.pool.traffic.bytes_out - before < 500


@pytest.mark.parametrize(
    ("offers", "answer"),
    [
        (("permessage-deflate; server_max_window_bits=9",), "; server_max_window_bits=9"),
        (("x-odd; a=1", "permessage-deflate; odd", "permessage-deflate"), ""),
        (("permessage-deflate; server_max_window_bits=8; client_max_window_bits, x",),
         "; server_max_window_bits=8"),
        (("permessage-deflate; odd=1", "permessage-deflate; server_max_window_bits=7"), None),
        ((), None),
    ],
)  # fmt: skip
async def test_the_offer_that_can_be_kept_is_answered_with_what_was_agreed(
    offers: tuple[str, ...], answer: str | None
) -> None:
    headers = "".join(f"Sec-WebSocket-Extensions: {offer}\r\n" for offer in offers)
    agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    async with serving() as wire, raw_client(wire, headers=headers) as client:
        told = dict(
            line.lower().split(": ", 1) for line in client.handshake.decode().splitlines()[1:-1]
        )

        assert told.get("sec-websocket-extensions") == (None if answer is None else agreed + answer)
        client.writer.write(frame(TEXT, PING_MESSAGE))
        assert (await client.receive())[0] == 0x81


async def test_offers_that_cannot_be_read_end_the_handshake() -> None:
    async with serving() as wire:
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        head = HANDSHAKE.format(path="/ws/demo", port=wire.port, headers=DEFLATE.format("; =9"))
        writer.write(head.encode())

        assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
        writer.close()


@pytest.mark.parametrize("bits", [8, 11])
async def test_events_and_answers_keep_to_the_window_that_was_agreed(bits: int) -> None:
    headers = DEFLATE.format(f"; server_max_window_bits={bits}")
    pad = "".join(f"{number:x}" for number in range(3000)) * 2
    async with serving() as wire, raw_client(wire, headers=headers) as client:
        ask = {"type": "subscribe", "events": ["run.a.*"]}
        client.writer.write(frame(TEXT, json.dumps(ask).encode()))
        await client.receive()
        client.writer.write(frame(TEXT, json.dumps({"type": "ping", "data": pad}).encode()))
        answer = inflated(await client.receive(), bits)
        wire.publish(Event("run.a.tick", {"pad": pad}, epoch="e", offset=1))
        event = inflated(await client.receive(), bits)

        assert json.loads(answer)["data"] == pad
        assert json.loads(event)["events"][0]["data"] == {"pad": pad}


def inflated(received: tuple[int, bytes], bits: int) -> bytes:
    """The payload of a compressed frame; an inflater with this window refuses more."""
    first, payload = received
    assert first == 0xC1
    return zlib.decompressobj(-bits).decompress(payload + b"\x00\x00\xff\xff")


async def test_where_the_config_says_so_nothing_is_compressed() -> None:
    settings = make_settings(server={"compression": False})
    async with serving(settings) as wire, wire.connect(compression="deflate") as client:
        assert client.socket.protocol.extensions == []


async def test_compressed_messages_of_a_client_are_understood_and_small_answers_plain() -> None:
    async with serving() as wire, raw_client(wire, headers=DEFLATE.format("")) as client:
        client.writer.write(frame(TEXT, deflate(PING_MESSAGE), first=0xC0))

        first, payload = await client.receive()

        assert (first, json.loads(payload)["type"]) == (0x81, "pong")


@pytest.mark.parametrize(
    ("payload", "code"),
    [(deflate(bytes(50_000_000)), 1009), (b"\xff" * 50, 1007), (zlib.compress(b"x"), 1007)],
    ids=["bomb", "noise", "with a header"],
)
async def test_a_decompression_bomb_and_noise_close_the_connection(
    payload: bytes, code: int
) -> None:
    async with serving() as wire, raw_client(wire, headers=DEFLATE.format("")) as client:
        client.writer.write(frame(TEXT, payload, first=0xC0))

        assert await client.closed() == code
