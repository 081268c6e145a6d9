"""Speaks for all agents of a run at once: their aggregates, columns and beliefs."""

from typing import Any

import pykka

from actors.agent_table import agent_number, page
from actors.event import Event
from actors.loop import LoopActor
from actors.publishing import Demand, Publish
from actors.questions import NoBelief, NoTickYet, ReadAgents, ReadBelief
from actors.steering import Acknowledge, Happened, Ticked
from actors.wanted import Wanted
from sim.tick import Tick


class BeliefState(LoopActor):
    """The end of a tick's way: makes its events, and publishes all of them as one.

    `run.<run>.tick` holds the aggregates and the `hash` of the state, `run.<run>.agents` the
    columns; `run.<run>.belief.<agent>` is made for the agents that are wanted (what is wanted is
    handed in, so that it outlives a crash). Questions are answered from the last tick.
    """

    def __init__(
        self, run: str, epoch: str, broadcaster: pykka.ActorRef[Any], wanted: Wanted
    ) -> None:
        super().__init__()
        self._run = run
        self._epoch = epoch
        self._broadcaster = broadcaster
        self._wanted = wanted
        self._tick: Tick | None = None

    def on_receive(self, message: Any) -> Any:
        match message:
            case Ticked(tick, events, origin, epoch):
                self._tick = tick
                self._epoch = epoch or self._epoch
                self._broadcaster.tell(Publish((*self._summary(tick), *events)))
                if origin is not None:
                    origin.tell(Acknowledge("published", tick.number, epoch))
            case Happened(event):
                self._broadcaster.tell(Publish((event,)))
            case Demand():
                self._wanted.change(message)
            case ReadBelief(agent):
                return self._belief(agent)
            case ReadAgents():
                return page(self._last_tick(), message)
            case _:
                return super().on_receive(message)
        return None

    def _summary(self, tick: Tick) -> list[Event]:
        events = [
            self._event("tick", {**tick.aggregates, "hash": tick.hash}, tick),
            self._event("agents", tick.columns, tick),
        ]
        for number in self._wanted.agents("belief", tick.agents):
            belief = tick.detail.belief(number)
            if belief:
                events.append(self._event(f"belief.{number}", belief, tick))
        return events

    def _event(self, topic: str, data: object, tick: Tick) -> Event:
        return Event(
            f"run.{self._run}.{topic}", data, tick.number, tick.time, self._epoch, tick.number
        )

    def _belief(self, agent: str) -> dict[str, Any]:
        tick = self._last_tick()
        belief = tick.detail.belief(agent_number(agent, tick.agents))
        if not belief:
            raise NoBelief
        return {"tick": tick.number, **belief}

    def _last_tick(self) -> Tick:
        if self._tick is None:
            raise NoTickYet
        return self._tick
