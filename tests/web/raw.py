"""A client that speaks WebSocket byte by byte, so that it can do so wrongly."""

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import AsyncIterator

from tests.web.wire import PATIENCE, Wire

HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n{headers}"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def frame(opcode: int, payload: bytes = b"", *, first: int = 0x80) -> bytes:
    """A masked frame; `first` holds the bits beside the opcode."""
    size = len(payload)
    if size < 126:
        header = struct.pack("!BB", first | opcode, 0x80 | size)
    elif size < 65536:
        header = struct.pack("!BBH", first | opcode, 0x80 | 126, size)
    else:
        header = struct.pack("!BBQ", first | opcode, 0x80 | 127, size)
    mask = os.urandom(4)
    return header + mask + bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))


class RawClient:
    """An upgraded connection; `handshake` is what the server answered to the upgrade."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handshake: bytes
    ) -> None:
        self.handshake = handshake
        self.reader = reader
        self.writer = writer

    async def receive(self) -> tuple[int, bytes]:
        """The next frame: its first byte, and its payload."""
        async with asyncio.timeout(PATIENCE):
            first, size = await self.reader.readexactly(2)
            if size == 126:
                (size,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
            return first, await self.reader.readexactly(size)

    async def closed(self) -> int:
        """The close code that comes; what comes before is skipped."""
        while True:
            first, payload = await self.receive()
            if first == 0x88:
                return int.from_bytes(payload[:2], "big")

    async def rest(self) -> bytes:
        """All that comes until the server closes the connection."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""


@contextlib.asynccontextmanager
async def raw_client(
    wire: Wire, path: str = "/ws/demo", headers: str = "", receive_buffer: int = 0
) -> AsyncIterator[RawClient]:
    """An upgraded connection that was greeted."""
    end = socket.socket()
    end.setblocking(False)
    if receive_buffer:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    await asyncio.get_running_loop().sock_connect(end, ("127.0.0.1", wire.port))
    # A small limit keeps the reader from taking in what the test does not read.
    reader, writer = await asyncio.open_connection(sock=end, limit=4096)
    writer.write(HANDSHAKE.format(path=path, port=wire.port, headers=headers).encode())
    async with asyncio.timeout(PATIENCE):
        handshake = await reader.readuntil(b"\r\n\r\n")
    client = RawClient(reader, writer, handshake)
    await client.receive()
    try:
        yield client
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
