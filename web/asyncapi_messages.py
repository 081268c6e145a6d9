"""The messages of the protocol as AsyncAPI has them, drawn from the structs and tables that
validate at run time."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from web.asyncapi_examples import PARAMS, SAID, TIME, TOLD
from web.asyncapi_examples import RESULTS as RESULT_EXAMPLES
from web.asyncapi_results import RESULTS
from web.errors import ERRORS
from web.messages import (
    BroadcastMessage,
    Command,
    ErrorMessage,
    Established,
    Events,
    Ping,
    Pong,
    Query,
    Response,
    Subscribe,
    Unsubscribe,
)
from web.requests import COMMANDS, QUERIES, Request

Json = dict[str, Any]
SCHEMAS = "#/components/schemas/"
_BASES: Mapping[str, type[Struct]] = {"query": Query, "command": Command}
_SAID: Mapping[str, type[Struct]] = {
    "ping": Ping,
    "subscribe": Subscribe,
    "unsubscribe": Unsubscribe,
}
_TOLD: Mapping[str, type[Struct]] = {
    "connection_established": Established,
    "pong": Pong,
    "event": Events,
    "error": ErrorMessage,
    "broadcast": BroadcastMessage,
}


def requests() -> Iterator[tuple[str, str, Request]]:
    """Every query and command: its type of message, its name, its row."""
    for kind, table in (("query", QUERIES), ("command", COMMANDS)):
        for name, row in table.items():
            yield kind, name, row


def said() -> dict[str, Json]:
    """What clients send, by the message's name: a type, or `query.` and `command.` with a name."""
    found = {name: _message(name, struct, SAID[name]) for name, struct in _SAID.items()}
    for kind, name, row in requests():
        found[f"{kind}.{name}"] = _request(kind, name, row)
    return found


def told() -> dict[str, Json]:
    """What the server sends, by the message's name: a type, or `response.` with what was asked."""
    found = {name: _message(name, struct, TOLD[name]) for name, struct in _TOLD.items()}
    plain = {"type": "response", "timestamp": TIME, "id": "2", "result": {}}
    found["response"] = _message("response", Response, plain)
    for name, result in RESULTS.items():
        found[f"response.{name}"] = _response(name, result)
    return found


def answer_to(name: str) -> str:
    """The name of the message that answers a request."""
    if name == "ping":
        return "pong"
    return f"response.{name}" if name in RESULTS else "response"


def schemas() -> Json:
    """All schemas by name."""
    structs: set[type[Struct]] = {
        *_BASES.values(),
        *_SAID.values(),
        *_TOLD.values(),
        Response,
        *RESULTS.values(),
    }
    structs |= {row.params for _, _, row in requests()}
    ordered = sorted(structs, key=lambda struct: struct.__name__)
    _, found = msgspec.json.schema_components(ordered, ref_template=f"{SCHEMAS}{{name}}")
    found["ErrorMessage"]["properties"]["code"] = {"type": "string", "enum": list(ERRORS)}
    return dict(sorted(found.items()))


def _reference(struct: type[Struct]) -> Json:
    return {"$ref": f"{SCHEMAS}{struct.__name__}"}


def _message(name: str, struct: type[Struct], example: Json) -> Json:
    return {
        "name": name,
        "summary": _summary(struct),
        "payload": _reference(struct),
        "examples": [{"name": "one", "payload": example}],
    }


def _request(kind: str, name: str, row: Request) -> Json:
    """A query or command: the general message, with this name and these params."""
    params = {"type": kind, kind: name, "id": "4", "params": PARAMS.get(name, {})}
    needed = [kind, *(["params"] if _has_required(row.params) else [])]
    narrowed = {
        "type": "object",
        "properties": {kind: {"const": name}, "params": _reference(row.params)},
        "required": needed,
    }
    return {
        "name": f"{kind}.{name}",
        "summary": _summary(row.params),
        "description": f"Needs the scope `{row.scope}`." if row.scope else "For any scope.",
        "payload": {"allOf": [_reference(_BASES[kind]), narrowed]},
        "examples": [{"name": "one", "payload": params}],
    }


def _response(name: str, result: type[Struct]) -> Json:
    narrowed = {"type": "object", "properties": {"result": _reference(result)}}
    found: Json = {
        "name": f"response.{name}",
        "summary": _summary(result),
        "payload": {"allOf": [_reference(Response), narrowed]},
    }
    if name in RESULT_EXAMPLES:
        example = {
            "type": "response",
            "timestamp": TIME,
            "id": "4",
            "result": RESULT_EXAMPLES[name],
        }
        found["examples"] = [{"name": "one", "payload": example}]
    return found


def _has_required(params: type[Struct]) -> bool:
    return any(field.required for field in msgspec.structs.fields(params))


def _summary(struct: type[Struct]) -> str:
    return " ".join((struct.__doc__ or "").split())
