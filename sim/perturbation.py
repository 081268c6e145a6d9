"""Interventions: what somebody changes in a world between two ticks.

A change is a map of plain values, so that it can be recorded and made again:

    observation   {modality: outcome}: what the next observation says, the rest as it comes
    belief        {factor: state or probabilities}: what is expected before the next observation
    reset         true: expect what was expected at first
    precision     number: γ of the policy posterior, of all agents
    preferences   {modality: log-preferences in nats}: C, of all agents
    move          place: where the agent is from now on, whatever it believes
    stop          true: neither act nor learn any more
    restart       true: begin anew, as one that never stopped
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sim.errors import MindError
from sim.model import TOLERANCE, Array, Model
from sim.scenario import ModelInfo

_KINDS = (
    "observation", "belief", "reset", "precision", "preferences", "move", "stop", "restart",
)  # fmt: skip
_OF_ALL = ("precision", "preferences")
_PLAIN = ("reset", "stop", "restart")
_MOST_PRECISE = 1000.0

Mask = NDArray[np.bool_]
Change = Mapping[str, Any]


class PerturbationError(ValueError):
    """The change cannot be made; `field` is the part of it that is wrong, empty for all of it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}" if field else reason)
        self.field = field
        self.reason = reason


@runtime_checkable
class Perturbable(Protocol):
    """A world in which something can be changed."""

    def perturb(self, agent: int | None, change: Change) -> None:
        """Raises PerturbationError."""
        ...


class Changeable(Protocol):
    """Minds that something can be done to: `sim.population.Population`, or
    `sim.individuals.Individuals`."""

    stopped: Mask

    @property
    def info(self) -> ModelInfo: ...

    @property
    def takes_preferences(self) -> bool: ...

    def show(self, agents: Mask, outcomes: Mapping[int, int]) -> None: ...

    def believing(self, agents: Mask, marginals: Mapping[int, Array]) -> Array:
        """What those agents expect, with other marginals of some factors. Raises MindError where
        they could not plan by it."""
        ...

    def expect(self, agents: Mask, beliefs: Array) -> None: ...

    def decide_with(self, precision: float) -> None: ...

    def value(self, preferences: Mapping[int, Array]) -> None: ...

    def reset(self, agents: Mask) -> None: ...


class Divisible(Protocol):
    """Minds of one kind or of several."""

    @property
    def agents(self) -> int: ...

    def parts(self, agents: Mask) -> Sequence[tuple[Changeable, Mask]]:
        """The kinds that those agents (a mask) belong to, each with a mask of its own agents."""
        ...


class Body(Protocol):
    """What a world of minds lets others do with its agents, beside their minds."""

    @property
    def places(self) -> Sequence[str]: ...

    def move(self, those: Mask, place: int) -> None: ...

    def begin_anew(self, those: Mask) -> None: ...


@dataclass(slots=True)
class Interventions:
    """Changes the minds of a population or a society, and the bodies of a world.

    A change is made as a whole, or not at all: raises PerturbationError.
    """

    minds: Divisible
    body: Body

    def make(self, agent: int | None, change: Change) -> None:
        """`agent` None: everybody's."""
        agents = self.minds.agents
        if agent is not None and not 0 <= agent < agents:
            raise PerturbationError("agent", f"is {agent}; they are numbered 0 to {agents - 1}")
        if not change:
            raise PerturbationError("", f"there is no change; known are {', '.join(_KINDS)}")
        those = np.zeros(agents, dtype=np.bool_)
        those[slice(None) if agent is None else agent] = True
        parts = self.minds.parts(those)
        steps = []
        for kind, value in change.items():
            if kind not in _KINDS:
                raise PerturbationError(kind, f"is no change; known are {', '.join(_KINDS)}")
            if kind in _OF_ALL and agent is not None:
                raise PerturbationError(kind, "is one for all agents: name no single one")
            if kind in _PLAIN and value is not True:
                raise PerturbationError(kind, f"is {value!r:.60}; allowed is true")
            steps += [_step(minds, own, kind, value) for minds, own in parts]
            if kind == "move":
                place = _index("move", value, self.body.places)
                steps.append(partial(self.body.move, those, place))
            if kind == "restart":
                steps.append(partial(self.body.begin_anew, those))
        for step in steps:
            step()


def _step(minds: Changeable, those: Mask, kind: str, value: Any) -> Callable[[], None]:
    """What is to be done to minds of one kind, checked."""
    match kind:
        case "observation":
            return partial(minds.show, those, _outcomes(minds.info, value))
        case "belief":
            return partial(minds.expect, those, _expected(minds, value, those))
        case "precision":
            return partial(minds.decide_with, _number(kind, value, 0.0, _MOST_PRECISE))
        case "preferences":
            return partial(minds.value, _preferences(minds, value))
    return partial(_simply, minds, those, kind)


def _simply(minds: Changeable, those: Mask, kind: str) -> None:
    match kind:
        case "stop":
            minds.stopped = minds.stopped | those
        case "reset":
            minds.reset(those)
        case "restart":
            minds.stopped = minds.stopped & ~those
            minds.reset(those)


def _outcomes(info: ModelInfo, value: Any) -> dict[int, int]:
    """Of each modality that is named, by number."""
    modalities = dict(info.modalities)
    names = list(modalities)
    return {
        _index("observation", name, names): _index(
            f"observation.{name}", outcome, modalities.get(name, ())
        )
        for name, outcome in _map("observation", value).items()
    }


def _expected(minds: Changeable, value: Any, those: Mask) -> Array:
    """The beliefs of those agents, with the marginals that are named."""
    factors = {factor.name: factor for factor in minds.info.factors}
    names = list(factors)
    marginals = {
        _index("belief", name, names): _marginal(f"belief.{name}", wanted, factors[name].states)
        for name, wanted in _map("belief", value).items()
    }
    try:
        return minds.believing(those, marginals)
    except MindError as error:
        raise PerturbationError("belief", f"is nothing to plan by: {error}") from None


def _preferences(minds: Changeable, value: Any) -> dict[int, Array]:
    """The log-preferences of each modality that is named, by number."""
    if not minds.takes_preferences:
        raise PerturbationError("preferences", "cannot be changed in this scenario")
    modalities = dict(minds.info.modalities)
    names = list(modalities)
    return {
        _index("preferences", name, names): _numbers(
            f"preferences.{name}", logs, len(modalities.get(name, ()))
        )
        for name, logs in _map("preferences", value).items()
    }


def with_preferences(model: Model, preferences: Sequence[Array] | None) -> Model:
    """The model with another C; None leaves it as it is."""
    if preferences is None:
        return model
    return Model(model.A, model.B, preferences, model.D, model.E, method=model.method)


def _marginal(field: str, value: Any, states: Sequence[str]) -> Array:
    if isinstance(value, str | int):
        certain = np.zeros(len(states))
        certain[_index(field, value, states)] = 1.0
        return certain
    numbers = _numbers(field, value, len(states))
    total = float(numbers.sum())
    if (numbers < 0).any() or abs(total - 1) > TOLERANCE:
        raise PerturbationError(field, f"must be probabilities that sum to 1, not to {total:.9g}")
    return numbers / total


def _numbers(field: str, value: Any, size: int) -> Array:
    try:
        numbers = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise PerturbationError(field, f"must be a list of {size} numbers") from None
    if numbers.shape != (size,) or not np.isfinite(numbers).all():
        raise PerturbationError(field, f"must be a list of {size} finite numbers")
    return numbers


def _number(field: str, value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise PerturbationError(
            field, f"is {value!r:.60}; allowed is a number {least:g} to {most:g}"
        )
    return float(value)


def _map(field: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not value:
        raise PerturbationError(field, "must be a map with at least one name")
    return value


def _index(field: str, value: Any, names: Sequence[str]) -> int:
    """The place of a name, which may be given as a number too."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
        return value
    if isinstance(value, str) and value in names:
        return list(names).index(value)
    raise PerturbationError(field, f"has no {value!r:.60}; known are {', '.join(names)[:400]}")
