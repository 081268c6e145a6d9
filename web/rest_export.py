"""Tables over HTTP: of a run's record, and of a sweep."""

import asyncio
import logging
import tempfile
from pathlib import Path

from tornado.http1connection import HTTP1Connection

from actors.topics import Pattern, covers
from sim.export import WRITERS
from sim.tables import TABLES
from web.access import summary
from web.errors import (
    COMMAND_FAILED,
    CONFLICT,
    NOT_FOUND,
    PERMISSION_DENIED,
    VALIDATION_ERROR,
    Refusal,
)
from web.own_command import MistakeError, said
from web.rest import RunReply
from web.sweeps import FOLDER

log = logging.getLogger(__name__)
WITHIN = 600.0  # seconds that a table may take to be made
_CHUNK = 256 * 1024
_MOST_EXPORTS = 2  # at a time
_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


class TableReply(RunReply):
    """A file. A client that takes no part of it within `taken_within` seconds makes room for
    others."""

    taken_within = 30.0

    async def give(self, path: Path, name: str, format_: str) -> None:
        """Sends the file under a name."""
        self.set_header("Content-Type", _TYPES[format_])
        self.set_header("Content-Disposition", f'attachment; filename="{name}.{format_}"')
        with path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                self.write(chunk)
                taken, _ = await asyncio.wait((self.flush(),), timeout=self.taken_within)
                if not taken:
                    log.info("%s is not read any more", summary(self.request))
                    assert isinstance(self.request.connection, HTTP1Connection)
                    self.request.connection.close()
                    return
                taken.pop().result()
        self.finish()


class RunExport(TableReply):
    """A table of a run's record, or a part of it, chosen as on the command line: `format`, `table`,
    `columns` and `ticks`."""

    _under_way = 0

    async def get(self, run: str) -> None:
        await self.described(run)
        format_ = self._chosen("format", "csv", tuple(WRITERS))
        columns = self.get_query_argument("columns", None)
        table = self._chosen("table", "ticks" if columns is None else "agents", tuple(TABLES))
        if RunExport._under_way >= _MOST_EXPORTS:
            raise Refusal(CONFLICT, reason=f"{_MOST_EXPORTS} exports are being made already")
        RunExport._under_way += 1
        try:
            with tempfile.TemporaryDirectory(prefix="stagewatch-") as folder:
                out = Path(folder) / "table"
                await self._make(run, out, format_, table)
                await self.give(out, f"{run}-{table}", format_)
        finally:
            RunExport._under_way -= 1

    def _chosen(self, name: str, default: str, known: tuple[str, ...]) -> str:
        value = self.get_query_argument(name, default)
        if value not in known:
            reason = f"{value!r:.60} is none of {', '.join(known)}"
            raise Refusal(VALIDATION_ERROR, path=f"?{name}", reason=reason)
        return value

    async def _make(self, run: str, out: Path, format_: str, table: str) -> None:
        data_dir = self._stage.settings.data_dir.absolute()
        words = ["--format", format_, "--table", table, "--out", str(out), "--data", str(data_dir)]
        chosen = [name for name in ("columns", "ticks") if self.get_query_argument(name, "")]
        words += [f"--{name}={self.get_query_argument(name)}" for name in chosen]
        try:
            await said("export", *words, "--", run, within=WITHIN)
        except MistakeError as error:
            if not chosen:
                raise Refusal(COMMAND_FAILED, reason=str(error)) from None
            path = f"?{'&'.join(chosen)}"
            raise Refusal(VALIDATION_ERROR, path=path, reason=str(error)) from None


class SweepTable(TableReply):
    """The table of a sweep that has been finished."""

    async def get(self, sweep: str, format_: str) -> None:
        topic = Pattern.parse(f"sweep.{sweep}.progress")
        if not covers(self._identity.topics, topic):
            raise Refusal(
                PERMISSION_DENIED, what="reading this sweep", missing=f"the topic {topic}"
            )
        path = self._stage.settings.data_dir.absolute() / FOLDER / sweep / f"table.{format_}"
        if not await asyncio.to_thread(path.is_file):
            raise Refusal(NOT_FOUND, what="table", name=f"{sweep}.{format_}")
        await self.give(path, sweep, format_)
