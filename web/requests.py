"""The queries and commands: what each is called, needs and takes.

`topic` is what the token's topics must cover for it, with the params filled in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from msgspec import Meta, Raw, Struct

OBSERVE, CONTROL, PUBLISH, ADMIN = "observe", "control", "publish", "admin"
SCOPES = frozenset((OBSERVE, CONTROL, PUBLISH, ADMIN))

RunName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
AgentName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
AgentNumber = Annotated[int, Meta(ge=0)]
TopicName = Annotated[str, Meta(min_length=1, max_length=256)]
Count = Annotated[int, Meta(ge=0)]
Word = Annotated[str, Meta(max_length=256)]


class NoParams(Struct, frozen=True, forbid_unknown_fields=True):
    """Takes nothing."""


class OfRun(Struct, frozen=True, forbid_unknown_fields=True):
    """Concerns one run."""

    run: RunName


class OfAgent(Struct, frozen=True, forbid_unknown_fields=True):
    """Concerns one agent of a run; the agent goes by its number, as text or as a number."""

    run: RunName
    agent: AgentName | AgentNumber


class ListAgents(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of a run's agents. `sort`: a column, falling with `-` before it; `filter`: columns
    compared with numbers and joined by commas, such as `entropy>0.5,solved=1`."""

    run: RunName
    offset: Count = 0
    limit: Annotated[int, Meta(ge=1, le=500)] = 50
    sort: Word | None = None
    filter: Word | None = None


class ReadHistory(Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """The kept events of a topic, with offsets from `from` to `to`, both included."""

    topic: TopicName
    from_: Count | None = None
    to: Count | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class StartRun(Struct, frozen=True, forbid_unknown_fields=True):
    """Starts a run of a scenario."""

    scenario: Annotated[str, Meta(min_length=1, max_length=64)]
    params: dict[str, Any] = {}
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None


class StepRun(Struct, frozen=True, forbid_unknown_fields=True):
    """Lets a paused run make so many ticks."""

    run: RunName
    ticks: Annotated[int, Meta(ge=1, le=100_000)] = 1


class SeekTick(Struct, frozen=True, forbid_unknown_fields=True):
    """Lets a replay go to a tick of the record, which it tells at once. What the run tells has a
    new epoch then."""

    run: RunName
    tick: Annotated[int, Meta(ge=1)]


class ReplayRun(Struct, frozen=True, forbid_unknown_fields=True):
    """Makes the ticks of a recorded run again, from `tick` or the first on, as a run of its own. It
    pauses where the record ends, is not recorded, and ends when nobody watches it."""

    run: RunName
    tick: Annotated[int, Meta(ge=1)] | None = None
    hz: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None


class CompareRuns(Struct, frozen=True, forbid_unknown_fields=True):
    """Two recorded runs."""

    run: RunName
    other: RunName


class StartSweep(Struct, frozen=True, forbid_unknown_fields=True):
    """Runs a scenario at every combination of the values in `grid`, each with so many `seeds`, the
    same for all, from `seed` on. Values are kept every `every` ticks, and at the last."""

    scenario: Annotated[str, Meta(min_length=1, max_length=64)]
    grid: Annotated[
        dict[Word, Annotated[list[Any], Meta(min_length=1, max_length=1000)]], Meta(max_length=20)
    ] = {}
    params: dict[str, Any] = {}
    seeds: Annotated[int, Meta(ge=1, le=10_000)] = 1
    seed: Annotated[int, Meta(ge=0, le=2**62)] = 0
    ticks: Annotated[int, Meta(ge=1, le=1_000_000)] = 1000
    every: Count = 0
    workers: Annotated[int, Meta(ge=1, le=256)] = 1


class OfSweep(Struct, frozen=True, forbid_unknown_fields=True):
    """Concerns one sweep."""

    sweep: RunName


class SetSpeed(Struct, frozen=True, forbid_unknown_fields=True):
    """Sets the ticks per second; 0 is as fast as it can."""

    run: RunName
    hz: Annotated[float, Meta(ge=0, le=1_000_000)]


class UntilCondition(Struct, frozen=True, forbid_unknown_fields=True):
    """Lets a run go on until the condition holds after a tick, such as `any(surprise) > 3`."""

    run: RunName
    condition: Annotated[str, Meta(min_length=1, max_length=500)]


class Perturbation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Changes something between two ticks. `agent` * is all of them. `observation` is what the next
    one says, by modality; `belief` what is expected before it, by factor: a state, or
    probabilities; `reset` what was expected at first; `precision` and `preferences` (by modality)
    concern all agents; `move` is a place; `cut` and `add` are another agent on a network, to which
    an edge goes or comes, both ways."""

    agent: Annotated[str, Meta(pattern=r"^(\*|[A-Za-z0-9_-]{1,64})$")] | AgentNumber
    observation: dict[Word, Word | Count] | None = None
    belief: dict[Word, Word | Count | list[float]] | None = None
    reset: bool = False
    precision: Annotated[float, Meta(ge=0)] | None = None
    preferences: dict[Word, list[float]] | None = None
    move: Word | Count | None = None
    cut: AgentNumber | None = None
    add: AgentNumber | None = None


class PerturbAgent(Perturbation, frozen=True, forbid_unknown_fields=True, kw_only=True):
    __doc__ = Perturbation.__doc__

    run: RunName


class ForkRun(Struct, frozen=True, forbid_unknown_fields=True):
    """Goes on after a tick of a recorded run, as a run of its own: with other `params`, another
    `seed` from there on, or after a perturbation; with none of them it is the same once more."""

    run: RunName
    tick: Count
    params: dict[str, Any] = {}
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    perturb: Perturbation | None = None


class Refresh(Struct, frozen=True, forbid_unknown_fields=True):
    """Puts a new token in the place of the connection's."""

    token: Annotated[str, Meta(min_length=1)]


class PublishedEvent(Struct, frozen=True, forbid_unknown_fields=True):
    """An event that a worker numbered; its data stays packed."""

    topic: TopicName
    data: Raw
    tick: int | None = None
    time: float | None = None
    epoch: Annotated[str, Meta(max_length=64)] = ""
    offset: Annotated[int, Meta(ge=-1)] = -1
    skipped: Count = 0


class Publish(Struct, frozen=True, forbid_unknown_fields=True):
    """What happened in a run."""

    run: RunName
    events: list[PublishedEvent]


class AttachWorker(Struct, frozen=True):
    """A worker says which run it is. Fields of later workers are let through."""

    run: RunName
    scenario: Word
    params: dict[str, Any]
    seed: int
    epoch: Annotated[str, Meta(max_length=64)]
    agents: Count
    started_at: Any
    pid: Count
    state: Word
    tick: Count
    view: Any = None
    columns: Any = None
    model: Any = None
    speed: float = 0.0


class WorkerReport(Struct, frozen=True):
    """How a worker fares. `alive`: seconds since its run last answered."""

    run: RunName
    metrics: dict[str, Any]
    actors: Any
    alive: float
    tick: Count
    state: Word


class WorkerFailure(Struct, frozen=True):
    """Why a worker could not answer."""

    code: str
    message: str
    details: dict[str, Any] = {}


class WorkerReply(Struct, frozen=True):
    """A worker's answer to what it was asked under this id."""

    id: str
    result: Any = None
    error: WorkerFailure | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A row of the tables: the scope it needs (None: any), its params, and what it is about."""

    scope: str | None
    params: type[Struct]
    topic: str | None = None


QUERIES: Mapping[str, Request] = {
    "server.info": Request(OBSERVE, NoParams),
    "runs.list": Request(OBSERVE, NoParams),
    "run.get": Request(OBSERVE, OfRun, "run.{run}.state"),
    "run.agents": Request(OBSERVE, ListAgents, "run.{run}.agents"),
    "agent.get": Request(OBSERVE, OfAgent, "run.{run}.agent.{agent}"),
    "belief.get": Request(OBSERVE, OfAgent, "run.{run}.belief.{agent}"),
    "system.metrics": Request(OBSERVE, NoParams, "system.metrics"),
    "actors.tree": Request(OBSERVE, NoParams, "system.actors"),
    "history": Request(OBSERVE, ReadHistory, "{topic}"),
    "run.diff": Request(OBSERVE, CompareRuns, "run.{run}.agents"),
    "scenarios.list": Request(OBSERVE, NoParams),
    "sweeps.list": Request(OBSERVE, NoParams),
    "connections.list": Request(ADMIN, NoParams),
}

COMMANDS: Mapping[str, Request] = {
    "run.start": Request(CONTROL, StartRun),
    "run.pause": Request(CONTROL, OfRun, "run.{run}.state"),
    "run.resume": Request(CONTROL, OfRun, "run.{run}.state"),
    "run.step": Request(CONTROL, StepRun, "run.{run}.state"),
    "run.speed": Request(CONTROL, SetSpeed, "run.{run}.state"),
    "run.stop": Request(CONTROL, OfRun, "run.{run}.state"),
    "run.checkpoint": Request(CONTROL, OfRun, "run.{run}.state"),
    "run.until": Request(CONTROL, UntilCondition, "run.{run}.state"),
    "run.fork": Request(CONTROL, ForkRun, "run.{run}.state"),
    "run.replay": Request(CONTROL, ReplayRun, "run.{run}.state"),
    "run.seek": Request(CONTROL, SeekTick, "run.{run}.state"),
    "agent.perturb": Request(CONTROL, PerturbAgent, "run.{run}.agent.{agent}"),
    "agent.stop": Request(CONTROL, OfAgent, "run.{run}.agent.{agent}"),
    "agent.restart": Request(CONTROL, OfAgent, "run.{run}.agent.{agent}"),
    "sweep.start": Request(CONTROL, StartSweep),
    "sweep.stop": Request(CONTROL, OfSweep, "sweep.{sweep}.progress"),
    "sweep.resume": Request(CONTROL, OfSweep, "sweep.{sweep}.progress"),
    "auth.refresh": Request(None, Refresh),
    "publish": Request(PUBLISH, Publish, "run.{run}.state"),
    "worker.attach": Request(PUBLISH, AttachWorker, "run.{run}.state"),
    "worker.report": Request(PUBLISH, WorkerReport, "run.{run}.state"),
    "worker.reply": Request(PUBLISH, WorkerReply),
}

Encoding = Literal["json", "msgpack"]
