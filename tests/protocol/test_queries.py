"""Each query, with what it results in. That a result has its described shape the speaker checks."""

import pytest

from sim.catalogue import SCENARIOS
from tests.protocol.described import validator
from tests.protocol.speaker import Message, Scene, Speaker
from tests.web.wire import make_token
from web.requests import QUERIES

pytestmark = pytest.mark.asyncio(loop_scope="package")
row = pytest.mark.row
both = pytest.mark.parametrize("packed", [False, True], ids=["json", "msgpack"])


@row("query server.info")
async def test_the_server_says_what_it_is(stage: Scene) -> None:
    async with stage.speaker() as speaker:
        told = await speaker.query("server.info")

    assert (told["name"], told["mode"]) == ("stagewatch", "demo")
    assert told["pid"] == stage.serving.process.pid
    assert told["viewers"] >= 1


@row("query runs.list")
async def test_runs_are_listed_with_seven_facts_each(stage: Scene) -> None:
    async with stage.speaker() as speaker:
        runs = {run["run"]: run for run in (await speaker.query("runs.list"))["runs"]}

    assert runs.keys() >= {stage.tmaze, stage.metronome}
    for run in (runs[stage.tmaze], runs[stage.metronome]):
        assert run.keys() == {
            "run", "scenario", "state", "tick", "seed", "agents", "started_at",
        }  # fmt: skip
    assert (runs[stage.tmaze]["scenario"], runs[stage.tmaze]["agents"]) == ("tmaze", 4)


@row("query run.get")
async def test_a_run_is_described(stage: Scene) -> None:
    async with stage.speaker() as speaker:
        told = await speaker.query("run.get", run=stage.tmaze)

    assert (told["run"], told["state"], told["params"]["agents"]) == (stage.tmaze, "running", 4)
    assert told["epoch"]


@row("query run.agents")
async def test_agents_come_in_pages_sorted_and_filtered(stage: Scene) -> None:
    async with stage.speaker() as speaker:
        told = await speaker.query(
            "run.agents", run=stage.tmaze, offset=1, limit=2, sort="-x", filter="x>-1"
        )

    assert (len(told["agents"]), told["total"]) == (2, 4)
    assert told["agents"][0]["x"] >= told["agents"][1]["x"]
    assert all(isinstance(agent["agent"], str) for agent in told["agents"])


def _is_valued(policy: Message) -> bool:
    total = policy["epistemic"] + policy["pragmatic"]
    return bool(policy["G"] == pytest.approx(-total, abs=1e-6))


@row("query agent.get")
@pytest.mark.parametrize("agent", ["2", 2])
async def test_an_agent_is_told_with_belief_policies_and_last_actions(
    stage: Scene, agent: str | int
) -> None:
    async with stage.speaker() as speaker:
        told = await speaker.query("agent.get", run=stage.tmaze, agent=agent)

    assert (told["run"], told["agent"]) == (stage.tmaze, "2")
    assert told["state"]
    assert told["belief"]["belief"].keys() == {"location", "context"}
    assert told["history"][-1].keys() >= {"tick", "action"}
    assert all(map(_is_valued, told["policies"]))


@row("query belief.get")
@both
async def test_a_belief_has_probabilities_by_factor(stage: Scene, packed: bool) -> None:
    async with stage.speaker(packed=packed) as speaker:
        told = await speaker.query("belief.get", run=stage.tmaze, agent="0")

    assert told.keys() >= {"tick", "belief", "entropy", "surprise", "policies"}
    assert told["belief"].keys() == {"location", "context"}
    if packed:
        context = told["belief"]["context"]
        assert (len(context["f32"]), context["shape"]) == (8, [2])
    else:
        assert sum(told["belief"]["context"]) == pytest.approx(1)


@row("query system.metrics")
async def test_the_figures_of_the_system_can_be_asked_for(stage: Scene) -> None:
    async with stage.speaker() as speaker:
        told = await speaker.query("system.metrics")

    assert told.keys() >= {
        "cpu", "memory", "connections", "messages", "queues", "drops", "loop",
    }  # fmt: skip


@row("query actors.tree")
async def test_the_tree_of_actors_goes_down_into_the_workers(stage: Scene) -> None:
    async with stage.speaker() as speaker:
        await speaker.subscribe("system.metrics")
        while not (deep := _paths(await speaker.query("actors.tree")) & _of_worker(stage)):
            # A worker tells of its actors once a second.
            await speaker.on("system.metrics")

    assert deep


def _paths(node: Message) -> set[str]:
    return {node["path"]}.union(*(_paths(child) for child in node["children"]))


def _of_worker(stage: Scene) -> set[str]:
    return {f"/server/runs/{run}/worker/run" for run in (stage.tmaze, stage.metronome)}


@row("query history")
@both
async def test_history_is_read_from_the_ring_and_the_record(stage: Scene, packed: bool) -> None:
    topic = f"run.{stage.metronome}.tick"
    async with stage.speaker(packed=packed) as speaker:
        await _ticks(speaker, topic, 150)

        newest = await speaker.query("history", topic=topic, limit=3)
        oldest = await speaker.query("history", topic=topic, **{"from": 2, "to": 5})

    # The ring keeps 100 events: the oldest ones are on disk only.
    numbers = [event["offset"] for event in newest["events"]]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert [event["offset"] for event in oldest["events"]] == [2, 3, 4, 5]
    assert [event["data"]["beats"] for event in oldest["events"]] == [2, 3, 4, 5]


async def _ticks(speaker: Speaker, topic: str, number: int) -> None:
    await speaker.subscribe(topic)
    await speaker.event(lambda event: event["topic"] == topic and event["tick"] >= number)


@row("query scenarios.list")
async def test_scenarios_come_with_a_schema_of_their_parameters(stage: Scene) -> None:
    async with stage.speaker() as speaker:
        told = {s["name"]: s for s in (await speaker.query("scenarios.list"))["scenarios"]}

    assert told.keys() == set(SCENARIOS)
    assert told["tmaze"]["parameters"]["properties"]["agents"]["type"] == "integer"
    assert told["tmaze"]["references"]


@row("query connections.list")
async def test_connections_are_for_admins(stage: Scene) -> None:
    admin, ada = make_token(sub="root", scopes=["admin"]), make_token(scopes=["observe"])
    async with stage.speaker(token=admin) as one, stage.speaker(token=ada) as other:
        told = await one.query("connections.list")
        refused = await other.request("query", query="connections.list")

    assert {"root", "ada"} <= {connection["user"] for connection in told["connections"]}
    assert refused["details"]["scope"] == "admin"


@pytest.mark.parametrize("name", sorted(QUERIES))
async def test_a_query_takes_no_params_that_it_does_not_know(stage: Scene, name: str) -> None:
    admin = make_token(scopes=["observe", "admin"])
    async with stage.speaker(token=admin) as speaker:
        refused = await speaker.request("query", query=name, params={"nonsense": 1})

    assert refused["code"] == "VALIDATION_ERROR"
    assert not validator(f"query.{name}").is_valid(
        {"type": "query", "query": name, "params": {"nonsense": 1}}
    )
