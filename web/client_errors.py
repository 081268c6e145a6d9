"""What the client raises: the server's refusals, and what went wrong on this side."""

from collections.abc import Mapping
from typing import Any

NOT_CONNECTED = "NOT_CONNECTED"
CONNECTION_LOST = "CONNECTION_LOST"
NO_ANSWER = "NO_ANSWER"
MESSAGE_TOO_LARGE = "MESSAGE_TOO_LARGE"
SLOW_CONSUMER = "SLOW_CONSUMER"


class StageError(Exception):
    """An error of the server's table, or one of the client's own codes.

    - `NOT_CONNECTED`: there is no server, it refuses this client for good, or the stage was closed
    - `CONNECTION_LOST`: a command was under way; whether it took effect is not known
    - `NO_ANSWER`: the time for the answer has passed
    - `MESSAGE_TOO_LARGE`: the server would not take a request of so many bytes
    - `SLOW_CONSUMER`: events came faster than the loop over them took them out; `details["topics"]`
      has the last position of each topic, which `since` takes

    `temporary`: the same may succeed later.
    """

    def __init__(
        self,
        code: str,
        message: str,
        details: Mapping[str, Any] | None = None,
        *,
        temporary: bool = False,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.details: Mapping[str, Any] = details or {}
        self.temporary = temporary
