"""Files of somebody's own scenarios: the guide's, and one that was written by following it."""

import re
from pathlib import Path

from tests.processes.shell import ROOT, STAGEWATCH, said

PAGE = (ROOT / "docs" / "your-own-scenario.md").read_text()
WALKERS, CAUTIOUS, _ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SERVED, RUN = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)

# Written by following the guide: a queue at a counter, with an agent's own kind of column.
QUEUE = """
from dataclasses import dataclass

import numpy as np

from sim.parameters import parameter
from sim.scenario import ColumnInfo, Frame, Scenario, View
from beside import NoMind


@dataclass(frozen=True)
class Queue(Scenario):
    name = "queue"
    title = "Queue"
    text = "Customers wait; the counter serves the first with some chance a tick."
    references = ("Kendall (1953)",)
    hz = 10

    agents: int = parameter(20, minimum=1, maximum=1000, text="Customers")
    chance: float = parameter(0.5, minimum=0.0, maximum=1.0, text="To be served in a tick")

    def begin(self, streams, clock):
        return QueueWorld(self, streams)


class QueueWorld:
    columns = (ColumnInfo("x", "Place"), ColumnInfo("y", "Row"), ColumnInfo("served", "Served"))
    model = None

    def __init__(self, scenario, streams):
        self.agents, self._chance, self._streams = scenario.agents, scenario.chance, streams
        self._order, self._served = np.arange(self.agents), np.zeros(self.agents, dtype=int)
        self.view = View("grid", self.agents, 3, color=("served",), sentence="They wait in line.")

    def advance(self, number):
        if self._streams.environment.random(self.agents)[0] < self._chance:
            self._served = self._served.copy()
            self._served[self._order[0]] += 1
            self._order = np.roll(self._order, -1)
        place = np.argsort(self._order).astype(float)
        columns = {"x": place, "y": np.ones(self.agents), "served": self._served.astype(np.int32)}
        return Frame(columns, {"served": float(self._served.sum())}, (), NoMind())

    def state(self):
        return {"order": self._order, "served": self._served}

    def restore(self, state):
        self._order, self._served = np.array(state["order"]), np.array(state["served"])
"""
BESIDE = """
class NoMind:
    def belief(self, agent):
        return {}

    def agent(self, agent):
        return {}
"""


async def stagewatch(folder: Path, *words: str, status: int = 0) -> str:
    """What the command says."""
    return await said(folder, *STAGEWATCH, *words, status=status)


def written(folder: Path) -> None:
    """The guide's file, and the one that was written by following it."""
    (folder / "walkers.py").write_text(WALKERS)
    (folder / "queue_.py").write_text(QUEUE)
    (folder / "beside.py").write_text(BESIDE)
