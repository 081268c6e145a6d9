"""Events: their fields, their numbers, what is missed and how it comes back."""

from itertools import pairwise
from typing import Any

import pytest

from tests.protocol.speaker import Message, Scene, Speaker
from tests.web.wire import make_token

pytestmark = pytest.mark.asyncio(loop_scope="package")
row = pytest.mark.row
both = pytest.mark.parametrize("packed", [False, True], ids=["json", "msgpack"])


def place(speaker_told: list[Message], topic: str) -> Message:
    found: list[Message] = [p for s in speaker_told for p in s["topics"] if p["topic"] == topic]
    assert len(found) == 1
    return found[0]


@row("message event", "topic run.<run>.tick", "topic run.<run>.agents")
@row("topic run.<run>.agent.<agent>", "topic run.<run>.belief.<agent>")
@row("offsets and epochs", "floats are lists or packed")
@both
async def test_what_comes_with_every_tick_is_numbered_by_it(stage: Scene, packed: bool) -> None:
    names = ("tick", "agents", "agent.1", "belief.1")
    topics = [f"run.{stage.tmaze}.{name}" for name in names]
    async with stage.speaker(packed=packed) as speaker:
        await speaker.subscribe(*topics)
        found = {topic: [await speaker.on(topic)] for topic in topics}
        for topic in topics:
            found[topic].append(await speaker.on(topic))
        run = await speaker.query("run.get", run=stage.tmaze)

    for events in found.values():
        for event in events:
            assert event.keys() == {"topic", "epoch", "offset", "tick", "time", "data"}
            assert event["offset"] == event["tick"]
            assert event["epoch"] == run["epoch"]
        assert events[0]["offset"] < events[1]["offset"]
    assert found[topics[0]][0]["data"].keys() >= {"entropy", "surprise", "free_energy", "hash"}
    entropy = found[topics[1]][0]["data"]["entropy"]
    assert entropy["shape"] == [4] if packed else len(entropy) == 4
    assert found[topics[3]][0]["data"].keys() >= {"belief", "prior", "likelihood", "policies"}


@row("topic run.<run>.log.<kind>")
async def test_what_happens_in_a_run_is_counted_by_kind(stage: Scene) -> None:
    topic = f"run.{stage.metronome}.log.beat"
    async with stage.speaker() as speaker:
        await speaker.subscribe(topic)
        events = [await speaker.event() for _ in range(5)]

    assert {event["topic"] for event in events} == {topic}
    assert all(later["offset"] == one["offset"] + 1 for one, later in pairwise(events))
    assert events[0]["data"]["n"] == events[0]["offset"] + 1


@row("topic system.metrics", "topic system.actors")
async def test_what_the_system_tells_is_counted_in_the_servers_epoch(stage: Scene) -> None:
    async with stage.speaker() as speaker:
        await speaker.subscribe("system.>")
        # Somebody comes and goes, which births and ends an actor.
        async with stage.speaker():
            pass
        metrics = [await speaker.on("system.metrics") for _ in range(2)]
        actors = await _history(speaker, "system.actors")

    assert metrics[1]["offset"] == metrics[0]["offset"] + 1
    assert metrics[0]["data"].keys() >= {"cpu", "memory", "connections", "messages", "drops"}
    assert {event["epoch"] for event in (*metrics, *actors)} == {metrics[0]["epoch"]}
    assert {event["data"]["what"] for event in actors} >= {"started", "stopped"}


async def _history(speaker: Speaker, topic: str) -> list[Message]:
    while True:
        events: list[Message] = (await speaker.query("history", topic=topic))["events"]
        if any(event["data"]["what"] == "stopped" for event in events):
            return events
        await speaker.on("system.metrics")


@row("wildcards")
@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("run.{run}.*", {"tick", "state", "agents"}),
        ("run.{run}.log.*", {"log.beat"}),
        ("*.{run}.tick", {"tick"}),
        ("run.{run}.>", {"tick", "state", "agents", "log.beat"}),
        ("run.*.nothing", set()),
    ],
)
async def test_a_star_is_one_token_and_a_last_angle_one_or_more(
    stage: Scene, pattern: str, names: set[str]
) -> None:
    run = stage.metronome
    async with stage.speaker() as other, stage.speaker() as speaker:
        # Once its columns are watched, the run has a topic for them.
        await other.subscribe(f"run.{run}.agents")
        await other.event()

        (told,) = await speaker.subscribe(pattern.format(run=run))

    topics = {p["topic"].removeprefix(f"run.{run}.") for p in told["topics"]}
    # It may have paused at a condition before.
    topics.discard("log.breakpoint")
    assert topics == names or (pattern.endswith(">") and names < topics)


@row("a token's topics")
@pytest.mark.parametrize(
    ("allowed", "wanted", "passes"),
    [
        ("run.*.tick", "run.a.tick", True),
        ("run.*.tick", "run.*.tick", True),
        ("run.*.tick", "run.a.state", False),
        ("run.*.tick", "run.*.*", False),
        ("run.a.>", "run.a.belief.*", True),
        ("run.a.>", "run.>", False),
        ("run.a.>", "run.a", False),
        (">", "system.metrics", True),
    ],
)
async def test_a_tokens_topics_are_patterns_of_the_same_grammar(
    stage: Scene, allowed: str, wanted: str, passes: bool
) -> None:
    token = make_token(sub=f"{allowed} {wanted}", topics=[allowed])
    async with stage.speaker(token=token) as speaker:
        answer = await speaker.request("subscribe", events=[wanted])

    assert answer["type"] == ("response" if passes else "error")
    if not passes:
        assert (answer["code"], answer["details"]["topic"]) == ("PERMISSION_DENIED", wanted)


async def stand(speaker: Speaker, topic: str, at_least: int) -> Message:
    """The event with that tick."""
    await speaker.subscribe(topic)
    return await speaker.event(lambda e: e["topic"] == topic and e["tick"] >= at_least)


@both
@pytest.mark.parametrize(
    "back",
    [
        pytest.param(20, marks=row("recovery within the ring")),
        pytest.param(140, marks=row("recovery from the record")),
    ],
)
async def test_what_was_missed_comes_whole_and_once(stage: Scene, packed: bool, back: int) -> None:
    topic = f"run.{stage.metronome}.tick"
    async with stage.speaker(packed=packed) as speaker:
        last = await stand(speaker, topic, back + 2)
    seen = {"epoch": last["epoch"], "offset": last["offset"] - back}

    async with stage.speaker(packed=packed) as speaker:
        told = await speaker.subscribe("run.*.tick", since={topic: seen})
        events = [await speaker.on(topic) for _ in range(back + 30)]

    assert place(told, topic)["recovered"] is True
    first = seen["offset"] + 1
    assert [event["offset"] for event in events] == list(range(first, first + back + 30))
    assert [event["data"]["beats"] for event in events] == [event["tick"] for event in events]


@row("recovery that fails")
@pytest.mark.parametrize("epoch", ["another", None])
async def test_what_cannot_come_back_is_told(stage: Scene, epoch: str | None) -> None:
    """Another epoch, or a topic that is not recorded and whose ring begins later."""
    name = "tick" if epoch is not None else "agent.2"
    topic = f"run.{stage.metronome}.{name}"
    async with stage.speaker() as speaker:
        last = await stand(speaker, topic, 2)

        seen = {"epoch": epoch or last["epoch"], "offset": 0}
        told = await speaker.subscribe(topic, since={topic: seen})
        speaker.events.clear()
        following = await speaker.on(topic)

    assert place(told, topic)["recovered"] is False
    assert following["offset"] > last["offset"]


@row("latest, max_hz and skipped")
@both
async def test_latest_keeps_the_newest_and_says_how_many_it_left_out(
    stage: Scene, packed: bool
) -> None:
    topic = f"run.{stage.metronome}.tick"
    async with stage.speaker(packed=packed) as speaker:
        (told,) = await speaker.subscribe(topic, mode="latest", max_hz=5)
        events = [await speaker.event() for _ in range(4)]

    assert (told["mode"], told["max_hz"]) == ("latest", 5)
    for one, later in pairwise(events):
        assert later["offset"] == one["offset"] + 1 + later.get("skipped", 0)
    assert any(event.get("skipped", 0) > 0 for event in events)


@row("latest, max_hz and skipped")
async def test_all_with_a_rate_comes_in_batches_and_whole(stage: Scene) -> None:
    topic = f"run.{stage.metronome}.tick"
    async with stage.speaker() as speaker:
        await speaker.subscribe(topic, mode="all", max_hz=5)
        batches: list[list[Any]] = []
        while len(batches) < 4:
            batches.append([event["offset"] for event in (await speaker.receive())["events"]])

    offsets = [offset for batch in batches for offset in batch]
    assert offsets == list(range(offsets[0], offsets[0] + len(offsets)))
    assert max(map(len, batches)) > 1
