"""The tables of docs/protocol.md, drawn from those of the program.

`python -m web.protocol_tables` writes them anew into the page.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from web.asyncapi_results import RESULTS
from web.asyncapi_topics import BROADCASTS, OWN_TOPICS, TOPICS, Topic
from web.errors import CLOSE_CODES, ERRORS, ErrorCode
from web.requests import COMMANDS, PUBLISH, QUERIES, Request
from web.sections import HeartbeatSettings, LimitSettings

PAGE = Path(__file__).parent.parent / "docs" / "protocol.md"
COMMAND = "python -m web.protocol_tables"
_PLACE = re.compile(r"<!-- table (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def queries() -> str:
    """What may be asked."""
    return _requests("query", QUERIES)


def commands() -> str:
    """What may be done; without what workers say to the server."""
    own = {name: row for name, row in COMMANDS.items() if row.scope != PUBLISH}
    return _requests("command", own)


def errors() -> str:
    """Why a message is refused."""
    rows = [
        (
            f"`{code.name}`",
            code.when,
            ", ".join(f"`{name}`" for name in sorted(code.needs)) or "–",
            "yes" if code.temporary else "no",
            _fate(code),
        )
        for code in ERRORS.values()
    ]
    return _table(("code", "when", "details", "temporary", "connection"), rows)


def closings() -> str:
    """Why a connection is closed."""
    return _table(("code", "why"), [(str(code), text) for code, text in CLOSE_CODES.items()])


def limits() -> str:
    """What a client may take, as far as the configuration does not say otherwise."""
    rows = [
        (f"`{prefix}{field.name}`", str(field.metadata["text"]), _number(field.default))
        for prefix, section in (("limits.", LimitSettings), ("heartbeat.", HeartbeatSettings))
        for field in fields(section)
    ]
    return _table(("setting", "what", "default"), rows)


def topics() -> str:
    """What can be subscribed to."""
    return _topics(TOPICS, "offset")


def notices() -> str:
    """What comes without a subscription."""
    rows = [(f"`{t.name}`", "event", t.what, t.when) for t in OWN_TOPICS]
    rows += [(f"`{t.name}`", "broadcast", t.what, t.when) for t in BROADCASTS]
    return _table(("topic", "message", "what", "when"), rows)


TABLES: Mapping[str, Callable[[], str]] = {
    table.__name__: table
    for table in (queries, commands, errors, closings, limits, topics, notices)
}


def renewed(page: str) -> str:
    """The page with every table as the program has it now."""

    def draw(place: re.Match[str]) -> str:
        return f"<!-- table {place[1]} -->\n{TABLES[place[1]]()}\n<!-- end -->"

    return _PLACE.sub(draw, page)


def drawn(page: str) -> set[str]:
    """The names of the tables that the page has a place for."""
    return {place[1] for place in _PLACE.finditer(page)}


def main() -> None:
    """Writes the page."""
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def _requests(kind: str, table: Mapping[str, Request]) -> str:
    rows = [
        (
            f"`{name}`",
            _params(row.params),
            f"`{row.scope}`" if row.scope else "any",
            _fields(RESULTS[name]) if name in RESULTS else "a map",
        )
        for name, row in table.items()
    ]
    return _table((kind, "params", "scope", "result"), rows)


def _params(params: type[Struct]) -> str:
    """The names; with `?` where it may be left out."""
    found = [
        field.encode_name if field.required else f"{field.encode_name}?"
        for field in msgspec.structs.fields(params)
    ]
    return f"`{', '.join(found)}`" if found else "–"


def _fields(result: type[Struct]) -> str:
    return f"`{', '.join(field.encode_name for field in msgspec.structs.fields(result))}`"


def _fate(code: ErrorCode) -> str:
    if code.close_code is not None:
        return f"closed with {code.close_code}"
    return "open" if code.worst is None else f"open; at worst closed with {code.worst}"


def _number(value: Any) -> str:
    return f"{int(value):,}" if value == int(value) else f"{value:g}"


def _topics(table: Iterable[Topic], last: str) -> str:
    rows = [(f"`{topic.name}`", topic.what, topic.when, topic.counts) for topic in table]
    return _table(("topic", "what", "when", last), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    main()
