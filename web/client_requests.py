"""A client's requests that wait for their answers, or for a connection. No I/O."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from web.client_errors import CONNECTION_LOST, NO_ANSWER, StageError

Send = Callable[[dict[str, Any]], bool]


@dataclass(eq=False, slots=True)
class _Request:
    message: dict[str, Any]
    answer: asyncio.Future[Any]
    is_repeatable: bool
    is_sent: bool = False


class Requests:
    """Queries that were under way when the connection was lost are sent again; commands fail,
    since they may have taken effect."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[str, _Request] = {}

    async def answer(
        self, body: dict[str, Any], seconds: float, send: Send, *, is_repeatable: bool
    ) -> Any:
        """The result of a request, sent now or when `flush` comes; raises StageError."""
        number = f"r{next(self._numbers)}"
        future = asyncio.get_running_loop().create_future()
        self._waiting[number] = _Request({**body, "id": number}, future, is_repeatable)
        try:
            self.flush(send)
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            text = f"There was no answer within {seconds:g} s."
            raise StageError(NO_ANSWER, text, {"seconds": seconds}, temporary=True) from None
        finally:
            del self._waiting[number]

    def flush(self, send: Send) -> None:
        """Sends what waits, in order, as far as `send` takes it."""
        for request in self._waiting.values():
            if request.is_sent or request.answer.done():
                continue
            try:
                request.is_sent = send(request.message)
            except StageError as error:
                request.answer.set_exception(error)

    def answered(self, number: str, result: Any) -> None:
        """The server has done it."""
        if (request := self._waiting.get(number)) and not request.answer.done():
            request.answer.set_result(result)

    def refused(self, number: str, error: StageError) -> None:
        """The server has not."""
        if (request := self._waiting.get(number)) and not request.answer.done():
            request.answer.set_exception(error)

    def cut_off(self) -> None:
        """The connection is gone."""
        text = "The connection was lost; whether the command took effect is not known."
        for request in self._waiting.values():
            if request.is_sent and request.is_repeatable:
                request.is_sent = False
            elif request.is_sent and not request.answer.done():
                request.answer.set_exception(StageError(CONNECTION_LOST, text, temporary=True))

    def fail(self, error: BaseException) -> None:
        """There will be no connection any more."""
        for request in self._waiting.values():
            if not request.answer.done():
                request.answer.set_exception(error)
