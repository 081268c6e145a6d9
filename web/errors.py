"""Every error that a client can be told: one table, and the exception that carries a row of it."""

import string
from collections.abc import Mapping
from dataclasses import dataclass

_LONGEST_VALUE = 200  # characters of a single detail that the text repeats
POLICY, TOO_LARGE, SERVER_ERROR, TRY_AGAIN_LATER = 1008, 1009, 1011, 1013

CLOSE_CODES: Mapping[int, str] = {
    1000: "normal",
    1001: "the server is draining; reconnect after the `retry_after` that it told",
    1002: "what came is not the WebSocket protocol",
    1007: "a text frame is not UTF-8",
    POLICY: "the token, or too many messages for too long",
    TOO_LARGE: "a message is larger than the limit",
    SERVER_ERROR: "a defect in the server",
    TRY_AGAIN_LATER: "no room now, or the client reads too slowly; try again later",
}


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A row of the table. `text` names in braces the details that it needs; `when` says what leads
    to it; `close_code` is what the connection is closed with, None when it stays open, and `worst`
    when it is closed sometimes; `status` is its HTTP counterpart."""

    name: str
    text: str
    when: str
    temporary: bool = False
    close_code: int | None = None
    worst: int | None = None
    status: int = 400

    @property
    def needs(self) -> frozenset[str]:
        """The details that the text cannot do without."""
        return frozenset(field for _, field, _, _ in string.Formatter().parse(self.text) if field)


AUTHENTICATION_FAILED = ErrorCode(
    "AUTHENTICATION_FAILED",
    "The token was not accepted: {reason}.",
    when="the token is absent, malformed, wrongly signed, or meant for somebody else",
    close_code=POLICY,
    status=401,
)
TOKEN_EXPIRED = ErrorCode(
    "TOKEN_EXPIRED",
    "The token has expired; connect with a new one, or send auth.refresh in time.",
    when="the token has ended, before the connection or during it",
    close_code=POLICY,
    status=401,
)
PERMISSION_DENIED = ErrorCode(
    "PERMISSION_DENIED",
    "The token does not allow {what}: it lacks {missing}.",
    when="a scope or topic is not in the token",
    status=403,
)
INVALID_MESSAGE = ErrorCode(
    "INVALID_MESSAGE",
    "The message cannot be read: {reason}.",
    when="it is neither JSON nor MessagePack, or not a map",
)
VALIDATION_ERROR = ErrorCode(
    "VALIDATION_ERROR",
    "The message is wrong at {path}: {reason}.",
    when="a field is wrong; `path` names the place",
)
UNKNOWN_TYPE = ErrorCode(
    "UNKNOWN_TYPE",
    "There is no message of type {type}.",
    when="there is no such type of message; `known` lists those that there are",
)
UNKNOWN_QUERY = ErrorCode(
    "UNKNOWN_QUERY",
    "There is no query {query}.",
    when="there is no such query; `known` lists those that there are",
    status=404,
)
UNKNOWN_COMMAND = ErrorCode(
    "UNKNOWN_COMMAND",
    "There is no command {command}.",
    when="there is no such command; `known` lists those that there are",
    status=404,
)
INVALID_TOPIC = ErrorCode(
    "INVALID_TOPIC",
    "{topic} is no topic or pattern: {reason}.",
    when="the topic or pattern is malformed",
)
SUBSCRIPTION_LIMIT_EXCEEDED = ErrorCode(
    "SUBSCRIPTION_LIMIT_EXCEEDED",
    "A connection may hold {limit} patterns; unsubscribe some.",
    when="it would be more patterns than one connection may hold",
)
RATE_LIMIT_EXCEEDED = ErrorCode(
    "RATE_LIMIT_EXCEEDED",
    "More than {limit} messages per {window} for this {scope}; try again in {retry_after} s.",
    when="messages come too fast for this connection, user or address",
    temporary=True,
    status=429,
    worst=POLICY,
)
CONNECTION_LIMIT_EXCEEDED = ErrorCode(
    "CONNECTION_LIMIT_EXCEEDED",
    "All of the {limit} connections ({scope}) are taken; try again later.",
    when="all connections are taken, in all, of the user or of the address",
    temporary=True,
    close_code=TRY_AGAIN_LATER,
    status=503,
)
NOT_FOUND = ErrorCode(
    "NOT_FOUND",
    "There is no {what} {name}.",
    when="the run, agent, tick or scenario is not there",
    status=404,
)
CONFLICT = ErrorCode(
    "CONFLICT",
    "This cannot be done now: {reason}.",
    when="the command does not fit the state",
    status=409,
)
COMMAND_FAILED = ErrorCode(
    "COMMAND_FAILED",
    "This could not be done: {reason}.",
    when="who was to do it failed or is gone",
    status=500,
)
TIMEOUT = ErrorCode(
    "TIMEOUT",
    "There was no answer within {seconds} s.",
    when="there was no answer in time",
    temporary=True,
    status=504,
)
SLOW_CONSUMER = ErrorCode(
    "SLOW_CONSUMER",
    "More than {limit} bytes of events wait for this client; it reads too slowly for its "
    "subscriptions. Subscribe to less, or with mode latest.",
    when="more waits for the client than may wait, and leaving out did not help; "
    "`topics` tells where each stopped",
    temporary=True,
    close_code=TRY_AGAIN_LATER,
)
INTERNAL_ERROR = ErrorCode(
    "INTERNAL_ERROR",
    "A defect of the server; its log has it under {reference}.",
    when="there is a defect in the server; `reference` stands in its log",
    status=500,
    worst=SERVER_ERROR,
)

ERRORS: Mapping[str, ErrorCode] = {
    code.name: code
    for code in (
        AUTHENTICATION_FAILED,
        TOKEN_EXPIRED,
        PERMISSION_DENIED,
        INVALID_MESSAGE,
        VALIDATION_ERROR,
        UNKNOWN_TYPE,
        UNKNOWN_QUERY,
        UNKNOWN_COMMAND,
        INVALID_TOPIC,
        SUBSCRIPTION_LIMIT_EXCEEDED,
        RATE_LIMIT_EXCEEDED,
        CONNECTION_LIMIT_EXCEEDED,
        NOT_FOUND,
        CONFLICT,
        COMMAND_FAILED,
        TIMEOUT,
        SLOW_CONSUMER,
        INTERNAL_ERROR,
    )
}


class Refusal(Exception):  # noqa: N818 - what it is, not that it is an error
    """A row of the table with its details; the text is built from them once.

    `id` is that of the message that is refused, as far as it could be read.
    """

    def __init__(self, code: ErrorCode, **details: object) -> None:
        absent = code.needs - details.keys()
        if absent:
            raise TypeError(f"{code.name} needs the details {', '.join(sorted(absent))}")
        shown = {name: str(value)[:_LONGEST_VALUE] for name, value in details.items()}
        super().__init__(code.text.format_map(shown))
        self.error = code
        self.details = details
        self.id: str | None = None

    @property
    def code(self) -> str:
        """The name in the table."""
        return self.error.name

    @property
    def message(self) -> str:
        """One sentence for a person."""
        return str(self)

    @property
    def temporary(self) -> bool:
        """Whether the same request may succeed later."""
        return self.error.temporary

    @property
    def close_code(self) -> int | None:
        """What the connection is closed with after it; None: it stays open."""
        return self.error.close_code

    def about(self, message_id: str | None) -> "Refusal":
        """The same refusal, as the answer to the message with this id."""
        self.id = message_id
        return self


def told_by_worker(code: str, message: str, details: Mapping[str, object]) -> Refusal:
    """The refusal that a worker answered with, for passing on to who asked.

    One that would close the asking connection, or that the table lacks, becomes COMMAND_FAILED.
    """
    error = ERRORS.get(code)
    if error is None or error.close_code is not None or error.needs - details.keys():
        return Refusal(COMMAND_FAILED, reason=message)
    return Refusal(error, **{str(name): value for name, value in details.items()})
