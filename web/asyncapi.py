"""The protocol as an AsyncAPI document, made of the tables and structs that hold at run time."""

from functools import cache
from typing import Any

import yaml

from web.asyncapi_messages import Json, answer_to, requests, said, schemas, told
from web.asyncapi_topics import BROADCASTS, OWN_TOPICS, TOPICS, Topic
from web.errors import CLOSE_CODES, ERRORS, ErrorCode
from web.handlers import ALIAS
from web.messages import JSON_PROTOCOL, MESSAGEPACK_PROTOCOL
from web.pages import File, file_of
from web.requests import CONTROL, OBSERVE
from web.sections import ServerSettings
from web.versions import own_version

PATH = "/api/v1/asyncapi.yaml"
MAIN = "main"
_ENDPOINTS = {
    MAIN: ("", "Everyone, in every mode; with a token."),
    "dev": ("/dev", "Developers, in the modes demo and dev; with a token. 404 in prod."),
    "demo": (
        "/demo",
        f"Anyone, in the modes demo and dev; without a token. The scopes are {OBSERVE}, and in "
        f"demo mode {CONTROL}. 404 in prod.",
    ),
}
_TEXT = f"""One WebSocket protocol for every party: the page, scripts, load generators, and the
worker processes that run simulations.

Subprotocols: `{JSON_PROTOCOL}` (text frames, the default where none is offered) and
`{MESSAGEPACK_PROTOCOL}` (binary frames), with the same field names. A client may send either kind
of frame and is answered in the negotiated one. Numbers that are not finite travel as null. Arrays
of floats travel as lists in JSON, and in MessagePack as little-endian float32:
`{{"f32": <bytes>, "shape": [...]}}`.

A token comes as `Authorization: Bearer`, as `?token=`, or as the subprotocol `bearer.<token>`.
"""


@cache
def document(endpoint: str = ServerSettings().endpoint) -> Json:
    """The whole document, of a server with this endpoint."""
    heard, spoken = said(), told()
    channels = _channels(endpoint.rstrip("/"), [*heard, *spoken])
    return {
        "asyncapi": "3.1.0",
        "info": {"title": "Stagewatch", "version": own_version(), "description": _TEXT},
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": channels,
        "operations": _operations(list(heard), list(spoken), list(channels)),
        "components": {
            "messages": {**heard, **spoken},
            "schemas": schemas(),
            "securitySchemes": _security(),
        },
        "x-errors": [_error(code) for code in ERRORS.values()],
        "x-close-codes": {str(code): text for code, text in CLOSE_CODES.items()},
        "x-topics": [_topic(topic) for topic in TOPICS],
        "x-own-topics": [_topic(topic) for topic in OWN_TOPICS],
        "x-broadcasts": [_topic(topic) for topic in BROADCASTS],
    }


@cache
def described(endpoint: str = ServerSettings().endpoint) -> File:
    """The document as a file of YAML. Takes a moment: to be called on a thread."""
    text = yaml.dump(
        document(endpoint), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100
    )
    return file_of("asyncapi.yaml", text.encode())


class _Plain(yaml.SafeDumper):
    """Writes equal parts out each time, as readers of other makes like it."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _servers() -> Json:
    host = {"default": "127.0.0.1:8000", "description": "where the server listens"}
    return {
        name: {
            "host": "{host}",
            "protocol": name,
            "protocolVersion": "13",
            "variables": {"host": host},
        }
        for name in ("ws", "wss")
    }


def _channels(endpoint: str, messages: list[str]) -> Json:
    """The endpoints and their aliases; each takes and tells the same messages."""
    found: Json = {}
    for alias, root in (("", endpoint), ("-alias", ALIAS)):
        for name, (path, text) in _ENDPOINTS.items():
            found[f"{name}{alias}"] = {
                "address": f"{root}{path}",
                "description": f"{text} Alias of `{name}`." if alias else text,
                "messages": {m: {"$ref": f"#/components/messages/{m}"} for m in messages},
                "bindings": {"ws": _binding(name)},
            }
    return found


def _binding(endpoint: str) -> Json:
    protocols = {"type": "string", "description": f"{JSON_PROTOCOL} or {MESSAGEPACK_PROTOCOL}"}
    found: Json = {
        "method": "GET",
        "headers": {
            "type": "object",
            "properties": {
                "Sec-WebSocket-Protocol": protocols | {"examples": [JSON_PROTOCOL]},
            },
        },
        "bindingVersion": "0.1.0",
    }
    if endpoint != "demo":
        token = {"type": "string", "description": "the token, where no header carries it"}
        found["query"] = {"type": "object", "properties": {"token": token}}
    return found


def _operations(heard: list[str], spoken: list[str], channels: list[str]) -> Json:
    """One per request on the main channel, with its answers; in all others the same holds."""
    found: Json = {}
    summaries = {f"{kind}.{name}": name for kind, name, _ in requests()}
    for message in heard:
        asked = summaries.get(message, message)
        found[message] = {
            "action": "receive",
            **_on(MAIN, [message]),
            "reply": _on(MAIN, [answer_to(asked), "error"]),
            **_secured(MAIN),
        }
    by_itself = ["connection_established", "event", "broadcast", "error"]
    for message in by_itself:
        found[message] = {"action": "send", **_on(MAIN, [message]), **_secured(MAIN)}
    for channel in channels:
        if channel != MAIN:
            found[f"{channel}.hear"] = {
                "action": "receive",
                **_on(channel, heard),
                **_secured(channel),
            }
            found[f"{channel}.tell"] = {"action": "send", **_on(channel, spoken)}
    return found


def _on(channel: str, messages: list[str]) -> Json:
    return {
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
    }


def _secured(channel: str) -> Json:
    if channel.startswith("demo"):
        return {}
    return {"security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in _security()]}


def _security() -> Json:
    """Three ways to bring one token; a browser cannot set the header."""
    return {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "query": {"type": "httpApiKey", "in": "query", "name": "token"},
        "subprotocol": {
            "type": "httpApiKey",
            "in": "header",
            "name": "Sec-WebSocket-Protocol",
            "description": "An entry `bearer.<token>` beside the subprotocol that is offered.",
        },
    }


def _error(code: ErrorCode) -> Json:
    return {
        "code": code.name,
        "when": code.when,
        "details": sorted(code.needs),
        "temporary": code.temporary,
        "closes": code.close_code,
        "closesAtWorst": code.worst or code.close_code,
    }


def _topic(topic: Topic) -> Json:
    return {"topic": topic.name, "what": topic.what, "when": topic.when, "offset": topic.counts}
