"""What a client missed: from the broadcaster's ring where it is, further back from the record."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any

from actors.event import Event, Position
from actors.history import History
from sim.recording import RecordingError
from web.errors import Refusal
from web.history_reader import HistoryReader
from web.runs import RunEntry, Runs
from web.stage import Missed

log = logging.getLogger(__name__)
MOST_EVENTS = 5000  # of one topic
MOST_READ = 20  # topics of one subscription
_READ_AT_ONCE = 8  # records; more wait for their turn
WORKER_WITHIN = 5.0  # seconds that a worker may take to come back


_Part = tuple[str, str, int, int | None]  # run, topic, first and last offset


class Recovery:
    """Reads in the records of runs what the ring keeps no more."""

    def __init__(self, runs: Runs, history: History, reader: HistoryReader) -> None:
        self._runs = runs
        self._history = history
        self._reader = reader
        self._turn = asyncio.Semaphore(_READ_AT_ONCE)
        self._readings: dict[_Part, asyncio.Task[list[Event]]] = {}

    def missed(self, since: Mapping[str, Position]) -> Coroutine[Any, Any, Missed] | None:
        """The events by topic that are older than those in the ring; a topic for which they cannot
        be had is left out. None: the ring has everything, or nobody has it."""
        if not self._runs.are_known.is_set():
            return self._missed_later(since)
        entries = {
            topic: entry
            for topic, position in since.items()
            if self._history.since(topic, position) is None
            and (entry := self._entry(topic, position)) is not None
        }
        if not entries:
            return None
        chosen = dict(list(entries.items())[:MOST_READ])
        return self._read({topic: since[topic] for topic in chosen}, chosen)

    async def _missed_later(self, since: Mapping[str, Position]) -> Missed:
        """For who comes back before the server knows its runs."""
        await self._runs.are_known.wait()
        missed = self.missed(since)
        return {} if missed is None else await missed

    def _entry(self, topic: str, position: Position) -> RunEntry | None:
        """The run of a recorded topic, in the epoch that it still has."""
        tokens = topic.split(".")
        if len(tokens) < 3 or tokens[0] != "run" or tokens[2] in ("agent", "belief"):
            return None
        entry = self._runs.get(tokens[1])
        if entry is None or entry.replays is not None:
            return None
        return entry if entry.epoch == position.epoch else None

    async def _read(
        self, since: Mapping[str, Position], entries: Mapping[str, RunEntry]
    ) -> dict[str, list[Event]]:
        await self._await_workers(set(entries.values()))
        found: dict[str, list[Event]] = {}
        for topic, position in since.items():
            if self._history.since(topic, position) is None:
                events = await self._older(entries[topic].run, topic, position)
                if events is not None:
                    found[topic] = events
        return found

    async def _await_workers(self, entries: Iterable[RunEntry]) -> None:
        """A worker that comes back tells at once what the server has not heard of yet."""
        absent = [entry for entry in entries if entry.run in self._runs.live]
        if not absent:
            return
        try:
            async with asyncio.timeout(WORKER_WITHIN):
                for entry in absent:
                    await entry.heard.wait()
        except TimeoutError:
            log.debug("A worker is still away: what it tells later is not recovered")

    async def _older(self, run: str, topic: str, position: Position) -> list[Event] | None:
        """What follows the position up to what the ring has; None where a part is missing."""
        first, whole_from = position.offset + 1, self._history.whole_from(topic)
        if whole_from is not None and whole_from - first > MOST_EVENTS:
            return None
        last = None if whole_from is None else whole_from - 1
        try:
            events = await self._recorded((run, topic, first, last))
        except (RecordingError, Refusal) as error:
            log.warning("What was missed of %s cannot be read: %s", topic, error)
            return None
        offsets = [event.offset for event in events]
        if offsets != list(range(first, first + len(offsets))):
            return None
        is_whole = last is None or first + len(offsets) > last
        return events if is_whole and (events or last is None) else None

    async def _recorded(self, part: _Part) -> list[Event]:
        """After a restart all clients come back at once, most from the same place: what one of
        them reads is read for all that ask meanwhile."""
        reading = self._readings.get(part)
        if reading is None:
            reading = self._readings[part] = asyncio.create_task(self._read_in_turn(part))
            reading.add_done_callback(lambda _: self._readings.pop(part))
        return await asyncio.shield(reading)

    async def _read_in_turn(self, part: _Part) -> list[Event]:
        async with self._turn:
            return await self._reader.recorded(*part, MOST_EVENTS)
