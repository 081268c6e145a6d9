"""Each row of the protocol's table of errors that leaves the connection open, over the wire.

Those that close it are in test_handlers.py and test_slow_reader.py; RATE_LIMIT_EXCEEDED too.
"""

from typing import Any

import msgspec
import pytest

from tests.web.wire import make_settings, make_token, serving
from web.errors import COMMAND_FAILED, CONFLICT, NOT_FOUND, Refusal
from web.requests import QUERIES

RUN = {"run": "b"}
ROWS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("PERMISSION_DENIED", {"type": "query", "query": "connections.list"}, {"scope": "admin"}),
    ("PERMISSION_DENIED", {"type": "subscribe", "events": ["run.>"]}, {"topic": "run.>"}),
    ("VALIDATION_ERROR", {"type": "ping", "odd": 1}, {"path": "$.odd"}),
    ("VALIDATION_ERROR", {"type": "ping", "timestamp": "now"}, {"path": "$.timestamp"}),
    ("VALIDATION_ERROR", {"type": "subscribe"}, {"path": "$.events"}),
    ("UNKNOWN_TYPE", {"type": "shout"}, {"type": "shout"}),
    ("UNKNOWN_QUERY", {"type": "query", "query": "run.got"}, {"known": sorted(QUERIES)}),
    ("UNKNOWN_COMMAND", {"type": "command", "command": "run.go"}, {"command": "run.go"}),
    ("INVALID_TOPIC", {"type": "subscribe", "events": ["run..a"]}, {"topic": "run..a"}),
    (
        "SUBSCRIPTION_LIMIT_EXCEEDED",
        {"type": "subscribe", "events": ["run.a.x", "run.a.y", "run.a.z"]},
        {"limit": 2},
    ),
    ("NOT_FOUND", {"type": "query", "query": "run.get", "params": {"run": "a"}}, {"name": "a"}),
    (
        "CONFLICT",
        {"type": "command", "command": "run.pause", "params": {"run": "a"}},
        {"reason": "it is over"},
    ),
    (
        "COMMAND_FAILED",
        {"type": "command", "command": "run.stop", "params": {"run": "a"}},
        {"reason": "no"},
    ),
]
REFUSALS = {
    "run.get": Refusal(NOT_FOUND, what="run", name="a"),
    "run.pause": Refusal(CONFLICT, reason="it is over"),
    "run.stop": Refusal(COMMAND_FAILED, reason="no"),
}


@pytest.mark.parametrize("packed", [False, True], ids=["json", "msgpack"])
@pytest.mark.parametrize(("code", "message", "details"), ROWS)
async def test_the_row_is_told_with_id_and_details_and_the_connection_stays(
    code: str, message: dict[str, Any], details: dict[str, Any], packed: bool
) -> None:
    token = make_token(scopes=["observe", "control"], topics=["run.a.>"])
    async with serving(make_settings(limits={"patterns": 2})) as wire:
        for name, refusal in REFUSALS.items():

            async def refuse(_: object, refusal: Refusal = refusal) -> object:
                raise refusal

            wire.services.answers[name] = refuse
        async with wire.connect(f"/ws?token={token}", packed=packed) as client:
            await client.send_raw({**message, "id": "7"})

            error = await client.expect("error")

            assert (error["code"], error["id"]) == (code, "7")
            assert {name: error["details"][name] for name in details} == details
            assert set(error) == {
                "type", "timestamp", "id", "code", "message", "details", "temporary",
            }  # fmt: skip
            assert (await client.ask("ping"))["type"] == "pong"


@pytest.mark.parametrize("data", ["{", "[]", "7", b"\xc1", msgspec.msgpack.encode([1])])
async def test_what_cannot_be_read_is_an_invalid_message(data: str | bytes) -> None:
    async with serving() as wire, wire.connect() as client:
        await client.socket.send(data)

        error = await client.expect("error")

        assert (error["code"], "id" in error) == ("INVALID_MESSAGE", False)
        assert (await client.ask("ping"))["type"] == "pong"
