"""The actors of a worker process, and how they are put together."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pykka

from actors.agents import Agents
from actors.audience import Subscriptions
from actors.beginning import begin
from actors.belief_state import BeliefState
from actors.broadcaster import Broadcaster
from actors.child import Child
from actors.event import Event, Subscription
from actors.facts import ChildFailed, ChildStopped
from actors.history import History, HistoryLimits
from actors.loop import LoopActor
from actors.loop_lag import LagProbe, Lags
from actors.loop_ref import LoopRef
from actors.monitor import SystemMonitor
from actors.publishing import Deliver, Subscribe, WatchDemand
from actors.recorder import Recorder, recorded_topics
from actors.replay import Replay
from actors.restart import Restart
from actors.run import Run
from actors.simulated import Begun, RunSettings
from actors.supervisor import Supervisor, Watch
from actors.topics import Pattern
from actors.wanted import Wanted
from sim.condition import Condition
from sim.recording import Recording
from sim.replaying import Replaying
from sim.simulation import Simulation
from web.desk import Desk
from web.launch import FAILED, FINISHED, SUSPENDED, Launch
from web.link import Link
from web.uplink import Uplink
from web.vitals import WorkerVitals
from web.wording import Unframed

_TOPIC_BYTES = 2 * 2**20  # the worker keeps little: the server and the record have more
_BYTES = 64 * 2**20
LAST_WORDS = 1.0  # seconds

End = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class _Over:
    """The run's actor is gone, and nothing was heard of its state."""

    reason: str


class Outcome(LoopActor):
    """Notices that the run is over, one way or the other, and calls `end` with an exit code."""

    def __init__(self, end: End) -> None:
        super().__init__()
        self._end = end

    def on_receive(self, message: Any) -> Any:
        match message:
            case Deliver(_, events):
                for event in events:
                    self._state(event)
            case ChildFailed(reason=reason) | ChildStopped(reason=reason):
                # Its last words may still be under way.
                self.after(LAST_WORDS, _Over(reason))
            case _Over(reason):
                self._end(FAILED, reason)
            case _:
                return super().on_receive(message)
        return None

    def _state(self, event: Event) -> None:
        data: Any = event.data
        if data["state"] == "finished":
            self._end(FINISHED, "the run was told to stop")
        elif data["state"] == "failed":
            self._end(FAILED, data["reason"])


class WorkerTree:
    """Starts the actors in their order. Refs stay good when a child is restarted."""

    broadcaster: pykka.ActorRef[Any]
    recorder: pykka.ActorRef[Any] | None = None  # a replay has none
    belief_state: pykka.ActorRef[Any]
    home: LoopRef[Supervisor]
    agents: pykka.ActorRef[Any]
    outcome: pykka.ActorRef[Any]
    run: pykka.ActorRef[Any]
    uplink: pykka.ActorRef[Any]

    def __init__(self, launch: Launch, simulation: Simulation | Replaying, end: End) -> None:
        self._launch = launch
        self._simulation = simulation
        self._end = end
        self._folder = Path(launch.folder)
        limits = HistoryLimits(
            events=launch.history.events,
            topic_bytes=min(launch.history.topic_bytes, _TOPIC_BYTES),
            bytes=min(launch.history.bytes, _BYTES),
            topics=launch.history.topics,
        )
        self._history = History(launch.epoch, limits)
        self._subscriptions = Subscriptions()
        self._lags = Lags()
        most = launch.workers.watched_agents
        self._wanted_agents = Wanted(launch.run, most)
        self._wanted_beliefs = Wanted(launch.run, most)
        self._vitals = WorkerVitals(launch, simulation, self._history)
        self._link = Link(
            launch.url, launch.token, launch.message_bytes, launch.workers.hang_timeout
        )

    async def start(self) -> LoopRef[Supervisor]:
        """All actors run when this is done; the simulation begins on its own thread."""
        root: LoopRef[Supervisor] = Supervisor.start(self._children(), name="worker")
        self._vitals.root = root
        await root.started()
        root.tell(Watch("run", self.outcome))
        self._watching = asyncio.get_running_loop().create_task(self._vitals.watch(self.run))
        return root

    def _children(self) -> Sequence[Child]:
        once = Restart.TEMPORARY
        recorder = () if self._is_replay else (Child("recorder", self._start_recorder),)
        return (
            Child("broadcaster", self._start_broadcaster),
            Child("lag", (LagProbe, (self._lags,), {})),
            Child("monitor", self._start_monitor),
            *recorder,
            Child("belief", self._start_belief_state),
            Child("agents", self._start_home),
            Child("population", self._start_agents),
            Child("outcome", self._start_outcome),
            Child("run", self._start_run, restart=once),
            Child("uplink", self._start_uplink),
        )

    def _start_broadcaster(self) -> pykka.ActorRef[Any]:
        self.broadcaster = Broadcaster.start(
            lambda *_: Unframed(), self._history, self._subscriptions
        )
        return self.broadcaster

    def _start_monitor(self) -> pykka.ActorRef[Any]:
        self._vitals.monitor = SystemMonitor.start(self._lags)
        return self._vitals.monitor

    def _start_recorder(self) -> pykka.ActorRef[Any]:
        launch = self._launch
        self.recorder = Recorder.start(
            launch.run,
            lambda: Recording.open(self._folder, "append", max_bytes=launch.recording.max_bytes),
            launch.recording.batch_seconds,
        )
        topics = tuple(recorded_topics(launch.run))
        self.broadcaster.tell(Subscribe(self.recorder, topics, None))
        return self.recorder

    def _start_belief_state(self) -> pykka.ActorRef[Any]:
        launch = self._launch
        self.belief_state = BeliefState.start(
            launch.run, launch.epoch, self.broadcaster, self._wanted_beliefs
        )
        self.broadcaster.tell(WatchDemand(self.belief_state))
        return self.belief_state

    def _start_home(self) -> pykka.ActorRef[Any]:
        self.home = Supervisor.start(escalate=False)
        return self.home

    def _start_agents(self) -> pykka.ActorRef[Any]:
        launch, model = self._launch, self._simulation.world.model
        self.agents = Agents.start(
            launch.run,
            launch.epoch,
            self.belief_state,
            self.home,
            self._wanted_agents,
            () if model is None else model.actions,
        )
        self.broadcaster.tell(WatchDemand(self.agents))
        return self.agents

    def _start_outcome(self) -> pykka.ActorRef[Any]:
        self.outcome = Outcome.start(self._end)
        state = Subscription(Pattern.parse(f"run.{self._launch.run}.state"))
        self.broadcaster.tell(Subscribe(self.outcome, (state,), None))
        return self.outcome

    def _start_run(self) -> pykka.ActorRef[Any]:
        launch = self._launch
        settings = RunSettings(
            launch.run,
            launch.epoch,
            self._simulation.scenario.hz,
            launch.recording.checkpoint_ticks,
        )
        kind = Replay if self._is_replay else Run
        self.run = kind.start(settings, self._begin, self.agents, self.recorder)
        return self.run

    def _start_uplink(self) -> pykka.ActorRef[Any]:
        self.uplink = Uplink.start(
            self._launch.run,
            self._link,
            self.broadcaster,
            Desk(self.run, self.belief_state, self.agents).answer,
            self._vitals,
            self._launch.workers.orphan_grace,
            lambda: self._end(SUSPENDED, "no server came back in time"),
        )
        return self.uplink

    def _begin(self) -> Begun:
        """On the run's thread: the simulation where the record, or who saw more of it, left it."""
        launch, onward = self._launch, self._launch.onward
        if isinstance(self._simulation, Replaying):
            begun = Begun(self._simulation)
        else:
            with Recording.open(self._folder) as record:
                begun = begin(launch.run, self._simulation, record)
        until = None if onward.until is None else Condition(onward.until)
        return replace(
            begun,
            states=max(begun.states, onward.states),
            resumed=begun.resumed or onward.resumed,
            paused=begun.paused if onward.paused is None else onward.paused,
            hz=begun.hz if onward.hz is None else onward.hz,
            until=begun.until if onward.paused is None else until,
            # A replay goes to its tick by itself.
            known=0 if self._is_replay else max(begun.known, onward.tick),
        )

    @property
    def _is_replay(self) -> bool:
        return isinstance(self._simulation, Replaying)
