"""What somebody may do with agents that have a place and no mind: move, stop, restart them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.perturbation import PerturbationError

Mask = NDArray[np.bool_]


@dataclass(slots=True)
class Bodies:
    """`move` puts one agent into a cell (column, row) of the view, or says why it cannot be there;
    `can_stop`: whether agents can be stopped and restarted, from where they are."""

    width: int
    height: int
    move: Callable[[int, int, int], str | None]
    can_stop: bool = True

    def change(
        self, agent: int | None, change: Mapping[str, Any], agents: int, stopped: Mask
    ) -> Mask:
        """`{"move": cell}`, a number or "column,row", for one agent; `{"stop": true}`,
        `{"restart": true}`. Gives who is stopped then, (agents,); raises PerturbationError."""
        known = ("move", "stop", "restart") if self.can_stop else ("move",)
        if len(change) != 1 or next(iter(change)) not in known:
            raise PerturbationError("", f"one change at a time; known are {', '.join(known)}")
        if agent is not None and not 0 <= agent < agents:
            raise PerturbationError("agent", f"is {agent}; they are numbered 0 to {agents - 1}")
        [(kind, value)] = change.items()
        if kind == "move":
            self._move(agent, value)
            return stopped
        if value is not True:
            raise PerturbationError(kind, f"is {value!r:.60}; allowed is true")
        after = stopped.copy()
        after[slice(None) if agent is None else agent] = kind == "stop"
        return after

    def _move(self, agent: int | None, value: Any) -> None:
        if agent is None:
            raise PerturbationError("move", "is for one agent: name it")
        reason = self.move(agent, *self._cell(value))
        if reason is not None:
            raise PerturbationError("move", reason)

    def _cell(self, value: Any) -> tuple[int, int]:
        """Column and row."""
        cells = self.width * self.height
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < cells:
            return value % self.width, value // self.width
        if isinstance(value, str):
            column, comma, row = value.partition(",")
            if comma and column.strip().isdecimal() and row.strip().isdecimal():
                place = int(column), int(row)
                if place[0] < self.width and place[1] < self.height:
                    return place
        raise PerturbationError(
            "move",
            f"is {value!r:.60}; allowed is a cell, 0 to {cells - 1} row by row, or `column,row`"
            f" below {self.width},{self.height}",
        )


def nobody(agents: int) -> Mask:
    """None is stopped."""
    return np.zeros(agents, dtype=np.bool_)


def kept_back(stopped: Mask) -> dict[str, Any]:
    """What a world's state says of those who are stopped: nothing where there are none."""
    return {"stopped": stopped} if stopped.any() else {}


def held(state: Mapping[str, Any], agents: int) -> Mask:
    """Who is stopped by a state."""
    return np.array(state["stopped"]) if "stopped" in state else nobody(agents)
