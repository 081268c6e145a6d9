"""Each command, answered when it has taken effect, and what everybody is told of it."""

import time

import pytest

from tests.protocol.speaker import Message, Scene, Speaker
from tests.web.wire import make_token
from web.requests import COMMANDS

pytestmark = pytest.mark.asyncio(loop_scope="package")
row = pytest.mark.row
both = pytest.mark.parametrize("packed", [False, True], ids=["json", "msgpack"])


async def started(speaker: Speaker) -> str:
    told = await speaker.command("run.start", scenario="metronome", params={"hz": 20}, seed=7)
    return str(told["run"])


async def described(speaker: Speaker, run: str) -> Message:
    found: Message = await speaker.query("run.get", run=run)
    return found


@row("command run.start", "command run.stop", "topic run.started", "topic run.ended")
@row("message broadcast", "topic run.<run>.state")
@both
async def test_a_run_begins_and_ends_and_everybody_is_told(stage: Scene, packed: bool) -> None:
    async with stage.speaker(packed=packed) as speaker, stage.speaker() as other:
        run = await started(speaker)
        told = await described(speaker, run)
        await speaker.subscribe(f"run.{run}.state")
        status = await speaker.command("run.stop", run=run)
        state = await speaker.event(lambda event: event["data"]["state"] == "finished")

        begun, ended = await other.broadcast("run.started"), await other.broadcast("run.ended")

    assert (told["seed"], told["params"]["hz"]) == (7, 20)
    assert status["state"] == "finished"
    assert state["data"]["tick"] == status["tick"]
    assert (begun["data"]["run"], begun["data"]["scenario"]) == (run, "metronome")
    assert ended["data"] == {"run": run, "state": "finished", "tick": status["tick"]}


@row("command run.pause", "command run.step", "command run.resume")
@row("command run.speed", "command run.checkpoint")
async def test_a_run_is_steered(stage: Scene) -> None:
    async with stage.speaker() as speaker:
        run = await started(speaker)
        topic = f"run.{run}.state"
        await speaker.subscribe(topic)

        paused = await speaker.command("run.pause", run=run)
        assert (await described(speaker, run))["state"] == "paused"
        stepped = await speaker.command("run.step", run=run, ticks=3)
        kept = await speaker.command("run.checkpoint", run=run)
        faster = await speaker.command("run.speed", run=run, hz=100)
        resumed = await speaker.command("run.resume", run=run)
        halted = await speaker.event(lambda event: event["data"]["state"] == "paused")
        running = await speaker.event(lambda event: event["data"]["state"] == "running")
        await speaker.command("run.stop", run=run)

    assert (stepped["state"], stepped["tick"]) == ("paused", paused["tick"] + 3)
    assert kept["tick"] == stepped["tick"]
    assert (faster["hz"], resumed["state"], resumed["hz"]) == (100, "running", 100)
    assert halted["tick"] == paused["tick"]
    assert running["offset"] > halted["offset"]


@row("command run.until")
async def test_a_run_goes_on_until_a_condition_holds(stage: Scene) -> None:
    async with stage.speaker() as speaker:
        run = stage.metronome
        await speaker.subscribe(f"run.{run}.state", f"run.{run}.log.breakpoint")
        tick = (await speaker.command("run.pause", run=run))["tick"] + 5
        condition = f"tick >= {tick}"

        armed = await speaker.command("run.until", run=run, condition=condition)
        met = await speaker.event(lambda event: event["topic"].endswith(".breakpoint"))
        paused = await speaker.event(lambda event: event["data"].get("state") == "paused")
        wrong = await speaker.command_refused("run.until", run=run, condition="any(beats > 3")
        unknown = await speaker.command_refused("run.until", run=run, condition="mean(beets) > 3")
        await speaker.command("run.resume", run=run)

    assert (armed["state"], armed["until"]) == ("running", condition)
    assert met["data"] == {"condition": condition, "agents": [], "count": 0}
    assert (met["tick"], paused["tick"]) == (tick, tick)
    assert (wrong["code"], wrong["details"]["path"]) == ("VALIDATION_ERROR", "$.params.condition")
    assert wrong["details"]["at"] == 10
    assert wrong["message"].rstrip(".").endswith("^")
    assert "beets is no column; did you mean beats?" in unknown["message"]


@row("command run.fork", "command run.replay", "command run.seek", "query run.diff")
async def test_a_run_is_forked_replayed_and_compared(stage: Scene) -> None:
    async with stage.speaker() as speaker:
        run = stage.tmaze
        tick = (await speaker.command("run.pause", run=run))["tick"]
        await speaker.command("run.step", run=run, ticks=3)

        replay = (await speaker.command("run.replay", run=run, tick=tick, hz=0))["run"]
        sought = await speaker.command("run.seek", run=replay, tick=tick + 2)
        replayed = await described(speaker, replay)
        await speaker.command("run.stop", run=replay)
        await speaker.broadcast("run.ended")
        params = {"cue_validity": 0.6}
        fork = (await speaker.command("run.fork", run=run, tick=tick, params=params))["run"]
        forked = await described(speaker, fork)
        await speaker.command("run.speed", run=fork, hz=0)
        await speaker.command("run.until", run=fork, condition=f"tick >= {tick + 3}")
        await speaker.subscribe(f"run.{fork}.state")
        while (await described(speaker, fork))["state"] != "paused":
            await speaker.event(lambda event: event["data"]["state"] == "paused")
        compared = await speaker.query("run.diff", run=run, other=fork)
        refused = await speaker.command_refused("run.seek", run=run, tick=1)
        await speaker.command("run.stop", run=fork)
        await speaker.broadcast("run.ended")
        await speaker.command("run.resume", run=run)

    assert forked["parent"] == {"run": run, "tick": tick}
    assert forked["params"]["cue_validity"] == 0.6
    assert replayed["replay"] == {"run": run, "first": 1, "last": tick + 3}
    assert sought["tick"] == tick + 2 <= replayed["tick"]
    assert (compared["runs"], compared["first"]) == ([run, fork], tick + 1)
    assert refused["code"] == "CONFLICT"


async def test_edges_of_a_network_are_cut_and_added(stage: Scene) -> None:
    async with stage.speaker() as speaker:
        params = {"agents": 4, "edges": "0-1,1-2,2-3", "stubbornness": 0.0}
        run = (await speaker.command("run.start", scenario="opinion", params=params))["run"]
        await speaker.command("run.pause", run=run)
        await speaker.command("agent.perturb", run=run, agent=1, cut=2)
        await speaker.command("agent.perturb", run=run, agent=3, add=0)
        again = await speaker.command_refused("agent.perturb", run=run, agent=1, cut=2)
        other = await speaker.command_refused("agent.perturb", run=run, agent=1, move=2)
        before = (await speaker.query("run.agents", run=run))["agents"]
        await speaker.command("run.step", run=run, ticks=1)
        after = (await speaker.query("run.agents", run=run))["agents"]
        await speaker.command("run.stop", run=run)
        await speaker.broadcast("run.ended")

    was = [row["opinion"] for row in before]
    assert after[2]["opinion"] == pytest.approx(was[3])
    assert after[0]["opinion"] == pytest.approx((was[1] + was[3]) / 2)
    assert (again["code"], again["details"]["path"]) == ("VALIDATION_ERROR", "$.params.cut")
    assert other["code"] == "VALIDATION_ERROR"


@row("command sweep.start", "command sweep.stop", "command sweep.resume", "query sweeps.list")
@row("topic sweep.<sweep>.progress")
async def test_a_sweep_is_begun_stopped_and_gone_on_with(stage: Scene) -> None:
    async with stage.speaker() as speaker:
        grid = {"cue_validity": [0.7, 0.9]}
        wanted = {"scenario": "tmaze", "grid": grid, "params": {"agents": 2}, "ticks": 5}
        await speaker.subscribe("sweep.>")
        name = (await speaker.command("sweep.start", **wanted, seeds=20))["sweep"]
        begun = await speaker.event(lambda event: event["data"]["done"] > 0)
        stopped = await speaker.command("sweep.stop", sweep=name)
        refused = await speaker.command_refused("sweep.stop", sweep=name)
        resumed = await speaker.command("sweep.resume", sweep=name)
        ended = await speaker.event(lambda event: event["data"]["state"] == "finished")
        sweeps = (await speaker.query("sweeps.list"))["sweeps"]
        unknown = await speaker.command_refused("sweep.start", scenario="tmase")

    assert begun["topic"] == f"sweep.{name}.progress"
    assert (stopped["state"], resumed["state"]) == ("stopped", "running")
    assert (refused["code"], unknown["code"]) == ("CONFLICT", "NOT_FOUND")
    assert (ended["data"]["runs"], ended["data"]["done"], ended["data"]["failed"]) == (40, 40, 0)
    assert ended["data"] in sweeps


@row("command agent.perturb", "command agent.stop", "command agent.restart")
async def test_agents_are_perturbed_and_it_is_told_by_whom(stage: Scene) -> None:
    async with stage.speaker() as speaker:
        run = stage.tmaze
        topic = f"run.{run}.log.perturbation"
        await speaker.subscribe(topic, f"run.{run}.belief.2")
        await speaker.command("run.pause", run=run)

        change = {"belief": {"context": [0.2, 0.8]}}
        status = await speaker.command("agent.perturb", run=run, agent=2, **change)
        told = await speaker.event(lambda event: event["topic"] == topic)
        await speaker.command("run.step", run=run, ticks=1)
        belief = await speaker.event(
            lambda event: (
                event["topic"].endswith(".belief.2") and event["tick"] == status["tick"] + 1
            )
        )
        await speaker.command("agent.stop", run=run, agent="2")
        await speaker.command("agent.restart", run=run, agent="2")
        everybody = await speaker.command("agent.perturb", run=run, agent="*", precision=4)
        refusals = [
            await speaker.command_refused("agent.perturb", run=run, **params)
            for params in (
                {"agent": "2", "belief": {"context": [0.2, 0.2]}},
                {"agent": "2", "precision": 3},
                {"agent": "2"},
                {"agent": "99", "reset": True},
                {"agent": "two", "reset": True},
            )
        ]
        await speaker.command("run.resume", run=run)

    assert told["data"] == {"agent": 2, "change": change, "by": "anonymous"}
    assert (told["tick"], status["state"]) == (status["tick"], "paused")
    assert belief["data"]["prior"]["context"] == pytest.approx([0.2, 0.8])
    assert everybody["tick"] == status["tick"] + 1
    assert [(r["code"], r["details"].get("path")) for r in refusals] == [
        ("VALIDATION_ERROR", "$.params.belief.context"),
        ("VALIDATION_ERROR", "$.params.precision"),
        ("VALIDATION_ERROR", "$.params"),
        ("NOT_FOUND", None),
        ("NOT_FOUND", None),
    ]


@row("command auth.refresh")
@pytest.mark.parametrize("scopes", [["observe"], ["admin"], []])
async def test_any_scope_may_bring_a_new_token(stage: Scene, scopes: list[str]) -> None:
    sub = f"scopes {scopes}"
    async with stage.speaker(token=make_token(sub=sub, scopes=scopes)) as speaker:
        end = int(time.time()) + 5000
        token = make_token(sub=sub, scopes=["observe", "control"], topics=["run.>"], exp=end)

        told = await speaker.command("auth.refresh", token=token)

    assert (told["user"], told["scopes"]) == (sub, ["control", "observe"])
    assert (told["topics"], told["unsubscribed"]) == (["run.>"], [])


@row("command auth.refresh")
@both
async def test_a_refused_token_is_told_with_the_id(stage: Scene, packed: bool) -> None:
    async with stage.speaker(packed=packed, token=make_token(sub="first")) as speaker:
        params = {"token": make_token(sub="second")}
        refused = await speaker.ask("command", id="r", command="auth.refresh", params=params)

    assert (refused["code"], refused["id"]) == ("PERMISSION_DENIED", "r")


@row("command publish")
@both
async def test_publishing_for_a_run_that_is_not_there_is_told_with_the_id(
    stage: Scene, packed: bool
) -> None:
    token = make_token(sub="worker:nix", scopes=["publish"], topics=["run.nix.>"])
    async with stage.speaker(packed=packed, token=token) as speaker:
        params: Message = {"run": "nix", "events": []}
        refused = await speaker.ask("command", id="p", command="publish", params=params)

    assert (refused["code"], refused["id"]) == ("NOT_FOUND", "p")


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"auth.refresh"}))
async def test_a_command_needs_its_scope(stage: Scene, name: str) -> None:
    token = make_token(sub=f"watcher of {name}", scopes=["observe", "admin"])
    async with stage.speaker(token=token) as speaker:
        refused = await speaker.request("command", command=name, params={"run": "a"})

    assert (refused["code"], refused["details"]["scope"]) == (
        "PERMISSION_DENIED",
        COMMANDS[name].scope,
    )
