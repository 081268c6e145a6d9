"""When a client comes back after its connection ended, if it does. No I/O and no clock."""

import random
from collections.abc import Callable

from web.client_errors import NOT_CONNECTED, StageError
from web.errors import POLICY, TOKEN_EXPIRED, TRY_AGAIN_LATER

FIRST_WAIT, MOST_WAIT = 0.25, 15.0  # seconds, the ceilings of the first wait and of the later ones
FULL_SERVER_WAIT = 5.0  # seconds, at least, after 1013
STEADY = 5.0  # a connection that lasted so many seconds was a success


class Comeback:
    """Exponential backoff with full jitter on top of what the server asks for."""

    def __init__(self, jitter: Callable[[], float] = random.random) -> None:
        """`jitter` gives numbers from 0 to 1."""
        self._jitter = jitter
        self._failures = 0

    def wait(
        self,
        lasted: float,
        code: int | None = None,
        error: StageError | None = None,
        retry_after: float = 0.0,
        *,
        has_new_token: bool = False,
    ) -> float:
        """Seconds until the next attempt.

        `lasted`: seconds that the connection was open; `error`: what the server said before it
        closed; `retry_after`: of `server.draining`. Raises StageError where it is of no use to come
        back.
        """
        is_expired = error is not None and error.code == TOKEN_EXPIRED.name
        if code == POLICY and not (is_expired and has_new_token):
            if error is None:
                raise StageError(NOT_CONNECTED, "The server refused the connection.")
            if not error.temporary:
                raise error
        if lasted >= STEADY:
            self._failures = 0
        least = FULL_SERVER_WAIT if code == TRY_AGAIN_LATER else 0.0
        told = error.details.get("retry_after", 0) if error is not None else 0
        least = max(least, retry_after, float(told) if isinstance(told, int | float) else 0.0)
        ceiling = min(MOST_WAIT, FIRST_WAIT * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return least + self._jitter() * ceiling
