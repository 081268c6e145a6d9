"""Clients that ask for an export, and then do not read it."""

import asyncio
import contextlib
import json
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.settle import until
from tests.web.test_server import a_record, get, serving
from web.rest_export import RunExport

PATH = "/api/v1/runs/metronome-abc/export?format=csv"


@contextlib.asynccontextmanager
async def asking(port: int) -> AsyncIterator[socket.socket]:
    """A client that asked for the export, and has taken the first bytes of it."""
    loop = asyncio.get_running_loop()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        await loop.sock_connect(client, ("127.0.0.1", port))
        await loop.sock_sendall(client, f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert (await loop.sock_recv(client, 12)) == b"HTTP/1.1 200"
        yield client


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Every export is larger than what sockets hold; the folder that its files are made in."""
    folder = tmp_path / "exports"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr("web.rest_export.said", write)
    return folder


async def write(*words: str, within: float) -> bytes:
    """In the place of the command."""
    assert within > 0
    Path(words[words.index("--out") + 1]).write_bytes(b"x" * 40_000_000)
    return b""


async def test_who_does_not_read_an_export_makes_room_for_others(
    tmp_path: Path, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunExport, "taken_within", 0.5)
    a_record(tmp_path)
    async with serving(tmp_path) as server, asking(server.port), asking(server.port):
        full = await get(server, PATH)
        assert (full.code, json.loads(full.body)["code"]) == (409, "CONFLICT")

        await until(lambda: not list(large.iterdir()))

        assert (await get(server, PATH)).code == 200


async def test_who_goes_away_from_an_export_makes_room_at_once(tmp_path: Path, large: Path) -> None:
    a_record(tmp_path)
    async with serving(tmp_path) as server:
        async with asking(server.port), asking(server.port):
            assert len(list(large.iterdir())) == 2

        await until(lambda: not list(large.iterdir()))

        assert (await get(server, PATH)).code == 200
