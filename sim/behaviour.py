"""Agents whose behaviour is written in Python, beside those whose actions follow from their model.

    class Trader(Agent):
        def act(self, observation, belief):
            return "buy" if belief["market"][1] > 0.7 else "wait"

They believe by the exact inference of their population; only the choice of the action is theirs.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import BehaviourError
from sim.groups import Groups
from sim.inference import Inference
from sim.mind import Mind
from sim.model import Array, Integers
from sim.policies import Draws, Judgement
from sim.population import Character, Population


class Agent(ABC):
    """The root of agents with behaviour of their own; one object for each.

    What it keeps in its attributes belongs to the run's state: plain values and arrays, or else
    `state` and `restore` say how it is kept.
    """

    @abstractmethod
    def act(self, observation: Mapping[str, str | None], belief: Mapping[str, Array]) -> str | int:
        """The name or number of an action. `observation` is the outcome by modality, None where the
        model has none such; `belief` the probabilities of each factor's states."""

    def state(self) -> dict[str, Any]:
        """All that decides what it will do."""
        return dict(vars(self))

    def restore(self, state: Mapping[str, Any]) -> None:
        vars(self).clear()
        vars(self).update(state)


class Acting(Population):
    """A population of such agents: the same columns and details, actions by `act`.

    The agents act in their order, with no random numbers but their own. Raises BehaviourError for
    an exception in `act`, or an action that the model has not.
    """

    def __init__(
        self,
        agents: Sequence[Agent],
        mind: Mind,
        character: Character,
        remake: Callable[[Sequence[Array] | None], Mind] | None = None,
    ) -> None:
        super().__init__(len(agents), mind, character, remake)
        self.behaviours = tuple(agents)
        self._action: Integers = np.zeros(len(agents), dtype=np.int64)

    def state(self) -> dict[str, Any]:
        return {
            **super().state(),
            "action": self._action,
            "behaviours": [agent.state() for agent in self.behaviours],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        super().restore(state)
        self._action = np.array(state["action"])
        for agent, own in zip(self.behaviours, state["behaviours"], strict=True):
            agent.restore(own)

    def _decide(
        self,
        groups: Groups,
        inference: Inference,
        judgement: Judgement,  # noqa: ARG002
        rows: Integers,
        draws: Draws,  # noqa: ARG002
    ) -> tuple[Integers, NDArray[np.bool_]]:
        """Never a tie: who is stopped is not asked, and stays at its last action."""
        model, info = self.mind.model, self.mind.info
        names = [factor.name for factor in info.factors]
        actions = self._action.copy()
        for i, agent in enumerate(self.behaviours):
            if not self.stopped[i]:
                joint = inference.posterior[groups.of[i]]
                belief = {name: model.marginal(joint, f) for f, name in enumerate(names)}
                observation = self.mind.observation(int(rows[i]))
                actions[i] = _number(i, agent, _act(i, agent, observation, belief), info.actions)
        self._action = actions
        return actions, np.zeros(self.agents, dtype=np.bool_)


def _act(
    i: int, agent: Agent, observation: Mapping[str, str | None], belief: Mapping[str, Array]
) -> Any:
    try:
        return agent.act(observation, belief)
    except Exception as error:
        raise BehaviourError(i, type(agent).__name__, f"raised {error!r}") from error


def _number(i: int, agent: Agent, action: Any, names: Sequence[str]) -> int:
    if isinstance(action, str) and action in names:
        return list(names).index(action)
    is_number = isinstance(action, int | np.integer) and not isinstance(action, bool)
    if is_number and 0 <= action < len(names):
        return int(action)
    known = ", ".join(names)[:400]
    raise BehaviourError(i, type(agent).__name__, f"gave {action!r:.60}; known are {known}")
