"""Speaks for one agent of a run."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from actors.agent_table import row
from actors.loop import LoopActor
from actors.questions import ReadAgent
from actors.steering import Ticked
from sim.tick import Column, Tick

REMEMBERED = 50  # actions of an active agent


@dataclass(frozen=True, slots=True)
class Acted:
    """The columns of one tick from which any agent's action can be read; None: there is none."""

    tick: int
    action: Column | None
    reward: Column | None

    @staticmethod
    def in_tick(tick: Tick) -> "Acted":
        """Holds on to two columns, not to the tick."""
        return Acted(tick.number, tick.columns.get("action"), tick.columns.get("reward"))

    def of(self, number: int, labels: tuple[str, ...]) -> dict[str, Any]:
        """What the agent did: its tick, the action by name where it has one, the reward."""
        found: dict[str, Any] = {"tick": self.tick}
        if self.action is not None:
            action = self.action[number].item()
            known = isinstance(action, int) and 0 <= action < len(labels)
            found["action"] = labels[action] if known else action
        if self.reward is not None:
            found["reward"] = self.reward[number].item()
        return found


class Agent(LoopActor):
    """Active only while somebody watches or asks; told every tick until then."""

    mailbox_size = 100

    def __init__(
        self,
        run: str,
        number: int,
        tick: Tick,
        past: Iterable[Acted],
        labels: tuple[str, ...],
        epoch: str = "",
    ) -> None:
        super().__init__()
        self._run = run
        self._number = number
        self._tick = tick
        self._labels = labels
        self._epoch = epoch
        self._history = deque((acted.of(number, labels) for acted in past), maxlen=REMEMBERED)

    def on_receive(self, message: Any) -> Any:
        match message:
            case Ticked(tick, epoch=epoch):
                self._tick = tick
                if epoch != self._epoch:
                    self._epoch = epoch
                    self._history.clear()
                self._history.append(Acted.in_tick(tick).of(self._number, self._labels))
            case ReadAgent():
                return self._describe()
            case _:
                return super().on_receive(message)
        return None

    def _describe(self) -> dict[str, Any]:
        tick = self._tick
        belief = tick.detail.belief(self._number)
        return {
            "run": self._run,
            "agent": str(self._number),
            "tick": tick.number,
            "state": {**row(tick, self._number), **tick.detail.agent(self._number)},
            "belief": belief,
            "policies": belief.get("policies", []),
            "history": list(self._history),
        }
