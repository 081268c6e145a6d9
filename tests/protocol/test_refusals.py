"""The table of errors: when each is told, with what, and what becomes of the connection."""

from typing import Any

import pytest

from tests.protocol.speaker import Message, Scene
from tests.web.wire import make_token
from web.errors import ERRORS
from web.messages import INBOUND_TYPES
from web.requests import COMMANDS, QUERIES

pytestmark = pytest.mark.asyncio(loop_scope="package")
row = pytest.mark.row
both = pytest.mark.parametrize("packed", [False, True], ids=["json", "msgpack"])
QUERY, COMMAND = {"type": "query"}, {"type": "command"}
MANY = [f"a.t{number}" for number in range(33)]


def refusal(code: str, message: Message, **details: object) -> Any:
    return pytest.param(code, message, details, marks=row(f"error {code}"))


@row("message error")
@both
@pytest.mark.parametrize(
    ("code", "message", "details"),
    [
        refusal("PERMISSION_DENIED", QUERY | {"query": "connections.list"}, scope="admin"),
        refusal("VALIDATION_ERROR", {"type": "subscribe", "events": []}, path="$.events"),
        refusal(
            "VALIDATION_ERROR",
            {"type": "subscribe", "events": ["a"], "max_hz": 0},
            path="$.max_hz",
        ),
        refusal(
            "VALIDATION_ERROR", {"type": "subscribe", "events": ["a"], "mode": "x"}, path="$.mode"
        ),
        refusal(
            "VALIDATION_ERROR",
            QUERY | {"query": "run.agents", "params": {"run": "{tmaze}", "limit": 501}},
            path="$.params.limit",
        ),
        refusal("VALIDATION_ERROR", {"events": ["a"]}, path="$.type"),
        refusal("UNKNOWN_TYPE", {"type": "shout"}, known=list(INBOUND_TYPES)),
        refusal("UNKNOWN_QUERY", QUERY | {"query": "x"}, known=sorted(QUERIES)),
        refusal("UNKNOWN_COMMAND", COMMAND | {"command": "x"}, known=sorted(COMMANDS)),
        refusal("INVALID_TOPIC", {"type": "subscribe", "events": ["a.>.b"]}, topic="a.>.b"),
        refusal("INVALID_TOPIC", {"type": "unsubscribe", "events": ["ä"]}, topic="ä"),
        refusal(
            "INVALID_TOPIC", QUERY | {"query": "history", "params": {"topic": "a.*"}}, topic="a.*"
        ),
        refusal("SUBSCRIPTION_LIMIT_EXCEEDED", {"type": "subscribe", "events": MANY}, limit=32),
        refusal(
            "NOT_FOUND", QUERY | {"query": "run.get", "params": {"run": "x"}}, what="run", name="x"
        ),
        refusal(
            "NOT_FOUND",
            QUERY | {"query": "agent.get", "params": {"run": "{tmaze}", "agent": 99}},
            what="agent",
        ),
        refusal(
            "NOT_FOUND", COMMAND | {"command": "run.start", "params": {"scenario": "x"}}, name="x"
        ),
        refusal("CONFLICT", COMMAND | {"command": "run.step", "params": {"run": "{tmaze}"}}),
    ],
)
async def test_what_leaves_the_connection_open(
    stage: Scene, code: str, message: Message, details: dict[str, Any], packed: bool
) -> None:
    async with stage.speaker(packed=packed) as speaker:
        await speaker.send_raw({**_named(message, stage.tmaze), "id": "7"})
        error = await speaker.expect("error")
        stays = await speaker.request("ping")

    fields = {"type", "timestamp", "id", "code", "message", "details", "temporary"}
    assert (error["code"], error["id"], set(error)) == (code, "7", fields)
    assert error["temporary"] is ERRORS[code].temporary
    assert ERRORS[code].needs <= error["details"].keys()
    assert {name: error["details"][name] for name in details} == details
    assert (ERRORS[code].close_code, stays["type"]) == (None, "pong")


def _named(message: Message, run: str) -> Message:
    """The message with the run's name in its place."""
    params = message.get("params")
    if params is None or params.get("run") != "{tmaze}":
        return message
    return {**message, "params": {**params, "run": run}}


@row("error INVALID_MESSAGE")
@both
@pytest.mark.parametrize("data", ["{", "[]", "null", b"\xc1", b"\x90", b""])
async def test_what_is_no_message_leaves_the_connection_open(
    stage: Scene, data: str | bytes, packed: bool
) -> None:
    async with stage.speaker(packed=packed) as speaker:
        await speaker.socket.send(data)
        error = await speaker.expect("error")
        stays = await speaker.request("ping")

    assert (error["code"], stays["type"]) == ("INVALID_MESSAGE", "pong")


@row("close 1008", "the error comes before the close")
@both
@pytest.mark.parametrize(
    ("code", "token"),
    [
        pytest.param(code, token, marks=row(f"error {code}"), id=name)
        for code, name, token in [
            ("AUTHENTICATION_FAILED", "absent", None),
            ("AUTHENTICATION_FAILED", "malformed", "x.y.z"),
            ("AUTHENTICATION_FAILED", "wrongly signed", make_token(secret="s" * 40)),
            ("AUTHENTICATION_FAILED", "wrong audience", make_token(aud="others")),
            ("AUTHENTICATION_FAILED", "wrong issuer", make_token(iss="others")),
            ("AUTHENTICATION_FAILED", "endless", make_token(exp=None)),
            ("TOKEN_EXPIRED", "expired", make_token(exp=1_000_000_000)),
        ]
    ],
)
async def test_who_may_not_come_in_is_told_and_closed(
    stage: Scene, code: str, token: str | None, packed: bool
) -> None:
    path = "/api/v1/ws" if token is None else f"/api/v1/ws?token={token}"
    async with stage.socket(path, packed=packed) as speaker:
        error = await speaker.expect("error")
        closed = await speaker.closed()

    assert (error["code"], closed) == (code, ERRORS[code].close_code)
    assert token is None or token not in str(error)
