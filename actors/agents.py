"""The agents of a run that somebody speaks to: activated when needed, passivated when idle."""

from collections import deque
from dataclasses import dataclass
from typing import Any

import pykka

from actors.agent import Acted, Agent
from actors.agent_table import agent_number, row
from actors.child import Child
from actors.event import Event
from actors.loop import LoopActor, tell_all
from actors.loop_ref import LoopRef
from actors.publishing import Demand
from actors.questions import NoTickYet, ReadAgent
from actors.restart import Restart
from actors.steering import Happened, Ticked
from actors.supervisor import StartChild, StopChild, Supervisor
from actors.wanted import Wanted
from sim.tick import Tick

RECALLED = 20  # ticks whose actions a newly activated agent knows
RECALLED_BYTES = 2**24


@dataclass(frozen=True, slots=True)
class Figures:
    """Bounds: the agents that are active, and seconds until an idle one goes."""

    active: int = 1000
    idle: float = 60.0


@dataclass(frozen=True, slots=True)
class _Passivate:
    """Time to let go of agents that nobody has spoken to."""


class Agents(LoopActor):
    """First on a tick's way: adds `run.<run>.agent.<agent>` for the agents that are watched, in one
    pass over the columns, and hands the tick to `follower`.

    An Agent is a child of `home`, a Supervisor, and begins when it is asked something or watched by
    its number. `labels` names the actions; what is `wanted` is handed in, to outlive a crash.
    """

    def __init__(
        self,
        run: str,
        epoch: str,
        follower: pykka.ActorRef[Any],
        home: LoopRef[Supervisor],
        wanted: Wanted,
        labels: tuple[str, ...] = (),
        figures: Figures | None = None,
    ) -> None:
        super().__init__()
        self._run = run
        self._epoch = epoch
        self._follower = follower
        self._home = home
        self._labels = labels
        self._figures = figures if figures is not None else Figures()
        self._wanted = wanted
        self._tick: Tick | None = None
        self._past: deque[Acted] = deque(maxlen=RECALLED)
        self._active: dict[int, pykka.ActorRef[Any]] = {}
        self._spoken_at: dict[int, float] = {}

    async def on_start(self) -> None:  # type: ignore[override]  # the mailbox waits for it
        for left_over in list(self._home.children or ()):
            await self._home.ask(StopChild(left_over), block=False)
        self.every(self._figures.idle / 2, _Passivate())

    def on_receive(self, message: Any) -> Any:
        match message:
            case Ticked():
                self._ticked(message)
            case Happened():
                self._follower.tell(message)
            case Demand():
                return self._demand(message)
            case ReadAgent(agent):
                return self._read(agent, message)
            case _Passivate():
                return self._passivate()
            case _:
                return super().on_receive(message)
        return None

    def _ticked(self, message: Ticked) -> None:
        tick = self._tick = message.tick
        if message.epoch and message.epoch != self._epoch:
            # What was done lies ahead now, or far behind.
            self._epoch = message.epoch
            self._past.clear()
        numbers = self._wanted.agents("agent", tick.agents)
        rows = tuple(self._event(tick, number) for number in numbers)
        self._follower.tell(Ticked(tick, message.events + rows, message.origin, message.epoch))
        acted = Acted.in_tick(tick)
        self._past.append(acted)
        size = sum(column.nbytes for column in (acted.action, acted.reward) if column is not None)
        while len(self._past) > max(1, RECALLED_BYTES // max(1, size)):
            self._past.popleft()
        tell_all(self._active.values(), Ticked(tick, epoch=self._epoch))

    def _event(self, tick: Tick, number: int) -> Event:
        data = {**row(tick, number), **tick.detail.agent(number)}
        topic = f"run.{self._run}.agent.{number}"
        return Event(topic, data, tick.number, tick.time, self._epoch, tick.number)

    async def _demand(self, demand: Demand) -> None:
        self._wanted.change(demand)
        if self._tick is not None:
            for number in self._wanted.asked(self._tick.agents):
                await self._activate(number, self._tick)

    async def _read(self, agent: str, question: ReadAgent) -> Any:
        if self._tick is None:
            raise NoTickYet
        number = agent_number(agent, self._tick.agents)
        ref = await self._activate(number, self._tick)
        return ref.ask(question, block=False)

    async def _activate(self, number: int, tick: Tick) -> pykka.ActorRef[Any]:
        """The agent's actor, which has been spoken to now; one that died is begun anew."""
        self._spoken_at.pop(number, None)
        self._spoken_at[number] = self.runtime.clock.now()
        ref = self._active.get(number)
        if ref is not None and ref.is_alive():
            return ref
        if len(self._active) >= self._figures.active:
            await self._let_go(next(other for other in self._spoken_at if other in self._active))
        arguments = (self._run, number, tick, tuple(self._past), self._labels, self._epoch)
        child = Child(name(number), (Agent, arguments, {}), restart=Restart.TEMPORARY)
        begun: pykka.ActorRef[Any] = await self._home.ask(StartChild(child), block=False)
        self._active[number] = begun
        return begun

    async def _passivate(self) -> None:
        if self._tick is None:
            return
        watched = set(self._wanted.asked(self._tick.agents))
        before = self.runtime.clock.now() - self._figures.idle
        dead = {number for number, ref in self._active.items() if not ref.is_alive()}
        idle = [
            number
            for number, at in self._spoken_at.items()
            if number in dead or (at <= before and number not in watched)
        ]
        for number in idle:
            await self._let_go(number)

    async def _let_go(self, number: int) -> None:
        del self._spoken_at[number]
        if self._active.pop(number, None) is not None:
            await self._home.ask(StopChild(name(number)), block=False)


def name(number: int) -> str:
    """An agent's name in the tree of actors."""
    return f"agent-{number}"
