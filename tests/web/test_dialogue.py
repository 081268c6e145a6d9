"""What a client may say, without any socket."""

import json
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from actors.event import Event, Position, Subscription
from actors.topics import Pattern
from web.auth import Identity
from web.dialogue import (
    AskCommand,
    Asked,
    AskPublish,
    AskQuery,
    AskSubscribe,
    AskUnsubscribe,
    Dialogue,
)
from web.errors import Refusal
from web.limits import RateLimits
from web.requests import COMMANDS, QUERIES, ListAgents, OfRun, SetSpeed

ALL = ("observe", "control", "publish", "admin")


def make_dialogue(*scopes: str, topics: tuple[str, ...] = (">",), patterns: int = 3) -> Dialogue:
    allowed = tuple(Pattern.parse(text) for text in topics)
    return Dialogue(Identity("ada", frozenset(scopes), allowed), None, patterns)


def said(dialogue: Dialogue, packed: bool = False, **message: Any) -> Asked:
    data = msgspec.msgpack.encode(message) if packed else json.dumps(message)
    return dialogue.hear(data, 0.0)


def refused(dialogue: Dialogue, **message: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        said(dialogue, **message)
    return refusal.value


def query(name: str, **params: Any) -> dict[str, Any]:
    return {"type": "query", "query": name, "params": params}


def command(name: str, **params: Any) -> dict[str, Any]:
    return {"type": "command", "command": name, "params": params}


def test_a_query_comes_out_with_its_params() -> None:
    asked = said(make_dialogue("observe"), **query("run.agents", run="a", limit=5), id="7")

    assert asked == AskQuery("7", "run.agents", ListAgents("a", 0, 5))


@pytest.mark.parametrize("packed", [False, True])
def test_a_command_comes_out_with_its_params_in_either_encoding(packed: bool) -> None:
    asked = said(make_dialogue("control"), packed, **command("run.speed", run="a", hz=10))

    assert asked == AskCommand(None, "run.speed", SetSpeed("a", 10.0))


@pytest.mark.parametrize("name", [name for name, row in QUERIES.items() if not row.topic])
def test_a_query_without_params_may_leave_them_out(name: str) -> None:
    for packed in (False, True):
        asked = said(make_dialogue(*ALL), packed, type="query", query=name)
        assert isinstance(asked, AskQuery)


def test_names_that_do_not_exist_are_answered_with_those_that_do() -> None:
    dialogue = make_dialogue(*ALL)

    assert refused(dialogue, **query("run.got")).details["known"] == sorted(QUERIES)
    assert refused(dialogue, **command("run.go")).details["known"] == sorted(COMMANDS)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_needs_its_scope(name: str) -> None:
    others = [scope for scope in ALL if scope != QUERIES[name].scope]

    assert refused(make_dialogue(*others), **query(name)).code == "PERMISSION_DENIED"


@pytest.mark.parametrize("name", [name for name in COMMANDS if COMMANDS[name].scope])
def test_a_command_needs_its_scope(name: str) -> None:
    others = [scope for scope in ALL if scope != COMMANDS[name].scope]

    assert refused(make_dialogue(*others), **command(name)).code == "PERMISSION_DENIED"


@pytest.mark.parametrize(
    "message",
    [
        {"type": "subscribe", "events": ["run.*.tick"]},
        {"type": "subscribe", "events": ["run.b.tick"]},
        query("run.get", run="b"),
        query("belief.get", run="b", agent="1"),
        query("history", topic="run.b.tick"),
        query("system.metrics"),
        command("run.pause", run="b"),
    ],
)
def test_a_token_for_one_run_opens_no_other(message: dict[str, Any]) -> None:
    dialogue = make_dialogue("observe", "control", topics=("run.a.>",))

    assert refused(dialogue, **message).code == "PERMISSION_DENIED"


@pytest.mark.parametrize(
    ("message", "path"),
    [
        (query("run.get"), "$.params.run"),
        (query("run.get", run="a/b"), "$.params.run"),
        (query("run.get", run="a", extra=1), "$.params.extra"),
        (query("run.agents", run="a", limit=501), "$.params.limit"),
        (query("agent.get", run="a", agent=-1), "$.params.agent"),
        (query("history", topic="a", **{"from": -1}), "$.params.from"),
        (command("run.start"), "$.params.scenario"),
        (command("run.step", run="a", ticks=0), "$.params.ticks"),
        (command("run.speed", run="a", hz=-1), "$.params.hz"),
        (command("publish", run="a", events=[{"data": 1}]), "$.params.events[0].topic"),
    ],
)
def test_wrong_params_are_refused_with_the_place(message: dict[str, Any], path: str) -> None:
    refusal = refused(make_dialogue(*ALL), **message)

    assert (refusal.code, refusal.details["path"]) == ("VALIDATION_ERROR", path)


def test_numbers_that_are_not_finite_are_no_params() -> None:
    for message in (
        command("run.speed", run="a", hz=float("nan")),
        {"type": "subscribe", "events": ["a"], "max_hz": float("inf")},
    ):
        with pytest.raises(Refusal, match=r"\$\.(params\.hz|max_hz)"):
            said(make_dialogue(*ALL), True, **message)


def test_subscriptions_come_out_parsed_and_once() -> None:
    asked = said(
        make_dialogue("observe"),
        type="subscribe",
        events=["run.a.>", "run.a.>"],
        mode="latest",
        max_hz=5,
        since={"run.a.tick": {"epoch": "e", "offset": 7}},
    )

    wish = Subscription(Pattern.parse("run.a.>"), "latest", 5.0)
    assert asked == AskSubscribe(None, (wish,), {"run.a.tick": Position("e", 7)})


def test_patterns_are_counted_over_all_messages_and_the_same_ones_once() -> None:
    dialogue = make_dialogue("observe", patterns=2)
    for events in (["a", "b"], ["b"], ["a"]):
        asked = said(dialogue, type="subscribe", events=events)
        assert isinstance(asked, AskSubscribe)
        dialogue.put(asked.subscriptions)

    refusal = refused(dialogue, type="subscribe", events=["c"])

    assert (refusal.code, refusal.details["limit"]) == ("SUBSCRIPTION_LIMIT_EXCEEDED", 2)
    dialogue.remove((Pattern.parse("a"),))
    assert isinstance(said(dialogue, type="subscribe", events=["c"]), AskSubscribe)


@pytest.mark.parametrize("text", ["", "a..b", ">.a", "a b", "a.*b", "x" * 300, "ä"])
def test_malformed_patterns_are_refused(text: str) -> None:
    dialogue = make_dialogue("observe")

    for kind in ("subscribe", "unsubscribe"):
        assert refused(dialogue, type=kind, events=[text]).code == "INVALID_TOPIC"


def test_without_patterns_all_are_given_up() -> None:
    assert said(make_dialogue(), type="unsubscribe") == AskUnsubscribe(None, None)


def test_a_topic_is_conflated_only_where_nobody_asked_for_all_of_it() -> None:
    dialogue = make_dialogue("observe")
    dialogue.put((Subscription(Pattern.parse("run.a.*"), "latest"),))
    dialogue.put((Subscription(Pattern.parse("run.a.tick"), "all"),))

    assert dialogue.conflates("run.a.agents")
    assert not dialogue.conflates("run.a.tick")
    assert not dialogue.conflates("run.b.tick")


def test_what_a_worker_publishes_stays_packed_and_lets_go_of_its_message() -> None:
    worker = make_dialogue("publish", topics=("run.a.>",))
    told = {"topic": "run.a.tick", "data": {"x": [1]}, "tick": 1, "epoch": "e", "offset": 1}

    asked = said(worker, True, **command("publish", run="a", events=[told]))

    assert isinstance(asked, AskPublish)
    (event,) = asked.events
    assert isinstance(event.data, Raw)
    assert bytes(event.data) == msgspec.msgpack.encode({"x": [1]})
    assert (event.tick, event.epoch, event.offset) == (1, "e", 1)


def test_a_worker_may_speak_json_too() -> None:
    worker = make_dialogue("publish", topics=("run.a.>",))

    asked = said(
        worker, **command("publish", run="a", events=[{"topic": "run.a.tick", "data": {"x": 1}}])
    )

    assert asked == AskPublish(None, "a", (Event("run.a.tick", {"x": 1}),))


@pytest.mark.parametrize(
    ("run", "topic"), [("b", "run.b.tick"), ("a", "run.b.tick"), ("a", "system.metrics")]
)
def test_a_worker_publishes_on_topics_of_its_run_only(run: str, topic: str) -> None:
    worker = make_dialogue("publish", topics=("run.a.>",))

    refusal = refused(worker, **command("publish", run=run, events=[{"topic": topic, "data": 1}]))

    assert refusal.code == "PERMISSION_DENIED"


def test_a_worker_publishes_on_no_pattern() -> None:
    worker = make_dialogue("publish")

    refusal = refused(
        worker, **command("publish", run="a", events=[{"topic": "run.a.*", "data": 1}])
    )

    assert refusal.code == "INVALID_TOPIC"


@dataclass(frozen=True)
class OneMessage:
    messages_per_connection: int = 1
    messages_per_user: int = 0
    messages_per_ip: int = 0
    window: float = 60.0


@pytest.mark.parametrize("data", ['{"type": "ping", "id": "7"}', '{"type": "x", "id": "7"}'])
def test_each_message_counts_and_a_refused_one_keeps_its_id(data: str) -> None:
    dialogue = make_dialogue()
    dialogue.allowance = RateLimits(OneMessage()).allowance("ada", "::1", 0.0)
    with pytest.raises(Refusal, match="cannot be read"):
        dialogue.hear("{", 0.0)

    with pytest.raises(Refusal) as refusal:
        dialogue.hear(data, 0.0)

    assert (refusal.value.code, refusal.value.id) == ("RATE_LIMIT_EXCEEDED", "7")


@settings(max_examples=300)
@given(
    st.sampled_from([*QUERIES, *COMMANDS]),
    st.dictionaries(
        st.sampled_from(["run", "agent", "limit", "topic", "hz", "events", "token", "params"]),
        st.none() | st.integers(-9, 2**63) | st.text(max_size=5) | st.lists(st.text(max_size=3)),
    ),
    st.booleans(),
)
def test_any_params_are_understood_or_refused(name: str, params: Any, packed: bool) -> None:
    kind = "query" if name in QUERIES else "command"
    message = {"type": kind, kind: name, "params": params, "id": "7"}
    data = msgspec.msgpack.encode(message) if packed else json.dumps(message)

    outcome: Asked | Refusal
    try:
        outcome = make_dialogue(*ALL).hear(data, 0.0)
    except Refusal as refusal:
        outcome = refusal

    assert outcome.id == "7"


def test_a_request_for_a_run_names_it() -> None:
    asked = said(make_dialogue("observe"), **query("run.get", run="a"))

    assert asked == AskQuery(None, "run.get", OfRun("a"))
