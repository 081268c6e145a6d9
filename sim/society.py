"""Agents of several classes, each with a mind and a character of its own, as one population."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.errors import BehaviourError, ImpossibleObservation, ModelError
from sim.individual_detail import Considered, ThoughtDetail
from sim.model import Integers
from sim.perturbation import Changeable
from sim.policies import Draws
from sim.population import Population
from sim.tick import Column

ONLY_APPROXIMATE = "gap"


class Minds(Protocol):
    """Some agents who think together: `sim.individuals.Individuals`, Alike, or a Society."""

    agents: int

    @property
    def stopped(self) -> NDArray[np.bool_]: ...

    def think(self, outcomes: Integers, draws: Draws) -> Considered: ...

    def forget(self, agents: NDArray[np.bool_]) -> None: ...

    def parts(
        self, agents: NDArray[np.bool_]
    ) -> Sequence[tuple[Changeable, NDArray[np.bool_]]]: ...

    def state(self) -> dict[str, Any]: ...

    def restore(self, state: Mapping[str, Any]) -> None: ...


class Alike:
    """A population, told its observations as outcomes rather than as rows of its likelihood."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.agents = population.agents
        self.forget, self.parts = population.forget, population.parts
        self.state, self.restore = population.state, population.restore

    @property
    def stopped(self) -> NDArray[np.bool_]:
        """Who was stopped, (agents,)."""
        return self.population.stopped

    def think(self, outcomes: Integers, draws: Draws) -> Considered:
        """Raises ImpossibleObservation where the rule is `error`."""
        rows = self.population.mind.likelihood.row(outcomes)
        thoughts = self.population.think(rows, draws)
        return Considered(thoughts.columns, thoughts.action, thoughts.impossible, thoughts.detail)


@dataclass(frozen=True, slots=True)
class Member:
    """A class of agents: their numbers in the society, in the order in which `minds` has them."""

    agents: Sequence[int]
    minds: Minds


@dataclass(frozen=True, slots=True)
class SocietyDetail:
    """The classes' details; agent i is number `place[i]` of class `member[i]`."""

    details: tuple[ThoughtDetail, ...]
    member: Integers
    place: Integers

    def belief(self, agent: int) -> dict[str, Any]:
        detail: ThoughtDetail = self.details[self.member[agent]]
        return detail.belief(int(self.place[agent]))

    def observation(self, agent: int) -> dict[str, str | None]:
        detail: ThoughtDetail = self.details[self.member[agent]]
        return detail.observation(int(self.place[agent]))


class Society:
    """Classes of agents that observe the same modalities, together in the order of their numbers.

    Each agent belongs to one class, else ModelError. What a class thinks does not depend on the
    others. Columns have the rows of all agents; `gap` is 0 for those who are exact.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = tuple(members)
        numbers = [np.asarray(member.agents, dtype=np.int64) for member in members]
        together = np.concatenate(numbers) if numbers else np.zeros(0, dtype=np.int64)
        self.agents = len(together)
        if not self.agents or not np.array_equal(np.sort(together), np.arange(self.agents)):
            raise ModelError("members", "must have each agent from 0 on once, and no other")
        for i, (member, own) in enumerate(zip(members, numbers, strict=True)):
            if len(own) != member.minds.agents:
                raise ModelError(
                    f"members[{i}]", f"names {len(own)} agents for {member.minds.agents} minds"
                )
        self._numbers = numbers
        self._member, self._place = np.zeros((2, self.agents), dtype=np.int64)
        for i, own in enumerate(numbers):
            self._member[own], self._place[own] = i, np.arange(len(own))

    def think(self, outcomes: Integers, draws: Draws) -> Considered:
        """All agents observe outcomes (agents, modalities), believe, plan, act, and expect.

        Raises ImpossibleObservation and BehaviourError with the agents' numbers in the society.
        """
        parts = []
        for member, own in zip(self.members, self._numbers, strict=True):
            chance = Draws(draws.action[own], draws.ties[own])
            try:
                parts.append(member.minds.think(outcomes[own], chance))
            except ImpossibleObservation as error:
                raise ImpossibleObservation(own[list(error.agents)].tolist()) from None
            except BehaviourError as error:
                number = int(own[error.agent])
                raise BehaviourError(number, error.kind, error.reason) from error.__cause__
        impossible = [
            int(own[i])
            for part, own in zip(parts, self._numbers, strict=True)
            for i in part.impossible
        ]
        return Considered(
            self._columns([part.columns for part in parts]),
            self._together([part.action for part in parts]),
            sorted(impossible),
            SocietyDetail(tuple(part.detail for part in parts), self._member, self._place),
        )

    def forget(self, agents: NDArray[np.bool_]) -> None:
        """Those agents (a mask) expect again what they expected at first."""
        for member, own in zip(self.members, self._numbers, strict=True):
            member.minds.forget(agents[own])

    @property
    def stopped(self) -> NDArray[np.bool_]:
        """Who was stopped, (agents,)."""
        stopped = np.zeros(self.agents, dtype=np.bool_)
        for member, own in zip(self.members, self._numbers, strict=True):
            stopped[own] = member.minds.stopped
        return stopped

    def parts(self, agents: NDArray[np.bool_]) -> list[tuple[Changeable, NDArray[np.bool_]]]:
        """The classes that those agents (a mask) belong to, each with a mask of its own."""
        return [
            part
            for member, own in zip(self.members, self._numbers, strict=True)
            if agents[own].any()
            for part in member.minds.parts(agents[own])
        ]

    def state(self) -> dict[str, Any]:
        return {"members": [member.minds.state() for member in self.members]}

    def restore(self, state: Mapping[str, Any]) -> None:
        for member, own in zip(self.members, state["members"], strict=True):
            member.minds.restore(own)

    def _columns(self, parts: Sequence[dict[str, Column]]) -> dict[str, Column]:
        names = list(dict.fromkeys(name for part in parts for name in part))
        columns = {}
        for name in names:
            own = [
                part[name] if name in part or name != ONLY_APPROXIMATE else np.zeros(len(of))
                for part, of in zip(parts, self._numbers, strict=True)
            ]
            columns[name] = self._together(own)
        return columns

    def _together(self, parts: Sequence[Column]) -> Column:
        """Rows of the classes, in the order of the agents."""
        whole = np.empty(self.agents, dtype=np.result_type(*parts))
        for part, own in zip(parts, self._numbers, strict=True):
            whole[own] = part
        return whole
