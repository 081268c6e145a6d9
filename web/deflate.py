"""Which offer of permessage-deflate is accepted, by RFC 7692; no I/O.

Neither side takes its context over to the next message: one compressed frame serves every client,
and no inflater waits for the next message of an idle one. A window of 2^8 bytes, which zlib cannot
make for raw deflate, is kept to by compressing without references (`web/frames.py`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LARGEST_WINDOW = 15  # bits
_NAME = "permessage-deflate"
_WINDOWS = frozenset(str(bits) for bits in range(8, LARGEST_WINDOW + 1))
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
# After a name a value may stand, by itself or in quotes; then another parameter or offer comes.
_PART = re.compile(
    rf'[ \t]*({_TOKEN})[ \t]*(?:=[ \t]*(?:({_TOKEN})|"((?:[^"\\]|\\.)*)")[ \t]*)?([;,]|\Z)'
)
_EMPTY = re.compile(r"[ \t]*(?:,|\Z)")

Parameters = Mapping[str, str | None]


class MalformedError(ValueError):
    """The header with the offers does not keep to the grammar of RFC 6455."""

    def __init__(self, header: str) -> None:
        super().__init__(f"Sec-WebSocket-Extensions cannot be read: {header[:200]!r}")


@dataclass(frozen=True, slots=True)
class Agreement:
    """What both sides keep to. `window_bits`: no frame of ours refers back further than 2 to this
    power bytes. `answer` is the header's value."""

    window_bits: int
    answer: str


def agree(header: str) -> Agreement | None:
    """The first of the client's offers that can be kept; None where there is none.

    Raises MalformedError.
    """
    for name, parameters in list(_offers(header)):
        if name == _NAME and parameters is not None:
            agreement = _accept(parameters)
            if agreement is not None:
                return agreement
    return None


def _accept(offer: Parameters) -> Agreement | None:
    answer = f"{_NAME}; server_no_context_takeover; client_no_context_takeover"
    window_bits = LARGEST_WINDOW
    for name, value in offer.items():
        match name:
            case "server_no_context_takeover" | "client_no_context_takeover":
                if value is not None:
                    return None
            case "server_max_window_bits":
                if value not in _WINDOWS:
                    return None
                window_bits = int(value)
                answer += f"; {name}={value}"
            case "client_max_window_bits":
                # Only a hint: we inflate with the largest window whatever the client keeps to.
                if value is not None and value not in _WINDOWS:
                    return None
            case _:
                return None
    return Agreement(window_bits, answer)


def _offers(header: str) -> Iterator[tuple[str, Parameters | None]]:
    """Each extension with its parameters, which are None where one of them comes twice."""
    place = 0
    while place < len(header):
        if empty := _EMPTY.match(header, place):
            place = empty.end()
            continue
        name: str | None = None
        parameters: dict[str, str | None] = {}
        is_valid = True
        separator = ";"
        while separator == ";":
            part = _PART.match(header, place)
            if part is None:
                raise MalformedError(header)
            place = part.end()
            word, plain, quoted, separator = part.groups()
            value = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            if name is None:
                if value is not None:
                    raise MalformedError(header)
                name = word
                continue
            is_valid = is_valid and word not in parameters
            parameters[word] = value
        assert name is not None
        yield name, parameters if is_valid else None
