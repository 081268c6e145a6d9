"""What viewers want, told to those who could make it."""

from actors.event import Subscription
from actors.publishing import Leave, Subscribe, WatchDemand
from actors.topics import Pattern
from tests.actors.stage import Seat, Stage
from tests.settle import settle


async def watched() -> tuple[Stage, Seat]:
    stage = Stage()
    watcher = stage.seat()
    stage.broadcaster.tell(WatchDemand(watcher.ref))
    await settle()
    return stage, watcher


async def test_a_watcher_is_told_at_once_what_is_wanted() -> None:
    stage = Stage()
    await stage.subscribe(stage.seat(), "run.a.tick", "run.a.>")
    watcher = stage.seat()

    stage.broadcaster.tell(WatchDemand(watcher.ref))
    await settle()

    assert watcher.demands[-1] == {"run.a.tick", "run.a.>"}


async def test_a_watcher_is_told_of_the_first_and_the_last_viewer_only() -> None:
    stage, watcher = await watched()
    one, two = stage.seat(), stage.seat()

    for seat in (one, two):
        await stage.subscribe(seat, "run.a.belief.3")
        await settle()
    for seat in (one, two):
        stage.broadcaster.tell(Leave(seat.ref))
        await settle()

    assert watcher.demands == [frozenset(), {"run.a.belief.3"}, frozenset()]


async def test_many_changes_at_once_are_one_demand() -> None:
    stage, watcher = await watched()
    for number in range(100):
        wish = Subscription(Pattern.parse(f"run.a.belief.{number}"))
        stage.broadcaster.tell(Subscribe(stage.seat().ref, (wish,), "json"))
    await settle()

    assert len(watcher.demands) == 2
    assert len(watcher.demands[-1]) == 100


async def test_an_actor_without_an_encoding_is_no_viewer() -> None:
    stage, watcher = await watched()

    await stage.subscribe(stage.seat(), "run.a.>", encoding=None)
    await settle()

    assert watcher.demands == [frozenset()]


async def test_a_watcher_that_ended_is_forgotten() -> None:
    stage, watcher = await watched()
    watcher.ref.stop(block=False)

    await stage.advance(60.0)

    assert stage.subscriptions.watchers == {}
