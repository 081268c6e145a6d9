"""HTTP beside the sockets: the page, signs of life, figures, runs and their exports."""

import asyncio
import json
import logging
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from tornado.http1connection import HTTP1Connection
from tornado.web import HTTPError, RequestHandler

from actors.topics import Pattern, covers
from sim.export import ExportError, export
from sim.recording import RecordingError
from web.access import DiscreetRequest, summary, token_of
from web.asyncapi import PATH as ASYNCAPI
from web.asyncapi import described
from web.auth import Identity, anonymous
from web.codec import packable
from web.config import DEMO
from web.errors import (
    AUTHENTICATION_FAILED,
    COMMAND_FAILED,
    CONFLICT,
    NOT_FOUND,
    PERMISSION_DENIED,
    VALIDATION_ERROR,
    Refusal,
)
from web.pages import INDEX, File, Pages
from web.requests import OBSERVE, NoParams, OfRun
from web.stage import Stage

log = logging.getLogger(__name__)
_CHUNK = 256 * 1024
_MOST_EXPORTS = 2  # at a time
_FOREVER = "public, max-age=31536000, immutable"
_SUFFIXES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Reply(DiscreetRequest):
    """What every answer over HTTP has in common."""

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)
        self.set_header("Cache-Control", "no-store")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """A Refusal as on the socket; anything else without its inner details."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, Refusal):
            self.set_status(error.error.status)
            body = {
                "code": error.code,
                "message": error.message,
                "details": error.details,
                "temporary": error.temporary,
            }
        else:
            body = {"code": f"HTTP_{status_code}", "message": self._reason}
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(body, default=str))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """A Refusal is an answer, and nothing for the log."""
        if not isinstance(value, Refusal):
            super().log_exception(typ, value, tb)

    def say(self, body: object) -> None:
        """Answers with JSON."""
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(packable(body)))


class Live(Reply):
    """The process is there and its loop turns."""

    def get(self) -> None:
        self.finish("alive\n")


class Ready(Reply):
    """Whether it takes connections; not while it starts or ends."""

    def initialize(self, is_ready: Callable[[], bool]) -> None:
        self._is_ready = is_ready

    def get(self) -> None:
        ready = self._is_ready()
        self.set_status(200 if ready else 503)
        self.finish("ready\n" if ready else "not ready\n")


class Figures(Reply):
    """Figures for Prometheus."""

    def initialize(self, exposition: Callable[[], Awaitable[bytes]]) -> None:
        self._exposition = exposition

    async def get(self) -> None:
        body = await self._exposition()
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(body)


class FileReply(Reply):
    """A file that is held in memory."""

    def give(self, file: File, *, lasting: bool = False) -> None:
        """Answers with the file, unless the client has it; `lasting`: it may be kept for ever."""
        self.set_header("Cache-Control", _FOREVER if lasting else "no-cache")
        self.set_header("Content-Type", file.type)
        self.set_header("ETag", file.tag)
        self.set_header("Vary", "Accept-Encoding")
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
            return
        self.finish(self._fitting(file))

    def compute_etag(self) -> None:
        """It is known already."""

    def _fitting(self, file: File) -> bytes:
        if file.packed is None or "gzip" not in self.request.headers.get("Accept-Encoding", ""):
            return file.body
        self.set_header("Content-Encoding", "gzip")
        return file.packed


class PageFile(FileReply):
    """A file of the page. Under the present version's path it may be kept for ever."""

    def initialize(self, pages: Pages) -> None:
        self._pages = pages

    def get(self, version: str = "", name: str = INDEX) -> None:
        file = self._pages.files.get(name)
        if file is None:
            raise HTTPError(404)
        self.give(file, lasting=bool(version) and version == self._pages.version)

    def head(self, version: str = "", name: str = INDEX) -> None:
        self.get(version, name)


class Description(FileReply):
    """The protocol as AsyncAPI; made with the first request."""

    async def get(self) -> None:
        endpoint = self.settings["stage"].settings.server.endpoint
        self.give(await asyncio.to_thread(described, endpoint))

    async def head(self) -> None:
        await self.get()


class RunReply(Reply):
    """Something about runs; whoever may observe on the socket may read here."""

    def initialize(self) -> None:
        self._stage: Stage = self.settings["stage"]

    def prepare(self) -> None:
        self._identity = self._authenticate()
        if OBSERVE not in self._identity.scopes:
            raise Refusal(PERMISSION_DENIED, what="reading", missing=f"the scope {OBSERVE}")

    async def described(self, run: str) -> object:
        """The run; raises Refusal where the token does not cover it, or there is no such run."""
        topic = Pattern.parse(f"run.{run}.>")
        if not covers(self._identity.topics, topic):
            raise Refusal(PERMISSION_DENIED, what="reading this run", missing=f"the topic {topic}")
        return await self.ask("run.get", OfRun(run))

    async def ask(self, name: str, params: Struct) -> object:
        """The result of a query."""
        return await self._stage.services.query(name, params, self._identity)

    def _authenticate(self) -> Identity:
        settings = self._stage.settings
        token = token_of(self.request)
        if token is not None:
            return self._stage.authenticator.verify(token)
        if settings.mode == DEMO or not settings.auth.required:
            return anonymous(control=False)
        raise Refusal(AUTHENTICATION_FAILED, reason="there is none")


class RunList(RunReply):
    """All runs."""

    async def get(self) -> None:
        self.say(await self.ask("runs.list", NoParams()))


class RunDetail(RunReply):
    """One run."""

    async def get(self, run: str) -> None:
        self.say(await self.described(run))


class RunExport(RunReply):
    """A table of a run's record as a file; `format` and `table` as on the command line. A client
    that takes no part of it within `taken_within` seconds makes room for others."""

    taken_within = 30.0
    _under_way = 0

    async def get(self, run: str) -> None:
        await self.described(run)
        format_ = self.get_query_argument("format", "csv")
        table = self.get_query_argument("table", "ticks")
        if RunExport._under_way >= _MOST_EXPORTS:
            raise Refusal(CONFLICT, reason=f"{_MOST_EXPORTS} exports are being made already")
        RunExport._under_way += 1
        try:
            with tempfile.TemporaryDirectory(prefix="stagewatch-") as folder:
                out = Path(folder) / "table"
                await self._make(run, out, format_, table)
                self.set_header("Content-Type", _SUFFIXES[format_])
                name = f"{run}-{table}.{format_}"
                self.set_header("Content-Disposition", f'attachment; filename="{name}"')
                await self._send(out)
        finally:
            RunExport._under_way -= 1

    async def _make(self, run: str, out: Path, format_: str, table: str) -> None:
        try:
            folder = self._stage.settings.data_dir.absolute() / run
            await asyncio.to_thread(export, folder, out, format_, table)
        except ExportError as error:
            raise Refusal(VALIDATION_ERROR, path="?format&table", reason=str(error)) from None
        except RecordingError as error:
            raise Refusal(COMMAND_FAILED, reason=str(error)) from None

    async def _send(self, path: Path) -> None:
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


class Nothing(Reply):
    """Any other path."""

    def prepare(self) -> None:
        raise Refusal(NOT_FOUND, what="page", name=self.request.path)


Route = tuple[str, type[RequestHandler], dict[str, Any]]


def routes(
    pages: Pages, is_ready: Callable[[], bool], exposition: Callable[[], Awaitable[bytes]]
) -> list[Route]:
    """Everything over HTTP, for a Tornado Application whose setting `stage` is the stage."""
    name = r"([A-Za-z0-9_-]{1,64})"
    return [
        ("/livez", Live, {}),
        ("/readyz", Ready, {"is_ready": is_ready}),
        ("/metrics", Figures, {"exposition": exposition}),
        (ASYNCAPI, Description, {}),
        ("/api/v1/runs", RunList, {}),
        (f"/api/v1/runs/{name}", RunDetail, {}),
        (f"/api/v1/runs/{name}/export", RunExport, {}),
        (r"/static/([0-9a-f]+)/(.+)", PageFile, {"pages": pages}),
        ("/", PageFile, {"pages": pages}),
    ]
