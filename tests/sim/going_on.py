"""Whether a run that is begun anew from a checkpoint goes on as the one that made it."""

from itertools import islice

from sim.packing import pack, unpack
from sim.scenario import Scenario
from sim.simulation import Simulation


def hashes(simulation: Simulation, ticks: int) -> list[str]:
    return [tick.hash for tick in islice(simulation, ticks)]


def hashes_with_and_without_a_stop(
    scenario: Scenario, before: int, after: int
) -> tuple[list[str], list[str]]:
    """Of the ticks `after` the checkpoint: stopped and restored, and never stopped."""
    whole = hashes(Simulation(scenario, seed=7), before + after)
    stopped = Simulation(scenario, seed=7)
    hashes(stopped, before)
    resumed = Simulation(scenario, seed=8)
    resumed.restore(unpack(pack(stopped.checkpoint())))
    return hashes(resumed, after), whole[before:]
