"""From a run to its subscribers and its record, through all the actors on the way."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pykka

from actors.agents import Agents
from actors.audience import Subscriptions
from actors.beginning import begin
from actors.belief_state import BeliefState
from actors.broadcaster import Broadcaster
from actors.child import Child
from actors.history import History
from actors.recorder import Record, Recorder, recorded_topics
from actors.run import Run
from actors.runtime import Runtime
from actors.simulated import Begun, RunSettings
from actors.steering import Step, Stop
from actors.supervisor import StartChild, Supervisor
from actors.wanted import Wanted
from sim.manifest import Manifest
from sim.packing import unpack
from sim.recording import EventRow, Recording, TickRow
from sim.scenarios.metronome import Metronome
from sim.simulation import Simulation
from tests.actors.stage import Encoder, Listener, Seat
from tests.actors.test_recorder import Shelf
from tests.actors.worlds import CountingSimulation
from tests.settle import settle


class Worker:
    """The actors of a run, started so that stopping in reverse loses nothing of it."""

    def __init__(self, open_record: Callable[[], Record], begun: Callable[[], Begun]) -> None:
        Runtime()
        self.root = Supervisor.start(name="worker")
        self.open_record = open_record
        self.begun = begun
        told: list[Any] = []
        self.seat = Seat(Listener.start(told), told)

    async def start(self) -> pykka.ActorRef[Any]:
        subscriptions, wanted = Subscriptions(), Wanted("r", 1000)
        recorder = await self.child("recorder", Recorder, "r", self.open_record)
        for ref, encoding in ((recorder, None), (self.seat.ref, "json")):
            subscriptions.put(ref, recorded_topics("r"), encoding)
        broadcaster = await self.child(
            "broadcaster", Broadcaster, Encoder(), History("own"), subscriptions
        )
        beliefs = await self.child("beliefs", BeliefState, "r", "e", broadcaster, wanted)
        home = await self.child("agents", Supervisor)
        agents = await self.child("population", Agents, "r", "e", beliefs, home, wanted)
        settings = RunSettings("r", "e", 0.0, checkpoint_ticks=20)
        arguments = (settings, self.begun, agents, recorder)
        run: pykka.ActorRef[Any] = await self.child("run", Run, *arguments)
        return run

    async def child(self, name: str, actor: type[pykka.Actor], *arguments: Any) -> Any:
        child = Child(name, (actor, arguments, {}))
        return await self.root.ask(StartChild(child), block=False)

    async def stop(self) -> None:
        await self.root.stop(block=False)
        await settle()


def counting() -> Begun:
    return Begun(CountingSimulation(), paused=True)


async def test_a_run_that_is_stopped_in_order_is_told_and_recorded_whole() -> None:
    shelf = Shelf()
    worker = Worker(lambda: shelf, counting)
    run = await worker.start()

    await run.ask(Step(50), block=False)
    await run.ask(Stop(), block=False)
    await worker.stop()

    assert [row.tick for row in shelf.rows if isinstance(row, TickRow)] == list(range(1, 51))
    events = [row for row in shelf.rows if isinstance(row, EventRow)]
    assert [e.offset for e in events if e.topic == "run.r.log.beat"] == list(range(50))
    assert [e.offset for e in events if e.topic == "run.r.state"] == [0, 1, 2]
    assert max(of for _, _, of in shelf.batches if of is not None) == 50
    told = [e.offset for e in worker.seat.events if e.topic == "run.r.tick"]
    assert told == list(range(1, 51))


async def test_what_a_tick_brings_to_a_subscriber_is_one_delivery() -> None:
    worker = Worker(Shelf, counting)
    run = await worker.start()
    await settle()
    before = len(worker.seat.deliveries)

    await run.ask(Step(1), block=False)
    await settle()

    [delivery] = worker.seat.deliveries[before:]
    assert [event.topic for event in delivery.events] == [
        "run.r.tick",
        "run.r.agents",
        "run.r.log.beat",
    ]
    await worker.stop()


async def test_a_run_taken_up_from_its_record_is_the_one_that_never_ended(tmp_path: Path) -> None:
    Recording.create(tmp_path, Manifest("r", "metronome", {}, 1, "e", "2026-01-01")).close()

    def open_record() -> Recording:
        return Recording.open(tmp_path, "append")

    def resume() -> Begun:
        with Recording.open(tmp_path) as record:
            return replace(begin("r", Simulation(Metronome(), seed=1), record), paused=True)

    for steps in (25, 20):
        worker = Worker(open_record, resume)
        run = await worker.start()
        await run.ask(Step(steps), block=False)
        await worker.stop()

    whole = Simulation(Metronome(), seed=1)
    with Recording.open(tmp_path) as record:
        assert [row.hash for row in record.ticks()] == [whole.tick().hash for _ in range(40)]
        assert [e.offset for e in record.events("run.r.log.beat")] == list(range(40))
        states = [unpack(e.data)["state"] for e in record.events("run.r.state")]
        assert states == ["starting", "paused", "restarted", "paused"]
