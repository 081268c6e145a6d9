"""Designs of small sweeps, and a scenario that fails where it is told to."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from sim.catalogue import scenario_class
from sim.design import Design, factorial
from sim.parameters import parameter
from sim.random import Streams
from sim.scenario import Scenario
from tests.sim.worlds import Drift, DriftWorld


@dataclass(frozen=True)
class Fragile(Drift):
    """Drifts, unless it is told to fail."""

    name: ClassVar[str] = "fragile"

    fate: str = parameter("none", choices=("none", "raise", "die"), text="How it ends")

    def begin(self, streams: Streams, clock: Callable[[], int]) -> DriftWorld:
        if self.fate == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fate == "raise":
            raise ZeroDivisionError("too much drift\nand more")
        return super().begin(streams, clock)


def load(name: str) -> type[Scenario]:
    known: dict[str, type[Scenario]] = {"drift": Drift, "fragile": Fragile}
    return known.get(name) or scenario_class(name)


def make_design(seeds: int = 3, ticks: int = 20, every: int = 0) -> Design:
    points = factorial({"speed": [0.5, 2.0], "agents": [2, 3]})
    return Design("drift", points, tuple(range(seeds)), ticks, every)


def make_fragile(*fates: str) -> Design:
    return Design("fragile", factorial({"fate": fates}), (0, 1), 5)
