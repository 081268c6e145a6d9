"""A token goes nowhere but to the server, however much it talks."""

import asyncio
import contextlib
import json
import urllib.request
from pathlib import Path

import psutil
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.processes.conftest import Serve
from web.auth import Authenticator
from web.config import load
from web.secret import keys_of


async def test_no_token_is_logged_answered_counted_or_listed_at_any_level(
    serve: Serve, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    serving = await serve(data, "metronome:hz=20", log__level="debug")
    authenticator = Authenticator(keys_of(load(None, {}, {"data_dir": data})))
    good = authenticator.issue("ada", ["observe", "admin"])
    bad = authenticator.issue("eve", ["observe"])[:-8] + "AAAAAAAA"
    url = f"ws://127.0.0.1:{serving.port}/ws"
    told = []
    for token in (good, bad):
        bearer = {"Authorization": f"Bearer {token}"}
        protocols = [Subprotocol("stagewatch.v1.json"), Subprotocol(f"bearer.{token}")]
        for socket in (
            connect(f"{url}?token={token}"),
            connect(url, additional_headers=bearer),
            connect(url, subprotocols=protocols),
        ):
            async with socket as opened:
                refresh = {"command": "auth.refresh", "params": {"token": bad}, "id": "r"}
                with contextlib.suppress(Exception):
                    for asked in (
                        {"type": "query", "query": "connections.list"},
                        {"type": "query", "query": "actors.tree"},
                        {"type": "command", **refresh},
                    ):
                        await opened.send(json.dumps(asked))
                    while True:
                        told.append(str(await opened.recv()))
        for request in (
            f"GET /ws?token={token} nonsense\r\n\r\n",
            f"GET /nothing?token={token} HTTP/1.1\r\nHost: localhost\r\n\r\n",
            f"GET /api/v1/runs?token={token}%ff&a HTTP/1.1\r\nHost: localhost\r\n\r\n",
            f"GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\x01\r\n\r\n",
            f"GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization {token}: x\r\n\r\n",
            f"GET / HTTP/1.1\r\nHost: {token}\r\n\r\n",
            f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {token}\r\n\r\n",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
            writer.write(request.encode())
            writer.write_eof()
            told.append((await asyncio.wait_for(reader.read(), 10)).decode())
            writer.close()
    figures = f"http://127.0.0.1:{serving.port}/metrics"
    told.append(await asyncio.to_thread(lambda: urllib.request.urlopen(figures).read().decode()))
    told += [
        " ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])
    ]

    assert await serving.end() == 0

    log = serving.log.read_text()
    assert "DEBUG" in log
    assert "connection_established" in "".join(told)
    for token in (good, bad):
        signature = token.rpartition(".")[2]
        assert signature not in log
        assert not [text for text in told if signature in text]
