"""Whether a message is what the description of the protocol says."""

import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from web.asyncapi import document

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@cache
def validator(name: str) -> Draft202012Validator:
    """Of the message with this name in the description."""
    components = document()["components"]
    return Draft202012Validator(
        {**components["messages"][name]["payload"], "components": components}
    )


def check(message: dict[str, Any], answers: str = "") -> None:
    """Raises where the message is not as described; `answers`: the query, command or type of
    message that it is the response to."""
    assert UTC.fullmatch(message["timestamp"]), message
    name = message["type"]
    if (
        answers
        and name == "response"
        and f"response.{answers}" in document()["components"]["messages"]
    ):
        name = f"response.{answers}"
    validator(name).validate(message)
