"""HTTP beside the sockets: the page, signs of life, figures, runs and their exports."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from msgspec import Struct
from tornado.web import HTTPError

from actors.topics import Pattern, covers
from web.access import DiscreetRequest, token_of
from web.asyncapi import described
from web.auth import Identity, anonymous
from web.codec import packable
from web.config import DEMO
from web.errors import (
    AUTHENTICATION_FAILED,
    NOT_FOUND,
    PERMISSION_DENIED,
    Refusal,
)
from web.pages import INDEX, File, Pages
from web.requests import OBSERVE, NoParams, OfRun
from web.stage import Stage

_FOREVER = "public, max-age=31536000, immutable"
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


class Nothing(Reply):
    """Any other path."""

    def prepare(self) -> None:
        raise Refusal(NOT_FOUND, what="page", name=self.request.path)
