"""The description of the protocol, by the official schema of such descriptions."""

import copy
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from tests.protocol.described import validator
from tests.web.test_server import get, serving
from web.asyncapi import PATH, described, document
from web.codec import decode, decode_params
from web.errors import ERRORS
from web.messages import INBOUND_TYPES, Command, Query
from web.requests import COMMANDS, QUERIES

OFFICIAL = Path(__file__).parents[2] / "web/node_modules/@asyncapi/specs/schemas/3.1.0.json"


def official() -> Draft7Validator:
    return Draft7Validator(json.loads(OFFICIAL.read_bytes()))


def examples() -> Iterator[tuple[str, Any]]:
    for name, message in document()["components"]["messages"].items():
        for example in message.get("examples", ()):
            yield name, example["payload"]


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_the_official_schema_finds_nothing_wrong() -> None:
    told = yaml.safe_load(described().body)

    assert [error.message for error in official().iter_errors(told)] == []


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("asyncapi",), "2.6.0"),
        (("channels", "main", "address"), 7),
        (("operations", "ping", "action"), "shout"),
        (("components", "securitySchemes", "bearer", "type"), "password of old"),
    ],
)
def test_the_official_schema_would_find_what_is_wrong(place: tuple[str, ...], wrong: Any) -> None:
    told = copy.deepcopy(document())
    part = told
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = wrong

    assert list(official().iter_errors(told))


def test_every_reference_points_to_something() -> None:
    whole = document()

    for reference in references(whole):
        part = whole
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]


@pytest.mark.parametrize(("name", "example"), list(examples()))
def test_an_example_fits_the_schema_it_stands_by(name: str, example: Any) -> None:
    validator(name).validate(example)


@pytest.mark.parametrize(
    ("name", "example"), [case for case in examples() if case[1]["type"] in INBOUND_TYPES]
)
def test_the_server_takes_each_example_of_what_a_client_says(name: str, example: Any) -> None:
    message = decode(json.dumps(example))

    if isinstance(message, Query | Command):
        row = {**QUERIES, **COMMANDS}[name.partition(".")[2]]
        assert isinstance(decode_params(message.params, row.params, packed=False), row.params)


def test_every_request_has_an_example_and_its_own_params() -> None:
    messages = document()["components"]["messages"]

    for kind, table in (("query", QUERIES), ("command", COMMANDS)):
        for name, row in table.items():
            message = messages[f"{kind}.{name}"]
            narrowed = message["payload"]["allOf"][1]["properties"]
            assert narrowed["params"]["$ref"].endswith(f"/{row.params.__name__}")
            assert not validator(f"{kind}.{name}").is_valid({"type": kind, kind: "other"})
            assert message["examples"]


def test_all_types_of_message_and_all_errors_are_there() -> None:
    whole = document()
    names = {name.split(".")[0] for name in whole["components"]["messages"]}

    outbound = {"connection_established", "pong", "event", "response", "error", "broadcast"}
    assert names == {*INBOUND_TYPES, *outbound}
    assert [row["code"] for row in whole["x-errors"]] == list(ERRORS)
    code = whole["components"]["schemas"]["ErrorMessage"]["properties"]["code"]
    assert code["enum"] == list(ERRORS)


def test_three_endpoints_with_aliases_are_there_and_only_demo_goes_without_token() -> None:
    whole = document()

    addresses = {name: channel["address"] for name, channel in whole["channels"].items()}
    assert addresses == {
        "main": "/api/v1/ws",
        "dev": "/api/v1/ws/dev",
        "demo": "/api/v1/ws/demo",
        "main-alias": "/ws",
        "dev-alias": "/ws/dev",
        "demo-alias": "/ws/demo",
    }
    free = {
        operation["channel"]["$ref"].split("/")[-1]
        for operation in whole["operations"].values()
        if operation["action"] == "receive" and not operation.get("security")
    }
    assert free == {"demo", "demo-alias"}


def test_the_endpoint_of_the_config_is_told() -> None:
    addresses = {channel["address"] for channel in document("/live/")["channels"].values()}

    assert addresses == {"/live", "/live/dev", "/live/demo", "/ws", "/ws/dev", "/ws/demo"}


async def test_it_is_served_compressed_and_only_when_it_has_changed(tmp_path: Path) -> None:
    async with serving(tmp_path, mode="dev") as server:
        plain = await get(server, PATH)
        packed = await get(server, PATH, **{"Accept-Encoding": "gzip"})
        again = await get(server, PATH, **{"If-None-Match": plain.headers["ETag"]})

    assert (plain.code, plain.headers["Content-Type"]) == (200, "application/yaml")
    assert plain.headers["Cache-Control"] == "no-cache"
    assert yaml.safe_load(plain.body) == document()
    assert gzip.decompress(packed.body) == plain.body
    assert (again.code, again.body) == (304, b"")
