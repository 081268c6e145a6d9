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
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sim.errors import MindError
from sim.model import TOLERANCE, Array, Model
from sim.population import Population

_KINDS = (
    "observation", "belief", "reset", "precision", "preferences", "move", "stop", "restart",
)  # fmt: skip
_OF_ALL = ("precision", "preferences")
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


class Body(Protocol):
    """What a world of minds lets others do with its agents, beside their minds."""

    @property
    def places(self) -> Sequence[str]: ...

    def move(self, those: Mask, place: int) -> None: ...

    def begin_anew(self, those: Mask) -> None: ...


@dataclass(slots=True)
class Interventions:
    """Changes the minds of a population, and the bodies of a world.

    A change is made as a whole, or not at all: raises PerturbationError.
    """

    population: Population
    body: Body

    def make(self, agent: int | None, change: Change) -> None:
        """`agent` None: everybody's."""
        agents = self.population.agents
        if agent is not None and not 0 <= agent < agents:
            raise PerturbationError("agent", f"is {agent}; they are numbered 0 to {agents - 1}")
        if not change:
            raise PerturbationError("", f"there is no change; known are {', '.join(_KINDS)}")
        those = np.zeros(agents, dtype=np.bool_)
        those[slice(None) if agent is None else agent] = True
        steps = [self._step(kind, value, agent, those) for kind, value in change.items()]
        for step in steps:
            step()

    def _step(self, kind: str, value: Any, agent: int | None, those: Mask) -> Callable[[], None]:
        if kind not in _KINDS:
            raise PerturbationError(kind, f"is no change; known are {', '.join(_KINDS)}")
        if kind in _OF_ALL and agent is not None:
            raise PerturbationError(kind, "is one for all agents: name no single one")
        population = self.population
        match kind:
            case "observation":
                outcomes = self._outcomes(value)
                return lambda: population.show(those, outcomes)
            case "belief":
                expected = self._expected(value, those)
                return lambda: population.expect(those, expected)
            case "precision":
                precision = _number(kind, value, 0.0, _MOST_PRECISE)
                return lambda: population.decide_with(precision)
            case "preferences":
                preferences = self._preferences(value)
                return lambda: population.prefer(preferences)
            case "move":
                place = _index("move", value, self.body.places)
                return lambda: self.body.move(those, place)
        if value is not True:
            raise PerturbationError(kind, f"is {value!r:.60}; allowed is true")
        return lambda: self._simple(kind, those)

    def _simple(self, kind: str, those: Mask) -> None:
        match kind:
            case "stop":
                self.population.stopped = self.population.stopped | those
            case "reset":
                self.population.reset(those)
            case "restart":
                self.population.stopped = self.population.stopped & ~those
                self.population.reset(those)
                self.body.begin_anew(those)

    def _outcomes(self, value: Any) -> dict[int, int]:
        """Of each modality that is named, by number."""
        modalities = dict(self.population.mind.info.modalities)
        names = list(modalities)
        return {
            _index("observation", name, names): _index(
                f"observation.{name}", outcome, modalities.get(name, ())
            )
            for name, outcome in _map("observation", value).items()
        }

    def _expected(self, value: Any, those: Mask) -> Array:
        """The joint beliefs of those agents, with the marginals that are named."""
        mind = self.population.mind
        factors = {factor.name: factor for factor in mind.info.factors}
        joint = self.population.prior[those].reshape(-1, *mind.model.shape)
        for name, wanted in _map("belief", value).items():
            axis = 1 + _index("belief", name, list(factors))
            states = factors[name].states
            joint = _with_marginal(joint, axis, _marginal(f"belief.{name}", wanted, states))
        beliefs: Array = joint.reshape(len(joint), -1)
        try:
            mind.planner.prospects(beliefs)
        except MindError as error:
            raise PerturbationError("belief", f"is nothing to plan by: {error}") from None
        return beliefs

    def _preferences(self, value: Any) -> list[Array]:
        mind = self.population.mind
        names = [name for name, _ in mind.info.modalities]
        wanted: list[Array] = list(mind.model.C)
        for name, logs in _map("preferences", value).items():
            place = _index("preferences", name, names)
            size = len(wanted[place])
            wanted[place] = _numbers(f"preferences.{name}", logs, size)
        return wanted


def with_preferences(model: Model, preferences: Sequence[Array] | None) -> Model:
    """The model with another C; None leaves it as it is."""
    if preferences is None:
        return model
    return Model(model.A, model.B, preferences, model.D, model.E, method=model.method)


def _with_marginal(joint: Array, axis: int, marginal: Array) -> Array:
    """Beliefs (n, S1..Sk) whose factor has this marginal; what they hold of the other factors given
    its state stays, or, where that state had no probability, what they hold of them at all."""
    moved = np.moveaxis(joint, axis, 1)
    others = moved.sum(axis=1, keepdims=True)
    own = moved.sum(axis=tuple(range(2, moved.ndim)), keepdims=True)
    given = np.where(own > 0, moved / np.where(own > 0, own, 1.0), others)
    shaped = marginal.reshape(1, -1, *(1,) * (moved.ndim - 2))
    return np.moveaxis(given * shaped, 1, axis)


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
