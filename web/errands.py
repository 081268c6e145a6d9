"""The queries and commands of one client that are under way, a bounded number at a time."""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pykka

from actors.mailbox import MailboxFull
from web.auth import Identity
from web.dialogue import AskCommand, AskQuery
from web.errors import COMMAND_FAILED, INTERNAL_ERROR, TIMEOUT, Refusal
from web.messages import Response, now
from web.stage import Services

log = logging.getLogger(__name__)
MOST_AT_ONCE = 16

Errand = AskQuery | AskCommand


@dataclass(frozen=True, slots=True)
class Answered:
    """An errand is done, one way or the other."""

    answer: Response | Refusal


class Errands:
    """Runs errands beside their connection, which goes on meanwhile; those that have no room wait
    in order. `done` is called with each answer; `timeout` in seconds, 0 is none."""

    def __init__(
        self,
        services: Services,
        connection: pykka.ActorRef[Any],
        timeout: float,
        done: Callable[[Answered], object],
    ) -> None:
        self._services = services
        self._connection = connection
        self._timeout = timeout
        self._done = done
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[tuple[Errand, Identity]] = deque()

    def start(self, errand: Errand, identity: Identity) -> None:
        """Begins the errand when there is room, for whom the client was when it asked."""
        self._waiting.append((errand, identity))
        self._begin()

    def cancel(self) -> None:
        """Gives up all of them; nobody is told."""
        self._waiting.clear()
        for task in self._tasks:
            task.cancel()

    def _begin(self) -> None:
        while self._waiting and len(self._tasks) < MOST_AT_ONCE:
            task = asyncio.get_running_loop().create_task(self._run(*self._waiting.popleft()))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._begin()

    async def _run(self, errand: Errand, identity: Identity) -> None:
        answer: Response | Refusal
        try:
            async with asyncio.timeout(self._timeout or None):
                answer = Response(now(), await self._carry_out(errand, identity), errand.id)
        except Refusal as refusal:
            answer = refusal.about(errand.id)
        except TimeoutError:
            answer = Refusal(TIMEOUT, seconds=self._timeout).about(errand.id)
        except (pykka.ActorDeadError, MailboxFull) as error:
            answer = Refusal(COMMAND_FAILED, reason=str(error)).about(errand.id)
        except Exception as error:  # noqa: BLE001 - logged, and told to the client
            answer = defect(error, errand.name).about(errand.id)
        self._done(Answered(answer))

    async def _carry_out(self, errand: Errand, identity: Identity) -> object:
        if isinstance(errand, AskQuery):
            return await self._services.query(errand.name, errand.params, identity)
        return await self._services.command(errand.name, errand.params, identity, self._connection)


def defect(error: BaseException, what: str) -> Refusal:
    """Logs what should not have happened; the client is told where in the log it stands."""
    reference = secrets.token_hex(6)
    log.error("%s failed, reference %s", what, reference, exc_info=error)
    return Refusal(INTERNAL_ERROR, reference=reference)
