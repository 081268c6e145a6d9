"""What people try at the door of a whole server: names that lead astray, half requests, floods."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.settle import until
from tests.web.test_server import serving
from web.hosts import Hosts
from web.server import Server

PATIENCE = 10.0
UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
QUICK: dict[str, Any] = {"server.handshake_timeout": 0.3}


@contextlib.asynccontextmanager
async def visit(
    server: Server,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def answer(server: Server, request: str) -> bytes:
    """The first line of what the server says; nothing where it only closes."""
    async with visit(server) as (reader, writer), asyncio.timeout(PATIENCE):
        writer.write(request.encode())
        with contextlib.suppress(ConnectionError):
            return await reader.readline()
    return b""


@pytest.mark.parametrize(
    ("bound", "header", "known"),
    [
        ("127.0.0.1", "localhost:8000", True),
        ("127.0.0.1", "LOCALHOST", True),
        ("127.0.0.1", "localhost.", True),
        ("127.0.0.1", "stage.localhost:8000", True),
        ("127.0.0.1", "127.0.0.1:8000", True),
        ("127.0.0.1", "[::1]:8000", True),
        ("0.0.0.0", "192.0.2.7", True),
        ("0.0.0.0", "desk7:8000", True),
        ("0.0.0.0", "desk7.lab.example", True),
        ("0.0.0.0", "Desk7.local:8000", True),
        ("stage.lab.example", "stage.lab.example:8000", True),
        ("127.0.0.1", "named.example", True),
        ("127.0.0.1", None, True),
        ("127.0.0.1", "evil.example:8000", False),
        ("0.0.0.0", "evil.example", False),
        ("0.0.0.0", "other.lab.example", False),
        ("127.0.0.1", "localhost.evil.example", False),
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "notlocalhost", False),
        ("127.0.0.1", "a@localhost", False),
        ("127.0.0.1", "localhost,evil.example", False),
        ("127.0.0.1", "", False),
    ],
)
def test_a_server_answers_to_its_own_names_and_to_addresses(
    bound: str, header: str | None, known: bool
) -> None:
    hosts = Hosts(bound, ["named.example"], machine="desk7.lab.example")

    assert hosts.know(header) is known


def test_a_star_in_the_config_lets_every_name_in() -> None:
    assert Hosts("127.0.0.1", ["*"], machine="desk7").know("any.example")


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/v1/runs", "/api/v1/ws/demo", "/nothing"])
async def test_a_name_that_was_made_to_lead_here_gets_nothing(tmp_path: Path, path: str) -> None:
    async with serving(tmp_path) as server:
        host = f"evil.example:{server.port}"
        same_origin = f"Host: {host}\r\nOrigin: http://{host}\r\n"
        request = f"GET {path} HTTP/1.1\r\n{same_origin}{UPGRADE}\r\n"

        assert b" 421 " in await answer(server, request)


async def test_the_config_names_those_by_which_a_server_may_be_called(tmp_path: Path) -> None:
    async with serving(tmp_path, server__hosts=("stage.example",)) as server:
        host = f"Stage.example:{server.port}"
        origin = f"Origin: http://{host}\r\n"

        request = f"GET /ws/demo HTTP/1.1\r\nHost: {host}\r\n{origin}{UPGRADE}\r\n"
        assert b" 101 " in await answer(server, request)


async def test_a_request_that_is_never_said_to_its_end_is_cut_off(tmp_path: Path) -> None:
    async with serving(tmp_path, **QUICK) as server, visit(server) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n")

        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
        await until(lambda: not server._http.waiting)


async def test_a_byte_now_and_then_gives_no_more_time(tmp_path: Path) -> None:
    async with serving(tmp_path, **QUICK) as server, visit(server) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nX-Slow: ")

        async def drip() -> None:
            while not reader.at_eof():
                writer.write(b"x")
                await asyncio.wait({ended}, timeout=0.02)

        ended = asyncio.ensure_future(reader.read())
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionError):
                await drip()
            await asyncio.wait({ended})


async def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    async with serving(tmp_path, **QUICK) as server, visit(server) as (reader, writer):
        writer.write(b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx")

        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionError):
                await reader.read()


async def test_half_requests_take_the_places_of_older_ones_and_not_of_honest_visitors(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path, server__handshakes=20) as server, contextlib.AsyncExitStack() as s:
        for _ in range(100):
            _, writer = await s.enter_async_context(visit(server))
            writer.write(b"GET / HTTP/1.1\r\nX-Slow: ")
        await until(lambda: len(server._http.waiting) == 20)

        for path, status in (("/livez", b" 200 "), ("/ws/demo", b" 101 ")):
            request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}\r\n"
            assert status in await answer(server, request)
        assert len(server._http._connections) <= 23


@pytest.mark.parametrize(
    "lines",
    [
        "X-Long: " + "x" * 70_000 + "\r\n",
        "".join(f"X-{number}: x\r\n" for number in range(20_000)),
    ],
    ids=["long", "many"],
)
async def test_a_flood_of_headers_ends_the_connection(tmp_path: Path, lines: str) -> None:
    async with serving(tmp_path) as server:
        said = await answer(server, f"GET / HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n")

        assert b" 200 " not in said
        assert b" 200 " in await answer(server, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")


@pytest.mark.parametrize(
    "lines",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Host: localhost\r\nHost: evil.example\r\n",
        "Content-Length: 99999999999\r\n",
        "X-A: a\x00b\r\n",
        "X A: b\r\n",
        " folded\r\n",
    ],
)
async def test_requests_that_two_servers_could_read_differently_are_refused(
    tmp_path: Path, lines: str
) -> None:
    host = "" if lines.startswith("Host") else "Host: localhost\r\n"
    async with serving(tmp_path) as server:
        said = await answer(server, f"POST /livez HTTP/1.1\r\n{host}{lines}\r\n0\r\n\r\n")

        assert said == b"" or b" 400 " in said
