"""What happened on a topic: from the broadcaster's ring, and further back from the run's record."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pykka

from actors.event import Event
from actors.publishing import ReadHistory
from sim.packing import unpack, unwire
from sim.recording import RecordingError
from web.errors import COMMAND_FAILED, CONFLICT, Refusal
from web.record_reader import read_events

log = logging.getLogger(__name__)
_THREADS = 2
_MOST_WAITING = 16


class HistoryReader:
    """`folder` finds the folder of a run. Records are read on threads of its own, few at a time."""

    def __init__(self, broadcaster: pykka.ActorRef[Any], folder: Callable[[str], Path]) -> None:
        self._broadcaster = broadcaster
        self._folder = folder
        self._threads = ThreadPoolExecutor(_THREADS, "history")
        self._reading = 0

    def close(self) -> None:
        """Lets the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def read(
        self, topic: str, first: int | None, last: int | None, limit: int, run: str | None
    ) -> list[dict[str, Any]]:
        """The newest `limit` events with offsets from `first` to `last`, by rising offset.

        `run` is the one whose record is looked into as well. Raises Refusal.
        """
        question = ReadHistory(topic, first, last, limit)
        at_hand: list[Event] = await self._broadcaster.ask(question, block=False)
        missing = limit - len(at_hand)
        oldest = at_hand[0].offset if at_hand else None
        begins = oldest is not None and oldest <= (first or 0)
        if run is None or missing <= 0 or begins:
            return [_plain(event) for event in at_hand]
        end = last if oldest is None else oldest - 1
        try:
            recorded = await self.recorded(run, topic, first, end, missing)
        except RecordingError as error:
            if not at_hand:
                raise Refusal(COMMAND_FAILED, reason=str(error)) from None
            log.warning("The record of %s cannot be read: %s", run, error)
            recorded = []
        return [_plain(event) for event in (*recorded, *at_hand)]

    async def recorded(
        self, run: str, topic: str, first: int | None, last: int | None, limit: int
    ) -> list[Event]:
        """As `read`, of the record alone. Raises Refusal and RecordingError."""
        if self._reading >= _MOST_WAITING:
            raise Refusal(CONFLICT, reason="too many records are being read")
        read = partial(read_events, self._folder(run), topic, first, last, limit)
        self._reading += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, read)
        finally:
            self._reading -= 1


def _plain(event: Event) -> dict[str, Any]:
    data = event.data
    if isinstance(data, msgspec.Raw):
        data = unwire(unpack(bytes(data)))
    return {
        "topic": event.topic,
        "epoch": event.epoch,
        "offset": event.offset,
        "tick": event.tick,
        "time": event.time,
        "data": data,
    }
