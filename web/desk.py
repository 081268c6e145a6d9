"""Answers what the server asks of a worker: queries and commands become questions to the actors."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, cast

import pykka

from actors.future import LoopFuture
from actors.questions import (
    InvalidTable,
    NoBelief,
    NoSuchAgent,
    NoTickYet,
    ReadAgent,
    ReadAgents,
    ReadBelief,
)
from actors.steering import (
    CommandRefused,
    Pause,
    Perturb,
    Resume,
    RunStatus,
    SaveCheckpoint,
    Seek,
    SetSpeed,
    Step,
    Stop,
    Until,
)
from sim.condition import Condition, ConditionError
from sim.perturbation import PerturbationError
from web.errors import (
    COMMAND_FAILED,
    CONFLICT,
    NOT_FOUND,
    UNKNOWN_COMMAND,
    UNKNOWN_QUERY,
    VALIDATION_ERROR,
    Refusal,
)

Params = Mapping[str, Any]
EVERYBODY = "*"
_LONGEST = 9  # digits of an agent's number
COMMANDS: Mapping[str, Callable[[Params], object]] = {
    "run.pause": lambda _: Pause(),
    "run.resume": lambda _: Resume(),
    "run.step": lambda params: Step(params["ticks"]),
    "run.speed": lambda params: SetSpeed(params["hz"]),
    "run.stop": lambda _: Stop(),
    "run.checkpoint": lambda _: SaveCheckpoint(),
    "run.seek": lambda params: Seek(params["tick"]),
    "run.until": lambda params: Until(Condition(params["condition"])),
}
_CHANGES = (
    "observation", "belief", "reset", "precision", "preferences", "move", "cut", "add",
)  # fmt: skip


class Desk:
    """Where the questions go."""

    def __init__(
        self,
        run: pykka.ActorRef[Any],
        belief_state: pykka.ActorRef[Any],
        agents: pykka.ActorRef[Any],
    ) -> None:
        self._run = run
        self._belief_state = belief_state
        self._agents = agents

    async def answer(self, kind: str, name: str, params: Params, by: str = "") -> object:
        """The result, in plain values and arrays; `by`: who asks. Raises Refusal."""
        try:
            if kind == "command":
                return await self._command(name, params, by)
            return await self._query(name, params)
        except CommandRefused as error:
            raise Refusal(CONFLICT, reason=error.reason) from None
        except (NoTickYet, NoBelief) as error:
            raise Refusal(CONFLICT, reason=str(error)) from None
        except NoSuchAgent as error:
            raise Refusal(NOT_FOUND, what="agent", name=error.agent, agents=error.agents) from None
        except ConditionError as error:
            path = "$.params.condition"
            raise Refusal(VALIDATION_ERROR, path=path, reason=str(error), at=error.at) from None
        except PerturbationError as error:
            if error.field == "agent":
                raise Refusal(NOT_FOUND, what="agent", name=params["agent"]) from None
            path = f"$.params.{error.field}" if error.field else "$.params"
            raise Refusal(VALIDATION_ERROR, path=path, reason=str(error)) from None
        except InvalidTable as error:
            raise Refusal(
                VALIDATION_ERROR, path=f"$.params.{error.parameter}", reason=str(error)
            ) from None
        except pykka.ActorDeadError as error:
            raise Refusal(COMMAND_FAILED, reason=str(error)) from None

    async def _command(self, name: str, params: Params, by: str) -> object:
        if name.startswith("agent."):
            command: object = perturbation(name, params, by)
        elif name in COMMANDS:
            command = COMMANDS[name](params)
        else:
            raise Refusal(UNKNOWN_COMMAND, command=name, known=sorted(COMMANDS))
        status: RunStatus = await _ask(self._run, command)
        return {key: value for key, value in asdict(status).items() if value is not None}

    async def _query(self, name: str, params: Params) -> object:
        match name:
            case "run.agents":
                table = {key: value for key, value in params.items() if key != "run"}
                return await _ask(self._belief_state, ReadAgents(**table))
            case "agent.get":
                found = await _ask(self._agents, ReadAgent(str(params["agent"])))
                return {"run": params["run"], **found}
            case "belief.get":
                return await _ask(self._belief_state, ReadBelief(str(params["agent"])))
            case _:
                known = ["agent.get", "belief.get", "run.agents"]
                raise Refusal(UNKNOWN_QUERY, query=name, known=known)


def _ask(ref: pykka.ActorRef[Any], question: object) -> LoopFuture[Any]:
    return cast(LoopFuture[Any], ref.ask(question, block=False))


def perturbation(name: str, params: Params, by: str) -> Perturb:
    """What a command on an agent asks for. Raises PerturbationError."""
    text = str(params["agent"])
    if text != EVERYBODY and not (text.isascii() and text.isdigit() and len(text) <= _LONGEST):
        raise PerturbationError("agent", f"is {text}; agents have numbers")
    agent = None if text == EVERYBODY else int(text)
    if name != "agent.perturb":
        return Perturb(agent, {name.removeprefix("agent."): True}, by)
    given = {kind: params[kind] for kind in _CHANGES}
    change = {k: v for k, v in given.items() if v is not None and v is not False}
    return Perturb(agent, change, by)
