"""What a worker's actors answer, in the words of the error table."""

from typing import Any

import pykka
import pytest

from actors.future import LoopFuture
from actors.questions import InvalidTable, NoBelief, NoSuchAgent, NoTickYet, ReadAgent, ReadAgents
from actors.steering import CommandRefused, Pause, Perturb, RunStatus, SetSpeed, Step
from web.desk import Desk
from web.errors import Refusal


class Answering:
    """Takes the place of an actor's ref: keeps the question and gives one answer."""

    def __init__(self, answer: object) -> None:
        self.asked: list[object] = []
        self._answer = answer

    def ask(self, message: object, *, block: bool) -> LoopFuture[Any]:
        assert not block
        self.asked.append(message)
        if isinstance(self._answer, BaseException):
            return LoopFuture.failed(self._answer)
        return LoopFuture.of(self._answer)


def a_desk(answer: object) -> tuple[Desk, Answering]:
    actor = Answering(answer)
    ref: Any = actor
    return Desk(ref, ref, ref), actor


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("run.pause", {"run": "r"}, Pause()),
        ("run.step", {"run": "r", "ticks": 3}, Step(3)),
        ("run.speed", {"run": "r", "hz": 2.5}, SetSpeed(2.5)),
        ("agent.stop", {"run": "r", "agent": 7}, Perturb(7, {"stop": True}, "")),
        ("agent.restart", {"run": "r", "agent": "*"}, Perturb(None, {"restart": True}, "")),
    ],
)
async def test_a_command_reaches_the_run_and_its_status_comes_back(
    name: str, params: dict[str, Any], message: object
) -> None:
    desk, actor = a_desk(RunStatus("paused", 7, 2.5))

    assert await desk.answer("command", name, params) == {"state": "paused", "tick": 7, "hz": 2.5}
    assert actor.asked == [message]


async def test_queries_become_questions() -> None:
    desk, actor = a_desk({"tick": 1})

    page = {"run": "r", "offset": 5, "limit": 10, "sort": "-x", "filter": None}
    await desk.answer("query", "run.agents", page)
    found = await desk.answer("query", "agent.get", {"run": "r", "agent": 3})

    assert actor.asked == [ReadAgents(5, 10, "-x", None), ReadAgent("3")]
    assert found == {"run": "r", "tick": 1}


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (CommandRefused("it is not paused"), "CONFLICT", "it is not paused"),
        (NoTickYet(), "CONFLICT", "has not made a tick yet"),
        (NoBelief(), "CONFLICT", "hold no beliefs"),
        (NoSuchAgent("99", 10), "NOT_FOUND", "There is no agent 99"),
        (InvalidTable("sort", "z", "a column: x"), "VALIDATION_ERROR", "wrong at $.params.sort"),
        (pykka.ActorDeadError("the run is gone"), "COMMAND_FAILED", "the run is gone"),
    ],
)
async def test_what_cannot_be_answered_is_a_row_of_the_table(
    error: Exception, code: str, says: str
) -> None:
    desk, _ = a_desk(error)

    with pytest.raises(Refusal) as refused:
        await desk.answer("query", "belief.get", {"run": "r", "agent": "99"})

    assert refused.value.code == code
    assert says in refused.value.message


@pytest.mark.parametrize(
    ("kind", "code"), [("query", "UNKNOWN_QUERY"), ("command", "UNKNOWN_COMMAND")]
)
async def test_an_unknown_name_lists_the_known(kind: str, code: str) -> None:
    desk, _ = a_desk(None)

    with pytest.raises(Refusal) as refused:
        await desk.answer(kind, "run.fly", {"run": "r"})

    assert refused.value.code == code
    assert refused.value.details["known"]
