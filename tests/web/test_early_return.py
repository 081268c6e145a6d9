"""Who comes back to a server that has only just begun."""

import asyncio
from pathlib import Path

from actors.event import Position
from actors.history import History
from tests.web.test_record_reader import a_record
from tests.web.wire import serving
from web.history_reader import HistoryReader
from web.recovery import Recovery
from web.runs import RunEntry, Runs


async def test_what_was_missed_is_read_once_the_server_knows_its_runs(tmp_path: Path) -> None:
    runs = Runs()
    runs.are_known.clear()
    async with serving() as wire:
        reader = HistoryReader(wire.stage.broadcaster, lambda run: a_record(tmp_path / run))
        missed = Recovery(runs, History("e1"), reader).missed({"run.r.tick": Position("e", 17)})
        assert missed is not None
        reading = asyncio.create_task(missed)
        runs.add(RunEntry("r", "metronome", {}, 1, "e", "", state="finished"))

        runs.are_known.set()
        found = await reading

        reader.close()
    assert [event.offset for event in found["run.r.tick"]] == [18, 19, 20]
