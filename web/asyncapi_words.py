"""Kinds of values that many results hold."""

from typing import Annotated

from msgspec import Meta

Number = float | None
Time = Annotated[str, Meta(description="UTC, ISO 8601 with milliseconds and `Z`")]
