"""What a scenario is: parameters that begin a world, and what a viewer must know of that world."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from sim.parameters import check
from sim.random import Streams
from sim.tick import Column, Detail, Log


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """How a column is read; `labels` name the values of a category, counted from 0."""

    name: str
    title: str
    unit: str = ""
    kind: Literal["number", "category", "flag"] = "number"
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that stands still in the world, in cells from the upper left corner."""

    x: float
    y: float
    label: str
    kind: Literal["cue", "reward", "start", "wall"]


@dataclass(frozen=True, slots=True)
class View:
    """A hint for drawing: `x` and `y` name columns, `color` those worth colouring by.

    `sentence` says what one sees. Width and height are in cells; 0 where there is no place.
    """

    kind: Literal["grid", "graph", "none"]
    width: int = 0
    height: int = 0
    x: str = "x"
    y: str = "y"
    color: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Factor:
    """A hidden state factor; `grid` is (rows, columns) where its states are cells, row by row."""

    name: str
    states: tuple[str, ...]
    grid: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The names in the agents' generative model; a modality is (name, labels of its outcomes)."""

    factors: tuple[Factor, ...]
    modalities: tuple[tuple[str, tuple[str, ...]], ...]
    actions: tuple[str, ...]
    policies: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What a world shows after a step. The arrays belong to the receiver: the world writes into
    them no more."""

    columns: Mapping[str, Column]
    aggregates: Mapping[str, float]
    log: tuple[Log, ...]
    detail: Detail


class World(Protocol):
    """What a scenario begins: one per run, and it changes with every step."""

    @property
    def agents(self) -> int: ...

    @property
    def view(self) -> View: ...

    @property
    def columns(self) -> tuple[ColumnInfo, ...]: ...

    @property
    def model(self) -> ModelInfo | None: ...

    def advance(self, number: int) -> Frame:
        """Make step `number`."""
        ...

    def state(self) -> dict[str, Any]:
        """All that decides the future, but for the random streams.

        Arrays, numbers, strings, and maps and lists of them; the keys are strings.
        """
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a state; the arrays become the world's own."""
        ...


@dataclass(frozen=True)
class Scenario(ABC):
    """The root of the scenarios: frozen dataclasses whose fields are their parameters.

    A field is made with `sim.parameters.parameter`. `hz` is the tick rate that a live run starts
    with; 0 is as fast as it can. An instance with a value out of bounds raises ParameterError.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    text: ClassVar[str]
    references: ClassVar[tuple[str, ...]]
    hz: ClassVar[float]

    def __post_init__(self) -> None:
        check(self)

    @abstractmethod
    def begin(self, streams: Streams, clock: Callable[[], int]) -> World:
        """A world at its beginning; `clock` gives nanoseconds and must not decide anything."""
