"""Writes the launches of workers: where to connect, with which token, and by which settings."""

from pathlib import Path

from web.auth import Authenticator
from web.config import Settings
from web.launch import Launch, Onward
from web.requests import PUBLISH
from web.run_services import WORKER
from web.runs import RunEntry

_SHORTEST_TOKEN = 120.0  # seconds
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}


class StageLauncher:
    """The `Launcher` of web/worker_process.py.

    A worker's token lasts for four times the grace of orphans and is renewed each quarter of that,
    so that it outlives any time without a server that the worker does.
    """

    def __init__(
        self, settings: Settings, authenticator: Authenticator, host: str, port: int
    ) -> None:
        """Workers connect to this host and port."""
        self._settings = settings
        self._authenticator = authenticator
        self._lifetime = max(_SHORTEST_TOKEN, 4 * settings.workers.orphan_grace)
        host = _ANY_ADDRESS.get(host, host)
        host = f"[{host}]" if ":" in host else host
        self._url = f"ws://{host}:{port}{settings.server.endpoint}"
        self._data_dir = settings.data_dir.absolute()

    @property
    def renew_every(self) -> float:
        """Seconds between two tokens."""
        return self._lifetime / 4

    def folder(self, run: str) -> Path:
        """Where the run is recorded."""
        return self._data_dir / run

    def token(self, run: str, lifetime: float | None = None) -> str:
        """For the worker of this run and nothing else."""
        return self._authenticator.issue(
            f"{WORKER}{run}", (PUBLISH,), (f"run.{run}.>",), lifetime or self._lifetime
        )

    def launch(self, entry: RunEntry, onward: Onward) -> Launch:
        """What the run's worker is told."""
        settings = self._settings
        return Launch(
            run=entry.run,
            scenario=entry.scenario,
            params=dict(entry.params),
            seed=entry.seed,
            epoch=entry.epoch,
            created=entry.started_at,
            folder=str(self.folder(entry.run)),
            url=self._url,
            token=self.token(entry.run),
            onward=onward,
            source=entry.source,
            fork=entry.fork,
            replay=entry.replay,
            workers=settings.workers,
            recording=settings.recording,
            history=settings.history,
            message_bytes=settings.limits.worker_message_bytes or 2**30,
            log_level=settings.log.level,
        )
