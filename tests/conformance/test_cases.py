"""The echo server, which is the product's own wire, put to every case over a raw socket."""

import asyncio
import contextlib
import zlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.conformance import closing, compression, framing, messages
from tests.conformance.case import (
    BINARY,
    CLOSE,
    LIMIT,
    NO_CODE,
    PING,
    PONG,
    TAIL,
    TEXT,
    Case,
    close,
    frame,
    packed,
)
from tests.conformance.echo_server import echo_settings, echoing
from tests.logged import errors_logged

PATIENCE = 10.0  # seconds
HANDSHAKE = (
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n"
)
CASES = [case for table in (framing, messages, closing, compression) for case in table.cases()]


class Peer:
    """An upgraded connection that reads the server's frames by the rules."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answer: str,
        window_bits: int,
    ) -> None:
        self.answer = answer
        self._reader = reader
        self._writer = writer
        self._window_bits = window_bits

    async def send(self, pieces: Sequence[bytes]) -> None:
        for piece in pieces:
            self._writer.write(piece)
            await self._writer.drain()
            # The server's turn: so that what is sent by itself arrives by itself.
            await asyncio.sleep(0)

    async def receive(self) -> tuple[int, bytes]:
        """The opcode and the payload of the next frame, inflated."""
        first, size = await self._reader.readexactly(2)
        if size >= 126:
            size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8), "big")
        payload = await self._reader.readexactly(size)
        opcode, bits = first & 0x0F, first & 0xF0
        if bits == 0xC0 and opcode < CLOSE and "permessage-deflate" in self.answer:
            # An inflater of its own for each message, with no larger window than was agreed.
            return opcode, zlib.decompressobj(-self._window_bits).decompress(payload + TAIL)
        assert bits == 0x80
        return opcode, payload

    async def rest(self) -> bytes:
        """What comes until the server closes."""
        return await self._reader.read()


@contextlib.asynccontextmanager
async def peer_of(
    port: int, offer: str | None = None, window_bits: int = 15
) -> AsyncIterator[Peer]:
    """A connection with this offer of extensions."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    header = "" if offer is None else f"Sec-WebSocket-Extensions: {offer}\r\n"
    writer.write(HANDSHAKE.format(header).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    assert head.startswith("HTTP/1.1 101 ")
    named = [line for line in head.splitlines() if line.lower().startswith("sec-websocket-ext")]
    try:
        yield Peer(reader, writer, named[0].partition(": ")[2] if named else "", window_bits)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def peer_for(case: Case) -> AsyncIterator[Peer]:
    """A connection as the case wants it, to an echo server of its own that logs no error."""
    with errors_logged() as logged:
        async with (
            asyncio.timeout(PATIENCE),
            echoing(echo_settings(LIMIT)) as echo,
            peer_of(echo.port, case.offer, case.window_bits) as peer,
        ):
            yield peer
    assert logged == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_case(case: Case) -> None:
    async with peer_for(case) as peer:
        sending = asyncio.create_task(peer.send(case.sent))
        answers = [await peer.receive() for _ in case.answers]

        assert answers == list(case.answers)
        code = case.closes
        if code is None:
            await sending
            await peer.send([frame(PING, b"still here?") + close(1000)])
            assert await peer.receive() == (PONG, b"still here?")
            code = 1000
        if code == 1009 and close(code) not in case.sent:
            opcode, told = await peer.receive()
            assert (opcode, b"INVALID_MESSAGE" in told) == (TEXT, True)
        opcode, payload = await peer.receive()
        assert opcode == CLOSE
        assert (int.from_bytes(payload[:2], "big") or NO_CODE) == code
        payload[2:].decode()
        assert await peer.rest() == b""
        await sending


async def test_messages_of_many_mebibytes_come_back() -> None:
    payload = b"sixteen mebibyte" * 2**20
    async with echoing(echo_settings()) as echo, peer_of(echo.port, "permessage-deflate") as peer:
        for sent in (frame(TEXT, payload), frame(BINARY, packed(payload), 0xC0)):
            sending = asyncio.create_task(peer.send([sent]))

            assert (await peer.receive())[1] == payload
            await sending


def test_the_page_on_conformance_tells_how_many_cases_there_are() -> None:
    page = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text()

    assert f"| {len(CASES)} cases over raw sockets |" in page
