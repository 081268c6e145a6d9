"""What the server knows of each run; a store that outlives the actors who keep it."""

import asyncio
import itertools
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pykka

from actors.event import Event
from sim.packing import unwire
from web.errors import COMMAND_FAILED, CONFLICT, Refusal, told_by_worker
from web.launch import ForkOf, ReplayOf
from web.notices import Direct
from web.requests import AttachWorker, WorkerReply, WorkerReport

MOST_ENDED = 200  # runs that are over and still listed
_MOST_QUESTIONS = 500  # to one worker at a time
OVER = ("finished", "failed")


class WorkerLine:
    """The server's end of a worker's connection: tells it things, and asks it questions."""

    def __init__(self, run: str, connection: pykka.ActorRef[Any]) -> None:
        self.connection = connection
        self._topic = f"worker.{run}"
        self._numbers = itertools.count()
        self._waiting: dict[str, asyncio.Future[Any]] = {}

    def tell(self, kind: str, **data: object) -> None:
        """Sends something that needs no answer."""
        number = next(self._numbers)
        event = Event(self._topic, {"kind": kind, **data}, offset=number)
        self.connection.tell(Direct((event,)))

    async def ask(self, kind: str, name: str, params: Mapping[str, Any], by: str) -> Any:
        """The worker's result, arrays of floats as arrays; raises Refusal."""
        if len(self._waiting) >= _MOST_QUESTIONS:
            raise Refusal(CONFLICT, reason="the run is asked too much at a time")
        id_ = f"q{next(self._numbers)}"
        answer = self._waiting[id_] = asyncio.get_running_loop().create_future()
        try:
            self.tell(kind, id=id_, name=name, params=params, by=by)
            return await answer
        finally:
            del self._waiting[id_]

    def answered(self, reply: WorkerReply) -> None:
        """Passes the answer on to who waits for it, if anybody still does."""
        waiting = self._waiting.get(reply.id)
        if waiting is None or waiting.done():
            return
        if reply.error is None:
            waiting.set_result(unwire(reply.result))
        else:
            error = reply.error
            waiting.set_exception(told_by_worker(error.code, error.message, error.details))

    def lose(self) -> None:
        """The worker is gone; nobody will answer."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(Refusal(COMMAND_FAILED, reason="the run's worker is gone"))


@dataclass(slots=True, eq=False)
class RunEntry:
    """One run. `source` names the file of a scenario that is somebody's own. `fork` and `replay`
    say what it begins from, `parent` (run, tick) what it goes on from, `replays` (run, first tick)
    what it shows again; `unwatched`: how often nobody watched a replay when it was looked.

    `params` are all of its parameters once its worker has told them; `signs` counts signs of life;
    `told` is what its worker knows to be wanted; `heard`: it has published since it came; `states`
    is the next offset of its state topic; `is_paused`: whether it is to be when it comes back,
    `until`: the condition to pause at then; `reason` is why it failed last.
    """

    run: str
    scenario: str
    params: Mapping[str, Any]
    seed: int
    epoch: str
    started_at: str
    state: str = "starting"
    tick: int = 0
    speed: float | None = None
    reason: str | None = None
    restarts: int = 0
    launches: int = 0
    agents: int = 0
    pid: int | None = None
    view: Any = None
    columns: Any = None
    model: Any = None
    is_known: bool = False
    is_resumed: bool = False
    is_paused: bool | None = None
    until: str | None = None
    source: str = ""
    fork: ForkOf | None = None
    parent: tuple[str, int] | None = None
    replay: ReplayOf | None = None
    replays: tuple[str, int] | None = None
    unwatched: int = 0
    states: int = 0
    signs: int = 0
    line: WorkerLine | None = None
    told: list[str] = field(default_factory=list)
    report: WorkerReport | None = None
    attached: asyncio.Event = field(default_factory=asyncio.Event)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, told: AttachWorker, line: WorkerLine) -> None:
        """Its worker says what the run is."""
        self.params, self.agents, self.pid = told.params, told.agents, told.pid
        self.view, self.columns, self.model = told.view, told.columns, told.model
        # It may be behind what its viewers saw, and makes that again.
        self.tick, self.speed = max(self.tick, told.tick), told.speed
        if told.state not in OVER:
            self.state = told.state
            self._note_pause()
        self.is_known = True
        self.line, self.told = line, []
        self.signs += 1
        self.attached.set()

    def begin_again(self) -> None:
        """It gets another worker. A replay's has no record to go on from, and numbers anew."""
        if self.replay is not None and self.launches:
            self.replay = replace(self.replay, tick=max(self.tick, self.replay.tick))
            self.epoch = secrets.token_hex(4)

    def part(self) -> None:
        """Its worker's connection is gone."""
        line, self.line = self.line, None
        self.report = None
        self.attached.clear()
        self.heard.clear()
        if line is not None:
            line.lose()

    def hear(self, events: tuple[Event, ...]) -> None:
        """Notes what the worker published: the tick, and changes of state."""
        self.signs += 1
        self.heard.set()
        topic = f"run.{self.run}.state"
        for event in events:
            if self.replays is not None and event.epoch not in ("", self.epoch):
                # It went to another tick.
                self.epoch, self.tick = event.epoch, 0
            if event.tick is not None and event.tick > self.tick:
                self.tick = event.tick
            if event.topic == topic and event.offset >= self.states:
                self.states = event.offset + 1
                self._enter(event)

    def reach(self, tick: int) -> None:
        """It is known to have made this tick. A replay may have left it again."""
        if self.replays is None:
            self.tick = max(self.tick, tick)

    def _enter(self, event: Event) -> None:
        data: Any = event.data
        if isinstance(data, msgspec.Raw):
            data = msgspec.msgpack.decode(data)
        if not isinstance(data, dict):
            return
        self.state = str(data.get("state", self.state))
        self._note_pause()
        if self.state in ("paused", "running"):
            until = data.get("until")
            self.until = None if until is None else str(until)
        hz = data.get("hz")
        self.speed = float(hz) if isinstance(hz, int | float) else self.speed
        reason = data.get("reason")
        self.reason = str(reason) if reason is not None else self.reason

    def _note_pause(self) -> None:
        """Other states do not tell."""
        if self.state in ("paused", "running"):
            self.is_paused = self.state == "paused"

    def summary(self) -> dict[str, Any]:
        """For a list of runs."""
        found: dict[str, Any] = {
            "run": self.run,
            "scenario": self.scenario,
            "state": self.state,
            "tick": self.tick,
            "seed": self.seed,
            "agents": self.agents,
            "started_at": self.started_at,
        }
        if self.parent is not None:
            found["parent"] = dict(zip(("run", "tick"), self.parent, strict=True))
        if self.replays is not None:
            found["replay"] = dict(zip(("run", "first"), self.replays, strict=True))
        return found


class Runs:
    """All runs by name: those that live, and the last ones that ended. `are_known` is not set as
    long as a server that begins has not looked what runs there are."""

    def __init__(self) -> None:
        self.are_known = asyncio.Event()
        self.are_known.set()
        self._entries: dict[str, RunEntry] = {}
        self.live: dict[str, RunEntry] = {}

    def __iter__(self) -> Iterator[RunEntry]:
        return iter(tuple(self._entries.values()))

    def get(self, run: str) -> RunEntry | None:
        """The run of this name, if it is known."""
        return self._entries.get(run)

    def add(self, entry: RunEntry) -> None:
        """One more; `live` has those that a worker is kept for."""
        self._entries[entry.run] = entry
        if entry.state not in OVER:
            self.live[entry.run] = entry
        ended = [run for run in self._entries if run not in self.live]
        for run in ended[: max(0, len(ended) - MOST_ENDED)]:
            del self._entries[run]

    def end(self, run: str) -> RunEntry | None:
        """It lives no more; None where it did not."""
        return self.live.pop(run, None)

    def forget(self, run: str) -> None:
        """Nothing of it is left."""
        self.live.pop(run, None)
        self._entries.pop(run, None)

    def of_connection(self, connection: pykka.ActorRef[Any]) -> RunEntry | None:
        """The run whose worker has this connection."""
        for entry in self.live.values():
            if entry.line is not None and entry.line.connection is connection:
                return entry
        return None
