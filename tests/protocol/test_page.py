"""The page about the protocol says what the program does."""

import json
import re
from typing import Any

import pytest

from tests.protocol.described import check, validator
from web.asyncapi_messages import said
from web.protocol_tables import COMMAND, PAGE, TABLES, drawn, renewed

TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
SAID = [json.loads(line) for line in EXAMPLES[0].splitlines()]
TOLD = json.loads(EXAMPLES[1])


def test_the_tables_of_the_page_are_those_of_the_program() -> None:
    assert renewed(TEXT) == TEXT, f"{PAGE.name} is stale: run `{COMMAND}`"


def test_the_page_has_a_place_for_every_table() -> None:
    assert drawn(TEXT) == TABLES.keys()


@pytest.mark.parametrize("message", SAID, ids=lambda message: message["type"])
def test_an_example_of_the_page_is_a_message(message: dict[str, Any]) -> None:
    kind = message["type"]
    name = f"{kind}.{message[kind]}" if kind in message else kind

    validator(name).validate(message)


def test_the_event_of_the_page_is_a_message() -> None:
    check(TOLD)


def test_the_page_shows_every_type_of_message() -> None:
    assert {message["type"] for message in SAID} == {name.split(".")[0] for name in said()}
