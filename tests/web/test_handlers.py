"""Who comes in by which endpoint, with what, from where, and how many."""

import asyncio
import contextlib
import logging
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.clock import ManualClock
from tests.settle import until
from tests.web.wire import SECRET, Wire, make_settings, make_token, serving

ALIASES = ["/api/v1/ws", "/ws"]


async def status(wire: Wire, path: str, **options: Any) -> int:
    """The HTTP status with which the upgrade is refused."""
    with pytest.raises(InvalidStatus) as invalid:
        async with wire.open(path, **options):
            pass
    return invalid.value.response.status_code


@pytest.mark.parametrize("root", ALIASES)
@pytest.mark.parametrize(
    ("mode", "scopes"), [("demo", ["control", "observe"]), ("dev", ["observe"])]
)
async def test_the_demo_endpoint_needs_no_token(root: str, mode: str, scopes: list[str]) -> None:
    async with serving(make_settings(mode)) as wire, wire.open(f"{root}/demo") as client:
        assert (await client.expect("connection_established"))["scopes"] == scopes


async def test_the_config_may_forbid_visitors_of_the_demo_to_command() -> None:
    settings = make_settings(auth={"demo_control": False})
    async with serving(settings) as wire, wire.connect() as client:
        error = await client.ask("command", command="run.pause", params={"run": "a"})

        assert error["code"] == "PERMISSION_DENIED"


@pytest.mark.parametrize("path", ["/ws/demo", "/ws/dev", "/api/v1/ws/demo", "/api/v1/ws/dev"])
async def test_in_prod_only_the_main_endpoint_is_there(path: str) -> None:
    async with serving(make_settings("prod")) as wire:
        assert await status(wire, path) == 404
        async with wire.visitor() as client:
            await client.ask("ping")


@pytest.mark.parametrize("path", ["/ws", "/api/v1/ws", "/ws/dev", "/api/v1/ws/dev"])
async def test_the_other_endpoints_need_a_token_in_any_of_three_places(path: str) -> None:
    token = make_token(sub="ada", scopes=["observe"])
    ways: list[tuple[str, dict[str, Any]]] = [
        (f"{path}?token={token}", {}),
        (path, {"additional_headers": {"Authorization": f"Bearer {token}"}}),
        (path, {"protocols": ("stagewatch.v1.json", f"bearer.{token}")}),
    ]
    async with serving() as wire:
        for way, options in ways:
            async with wire.open(way, **options) as client:
                told = await client.expect("connection_established")
                assert (told["user"], told["scopes"]) == ("ada", ["observe"])
                assert client.socket.subprotocol == "stagewatch.v1.json"
        async with wire.open(path) as client:
            assert await client.refused() == ("AUTHENTICATION_FAILED", 1008)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": 1_000_000_000}, "TOKEN_EXPIRED"),
        ({"secret": SECRET[::-1]}, "AUTHENTICATION_FAILED"),
        ({"aud": "others"}, "AUTHENTICATION_FAILED"),
        ({"scopes": ["rule"]}, "AUTHENTICATION_FAILED"),
        ({"sub": None}, "AUTHENTICATION_FAILED"),
    ],
)
async def test_a_bad_token_is_told_after_the_upgrade_and_closed_with_1008(
    claims: dict[str, Any], code: str
) -> None:
    async with serving() as wire, wire.open(f"/ws?token={make_token(**claims)}") as client:
        assert await client.refused() == (code, 1008)
        assert not len(wire.stage.pool)


async def test_where_no_token_is_required_everybody_may_observe_and_control() -> None:
    settings = make_settings("dev", auth={"required": False})
    async with serving(settings) as wire, wire.open("/ws") as client:
        assert (await client.expect("connection_established"))["scopes"] == ["control", "observe"]


async def test_a_token_never_reaches_the_log_or_an_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("websockets").setLevel(logging.WARNING)
    good, bad = make_token(), make_token(aud="others")

    async with serving() as wire:
        async with wire.open(f"/ws?token={bad}") as client:
            assert bad not in str(await client.expect("error"))
        async with wire.connect(f"/ws?token={good}") as client:
            error = await client.ask("command", command="auth.refresh", params={"token": bad})
            assert bad not in str(error)
        assert await status(wire, f"/nowhere?token={good}") == 404
        assert await status(wire, f"/ws?token={good}", origin="http://evil.example") == 403

    assert "/ws" in caplog.text
    assert good not in caplog.text
    assert bad not in caplog.text


@pytest.mark.parametrize(
    ("origin", "admitted"),
    [
        (None, True),
        ("http://127.0.0.1:{port}", True),
        ("https://lab.example", True),
        ("HTTPS://Lab.Example", True),
        ("https://lab.example:8443", False),
        ("http://lab.example", False),
        ("http://127.0.0.1:1", False),
        ("https://lab.example.evil.example", False),
        ("https://evil.example", False),
        ("null", False),
    ],
)
async def test_pages_of_other_hosts_must_be_on_the_list(origin: str | None, admitted: bool) -> None:
    async with serving(make_settings(server={"origins": ("https://lab.example",)})) as wire:
        asked = None if origin is None else origin.format(port=wire.port)

        if admitted:
            async with wire.connect(origin=asked):
                pass
        else:
            assert await status(wire, "/ws/demo", origin=asked) == 403


@pytest.mark.parametrize(
    ("limits", "scope"),
    [
        ({"connections": 2}, "all"),
        ({"connections_per_user": 2}, "user"),
        ({"connections_per_ip": 2}, "ip"),
    ],
)
async def test_one_connection_too_many_is_told_and_closed_with_1013(
    limits: dict[str, int], scope: str
) -> None:
    async with serving(make_settings(limits=limits)) as wire:
        async with wire.visitor() as one, wire.visitor():
            async with wire.open(f"/ws?token={make_token()}") as third:
                error = await third.expect("error")
                assert error["code"] == "CONNECTION_LIMIT_EXCEEDED"
                assert (error["details"], error["temporary"]) == (
                    {"limit": 2, "scope": scope},
                    True,
                )
                assert await third.closed() == 1013
            assert (await one.ask("ping"))["type"] == "pong"
        await until(lambda: not len(wire.stage.pool))
        async with wire.visitor() as client:
            await client.ask("ping")


@pytest.mark.parametrize(
    ("trusted", "admitted"), [((), 1), (("127.0.0.1",), 3)], ids=["untrusted", "trusted"]
)
async def test_forwarded_addresses_count_only_from_a_trusted_proxy(
    trusted: tuple[str, ...], admitted: int
) -> None:
    settings = make_settings(limits={"connections_per_ip": 1}, server={"trusted_proxies": trusted})
    async with serving(settings) as wire, contextlib.AsyncExitStack() as stack:
        for number in range(3):
            headers = {"X-Forwarded-For": f"192.0.2.{number}"}
            await stack.enter_async_context(wire.open(additional_headers=headers))

        assert len(wire.stage.pool) == admitted


async def test_messages_beyond_the_rate_are_refused_and_in_the_end_the_connection_is_closed() -> (
    None
):
    clock = ManualClock()
    settings = make_settings(limits={"messages_per_connection": 5})
    async with serving(settings, clock=clock) as wire, wire.connect() as client:
        for _ in range(5):
            assert (await client.ask("ping"))["type"] == "pong"

        error = await client.ask("ping", id="6")
        clock.advance(12)
        assert (await client.ask("ping"))["type"] == "pong"

        assert (error["code"], error["id"]) == ("RATE_LIMIT_EXCEEDED", "6")
        assert error["details"] == {
            "limit": 5, "window": "1m", "retry_after": 12, "scope": "connection",
        }  # fmt: skip
        with contextlib.suppress(Exception):
            for _ in range(20):
                await client.send("ping")
        assert await client.closed() == 1008


@pytest.mark.parametrize("scope", ["user", "ip"])
async def test_reconnecting_does_not_evade_a_rate(scope: str) -> None:
    limits = {"messages_per_connection": 0, f"messages_per_{scope}": 3}
    async with serving(make_settings(limits=limits), clock=ManualClock()) as wire:
        for _ in range(3):
            async with wire.visitor() as client:
                assert (await client.ask("ping"))["type"] == "pong"

        async with wire.visitor() as client:
            error = await client.ask("ping")

        assert (error["code"], error["details"]["scope"]) == ("RATE_LIMIT_EXCEEDED", scope)


async def test_a_handshake_with_a_malformed_key_is_refused() -> None:
    async with serving() as wire:
        for key in ("", "x", "*" * 24, "eA=="):
            headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
            writer.write(
                f"GET /ws/demo HTTP/1.1\r\nHost: x\r\n{lines}Sec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
            )
            assert b" 400 " in await asyncio.wait_for(reader.readline(), 10)
            writer.close()
