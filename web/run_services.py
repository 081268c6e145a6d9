"""Queries and commands that concern runs, and what workers say of theirs."""

import asyncio
import dataclasses
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pykka
from msgspec import Struct

from actors.event import Event
from actors.history import History
from actors.loop_ref import LoopRef
from actors.publishing import Publish
from actors.supervisor import Supervisor
from actors.topics import Pattern, covers
from sim.catalogue import Catalogue, UnknownScenario
from sim.parameters import ParameterError, build
from sim.scenario_file import ScenarioFileError, load_source
from web.auth import Identity
from web.errors import (
    COMMAND_FAILED,
    CONFLICT,
    NOT_FOUND,
    PERMISSION_DENIED,
    VALIDATION_ERROR,
    Refusal,
)
from web.keeper import Begin, Departed, Taken
from web.messages import now
from web.requests import AttachWorker, StartRun, WorkerReply, WorkerReport
from web.run_folder import reserve
from web.runs import OVER, RunEntry, Runs, WorkerLine
from web.scenarios import titles
from web.worker_process import Attached

WORKER = "worker:"  # begins the subject of a worker's token


class RunServices:
    """Reads from `runs` and `history`, tells `keeper`, and asks the workers themselves."""

    def __init__(
        self,
        runs: Runs,
        keeper: pykka.ActorRef[Any],
        home: LoopRef[Supervisor],
        broadcaster: pykka.ActorRef[Any],
        history: History,
        data_dir: Path,
        catalogue: Catalogue,
    ) -> None:
        self._runs = runs
        self._keeper = keeper
        self._home = home
        self._broadcaster = broadcaster
        self._history = history
        self._data_dir = data_dir
        self._catalogue = catalogue

    def get(self, run: str) -> RunEntry | None:
        """The run, if it is known."""
        return self._runs.get(run)

    def known(self, run: str) -> RunEntry:
        """Raises Refusal where there is no such run."""
        entry = self._runs.get(run)
        if entry is None:
            raise Refusal(NOT_FOUND, what="run", name=run)
        return entry

    def listed(self, identity: Identity) -> list[dict[str, Any]]:
        """The runs that the identity may see."""
        return [
            self._summary(entry)
            for entry in self._runs
            if covers(identity.topics, Pattern.parse(f"run.{entry.run}.state"))
        ]

    def described(self, run: str) -> dict[str, Any]:
        """All that is known of a run."""
        entry = self.known(run)
        title, text = titles(self._catalogue, entry.scenario)
        view: Any = entry.view or {}
        found = {
            **self._summary(entry),
            "title": title,
            "sentence": view.get("sentence") or text,
            "params": entry.params,
            "speed": entry.speed,
            "view": entry.view,
            "columns": entry.columns,
            "model": entry.model,
            "epoch": entry.epoch,
            "restarts": entry.restarts,
        }
        return found if entry.reason is None else {**found, "reason": entry.reason}

    async def ask(self, kind: str, name: str, params: Struct, by: str) -> object:
        """Has the run's worker answer; waits for one that is being restarted."""
        values = {
            field.encode_name: getattr(params, field.name)
            for field in msgspec.structs.fields(params)
        }
        entry = self.known(values["run"])
        line = await self._line(entry)
        result = await line.ask(kind, name, values, by)
        if kind == "command":
            # What is answered may come before what is published.
            entry.reach(result["tick"])
        return result

    async def start(self, params: StartRun) -> RunEntry:
        """A new run, once its worker is there. Raises Refusal."""
        wanted = self.checked(params.scenario, params.params)
        seed = secrets.randbelow(2**31) if params.seed is None else params.seed
        return await self.begin(
            params.scenario,
            lambda run: RunEntry(
                run,
                params.scenario,
                wanted,
                seed,
                secrets.token_hex(4),
                now(),
                source=self._catalogue.files.get(params.scenario, ""),
            ),
        )

    def checked(self, name: str, params: Mapping[str, Any], source: str = "") -> dict[str, Any]:
        """All parameters of the scenario, the given ones among them. Raises Refusal."""
        try:
            scenario = build(load_source(source) if source else self._catalogue(name), params)
        except UnknownScenario as error:
            raise unknown_scenario(error) from None
        except ScenarioFileError as error:
            raise Refusal(COMMAND_FAILED, reason=str(error)) from None
        except ParameterError as error:
            path = f"$.params.params.{error.parameter}"
            raise Refusal(VALIDATION_ERROR, path=path, reason=str(error)) from None
        return dataclasses.asdict(scenario)

    async def begin(self, prefix: str, make: Callable[[str], RunEntry]) -> RunEntry:
        """The run that is made for a new name, once its worker is there. Raises Refusal."""
        loop = asyncio.get_running_loop()
        try:
            run = await loop.run_in_executor(None, reserve, self._data_dir, prefix)
        except OSError as error:
            reason = f"{self._data_dir} cannot be written to: {error.strerror}"
            raise Refusal(COMMAND_FAILED, reason=reason) from None
        entry = make(run)
        try:
            await self._keeper.ask(Begin(entry), block=False)
        except Refusal:
            await loop.run_in_executor(None, (self._data_dir / run).rmdir)
            raise
        await entry.attached.wait()
        if entry.state in OVER and not entry.is_known:
            raise Refusal(COMMAND_FAILED, reason=entry.reason or "the worker ended")
        return entry

    def publish(self, identity: Identity, run: str, events: tuple[Event, ...]) -> None:
        """Passes a worker's events on."""
        self._own(identity, run)
        entry = self._runs.live.get(run)
        if entry is None:
            raise Refusal(NOT_FOUND, what="run", name=run)
        entry.hear(events)
        self._broadcaster.tell(Publish(events))

    async def attach(
        self, told: AttachWorker, identity: Identity, connection: pykka.ActorRef[Any]
    ) -> dict[str, Any]:
        """Takes a worker for its run; the positions that are known of its topics."""
        self._own(identity, told.run)
        entry = self._runs.live.get(told.run)
        place = (self._home.children or {}).get(told.run)
        if entry is None or place is None:
            raise Refusal(NOT_FOUND, what="run", name=told.run)
        is_new = not entry.is_known and not entry.is_resumed
        await place.ref.ask(Attached(told, connection), block=False)
        self._keeper.tell(Taken(told.run, is_new))
        return {"positions": self._positions(told.run)}

    def report(self, report: WorkerReport, identity: Identity) -> None:
        """Notes how a worker fares."""
        self._own(identity, report.run)
        entry = self._runs.live.get(report.run)
        if entry is not None:
            entry.report = report
            entry.signs += 1

    def reply(self, reply: WorkerReply, connection: pykka.ActorRef[Any]) -> None:
        """Passes a worker's answer on to who asked."""
        entry = self._runs.of_connection(connection)
        if entry is not None and entry.line is not None:
            entry.line.answered(reply)

    def departed(self, connection: pykka.ActorRef[Any]) -> None:
        """A connection is gone."""
        if self._runs.of_connection(connection) is not None:
            self._keeper.tell(Departed(connection))

    def _summary(self, entry: RunEntry) -> dict[str, Any]:
        found = entry.summary()
        if entry.replays is not None:
            source = self._runs.get(entry.replays[0])
            found["replay"]["last"] = entry.tick if source is None else source.tick
        return found

    def _positions(self, run: str) -> dict[str, list[object]]:
        """Of the topics whose events a worker tells without being asked."""
        return {
            topic: [position.epoch, position.offset]
            for name in ("tick", "state", "log.>")
            for topic, position in self._history.positions(Pattern.parse(f"run.{run}.{name}"))
        }

    async def _line(self, entry: RunEntry) -> WorkerLine:
        while entry.line is None:
            if entry.run not in self._runs.live:
                raise Refusal(CONFLICT, reason=f"the run {entry.run} has ended")
            await entry.attached.wait()
        return entry.line

    def _own(self, identity: Identity, run: str) -> None:
        if identity.user != f"{WORKER}{run}":
            raise Refusal(
                PERMISSION_DENIED,
                what=f"speaking for the worker of {run}",
                missing=f"the subject {WORKER}{run}",
            )


def unknown_scenario(error: UnknownScenario) -> Refusal:
    """What a client is told of it."""
    return Refusal(
        NOT_FOUND,
        what="scenario",
        name=error.name,
        known=list(error.known),
        suggestion=error.suggestion,
    )
