"""The loop of a simulation: same seed, same run; a checkpoint goes on as if never stopped."""

from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.catalogue import SCENARIOS, scenario_class
from sim.packing import pack, unpack
from sim.parameters import ParameterError, build
from sim.scenario import Scenario
from sim.scenarios.metronome import Metronome
from sim.simulation import CheckpointError, Simulation
from tests.sim.worlds import Drift

TICKS = 12


def drift() -> Scenario:
    return Drift(agents=4)


def named(name: str) -> Callable[[], Scenario]:
    def make() -> Scenario:
        return build(scenario_class(name), {"agents": 4})

    make.__name__ = name
    return make


every_scenario = pytest.mark.parametrize(
    "make", [drift, *map(named, SCENARIOS)], ids=["drift", *SCENARIOS]
)


def hashes(simulation: Simulation, ticks: int) -> list[str]:
    return [tick.hash for tick in islice(simulation, ticks)]


@every_scenario
def test_same_seed_gives_the_same_run(make: Callable[[], Scenario]) -> None:
    one, two = Simulation(make(), seed=7), Simulation(make(), seed=7)

    assert hashes(one, 50) == hashes(two, 50)


@every_scenario
def test_a_hash_never_comes_twice_in_a_run(make: Callable[[], Scenario]) -> None:
    assert len(set(hashes(Simulation(make(), seed=7), 50))) == 50


def test_another_seed_or_replication_or_parameter_gives_another_run() -> None:
    runs = [
        Simulation(Drift(), seed=1), Simulation(Drift(), seed=2),
        Simulation(Drift(), seed=1, replication=1), Simulation(Drift(speed=2.0), seed=1),
    ]  # fmt: skip

    assert len({run.tick().hash for run in runs}) == len(runs)


@every_scenario
@settings(max_examples=10)
@given(cut=st.integers(0, TICKS), seed=st.integers(0, 2**63 - 1))
def test_a_checkpoint_goes_on_as_if_never_stopped(
    make: Callable[[], Scenario], cut: int, seed: int
) -> None:
    whole = hashes(Simulation(make(), seed), TICKS)
    stopped = Simulation(make(), seed)
    hashes(stopped, cut)
    packed = pack(stopped.checkpoint())

    resumed = Simulation(make(), seed=0)
    resumed.restore(unpack(packed))

    assert resumed.number == cut
    assert hashes(resumed, TICKS - cut) == whole[cut:]


@every_scenario
def test_a_checkpoint_stays_as_it_is_while_the_run_goes_on(make: Callable[[], Scenario]) -> None:
    simulation = Simulation(make(), seed=3)
    hashes(simulation, 4)
    checkpoint = simulation.checkpoint()
    before = pack(checkpoint)

    once = hashes(simulation, 6)
    simulation.restore(checkpoint)
    again = hashes(simulation, 6)

    assert pack(checkpoint) == before
    assert once == again


@every_scenario
def test_what_a_tick_shows_stays_as_it_is_while_the_run_goes_on(
    make: Callable[[], Scenario],
) -> None:
    simulation = Simulation(make(), seed=3)
    hashes(simulation, 3)
    tick = simulation.tick()
    before = shown(tick.columns), shown(tick.detail.belief(0)), shown(tick.detail.agent(0))

    hashes(simulation, 5)

    assert (
        shown(tick.columns), shown(tick.detail.belief(0)), shown(tick.detail.agent(0))
    ) == before  # fmt: skip


def shown(value: Any) -> bytes:
    return pack(dict(value))


@every_scenario
def test_a_tick_has_the_columns_that_the_world_announces(make: Callable[[], Scenario]) -> None:
    simulation = Simulation(make(), seed=3)

    tick = simulation.tick()

    world = simulation.world
    assert list(tick.columns) == [column.name for column in world.columns]
    assert {column.shape for column in tick.columns.values()} == {(world.agents,)}
    assert {str(column.dtype) for column in tick.columns.values()} <= {
        "float64", "float32", "int32", "bool",
    }  # fmt: skip
    assert set(world.view.color) <= set(tick.columns)
    assert all(np.isfinite(value) for value in tick.aggregates.values())


def test_a_tick_tells_its_number_and_time() -> None:
    simulation = Simulation(Drift(agents=2))

    first, second = simulation.tick(), simulation.tick()

    assert [(tick.number, tick.time, tick.agents) for tick in (first, second)] == [
        (1, 1.0, 2), (2, 2.0, 2),
    ]  # fmt: skip
    assert simulation.number == 2
    assert simulation.hash == second.hash


def test_nobody_can_write_into_the_columns_of_a_tick() -> None:
    tick = Simulation(Drift()).tick()

    with pytest.raises(ValueError, match="read-only"):
        tick.columns["place"][0] = 1.0


def test_a_checkpoint_of_another_scenario_is_refused() -> None:
    simulation = Simulation(Drift())

    with pytest.raises(CheckpointError, match="one of 'metronome', the simulation one of 'drift'"):
        simulation.restore(Simulation(Metronome()).checkpoint())


def test_a_checkpoint_that_lacks_something_is_refused() -> None:
    with pytest.raises(CheckpointError, match="has no streams, world"):
        Simulation(Drift()).restore({"scenario": "drift", "number": 3})


@pytest.mark.parametrize("value", [-1, 2**63])
def test_a_seed_out_of_bounds_is_refused(value: int) -> None:
    with pytest.raises(ParameterError, match=r"`seed` is .*; allowed is a whole number from 0"):
        Simulation(Drift(), seed=value)
    with pytest.raises(ParameterError, match=r"`replication` is "):
        Simulation(Drift(), replication=value)
