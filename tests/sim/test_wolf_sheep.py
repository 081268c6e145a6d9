"""Wolves, sheep and grass: both rise and fall, the wolves after the sheep."""

from itertools import islice

import numpy as np
import pytest

from sim.model import Array
from sim.parameters import ParameterError, build
from sim.scenarios.wolf_sheep import KINDS, CrowdedError, WolfSheep
from sim.simulation import Simulation
from sim.tick import Tick
from tests.sim.going_on import hashes, hashes_with_and_without_a_stop

SMALL = WolfSheep(rows=20, columns=20, agents=200)


def populations(scenario: WolfSheep, seed: int, ticks: int) -> tuple[Array, Array]:
    told = [tick.aggregates for tick in islice(Simulation(scenario, seed), ticks)]
    return np.array([t["sheep"] for t in told]), np.array([t["wolves"] for t in told])


def cells_of(tick: Tick, kind: int) -> set[tuple[int, int]]:
    those = tick.columns["kind"] == kind
    x, y = (tick.columns[name][those].tolist() for name in ("x", "y"))
    return set(zip(x, y, strict=True))


def correlations(one: Array, other: Array, most: int) -> list[float]:
    """Of one with the other 0, 1, …, `most` ticks later."""
    last = len(one) - most
    return [float(np.corrcoef(one[:last], other[k : k + last])[0, 1]) for k in range(most + 1)]


@pytest.mark.parametrize("seed", range(3))
def test_both_rise_and_fall_and_the_wolves_follow_the_sheep(seed: int) -> None:
    sheep, wolves = populations(WolfSheep(rows=80, columns=80, agents=1500), seed, 500)

    ahead = correlations(sheep[150:], wolves[150:], 35)
    behind = correlations(wolves[150:], sheep[150:], 35)

    for living in (sheep[150:], wolves[150:]):
        assert living.max() > 1.3 * living.min() > 0
        crossings = np.diff(living > living.mean()).sum()
        assert crossings >= 6
    lag = int(np.argmax(ahead))
    assert 5 <= lag <= 25
    assert ahead[lag] > 0.4
    # More wolves now are fewer sheep soon.
    assert min(behind[:20]) < -0.4


def test_without_wolves_grass_alone_bounds_the_sheep() -> None:
    sheep, wolves = populations(WolfSheep(rows=20, columns=20, agents=100, wolves=0), 1, 300)

    assert wolves.max() == 0
    assert sheep[-100:].min() > 100
    # No more can be eaten than grows back: a patch feeds a sheep's steps of so many ticks.
    assert sheep[-100:].mean() < 400 / 10 * 5


def test_without_sheep_the_wolves_die_out_and_it_is_told_once() -> None:
    ticks = list(islice(Simulation(WolfSheep(agents=50, wolves=1.0, wolf_breed=0.0), 1), 60))

    told = [log for tick in ticks for log in tick.log]

    assert [log.data["kind"] for log in told] == ["wolf"]
    assert ticks[-1].agents == 0
    assert all(len(column) == 0 for column in ticks[-1].columns.values())
    assert ticks[-1].aggregates["grass"] == 1


@pytest.mark.parametrize("seek", [False, True])
def test_energy_comes_from_food_and_goes_with_steps(seek: bool) -> None:
    scenario = WolfSheep(rows=30, columns=30, agents=300, seek=seek)
    simulation = Simulation(scenario, seed=4)
    before, eaten, gone, halved = simulation.tick(), 0, 0, 0

    for tick in islice(simulation, 20):
        was = {number: agent for agent, number in enumerate(before.columns["number"].tolist())}
        for animal, number in enumerate(tick.columns["number"].tolist()):
            if number not in was:
                continue
            old = before.columns["energy"][was[number]] - 1
            wolf = bool(tick.columns["kind"][animal])
            fed = old + (scenario.wolf_gain if wolf else scenario.sheep_gain)
            energy = tick.columns["energy"][animal]
            possible = [old, old / 2, fed, fed / 2]
            assert any(energy == pytest.approx(value) for value in possible)
            eaten += wolf and energy == pytest.approx(fed)
            halved += all(energy != pytest.approx(value) for value in (old, fed))
        gone += len(was.keys() - set(tick.columns["number"].tolist()))
        before = tick
    assert gone >= eaten > 0
    assert halved > 0


def test_an_animal_keeps_its_kind_and_steps_to_a_neighbour() -> None:
    simulation = Simulation(WolfSheep(rows=30, columns=30, neighbourhood="von_neumann"), seed=4)
    before = simulation.tick()

    for tick in islice(simulation, 20):
        was = {n: agent for agent, n in enumerate(before.columns["number"].tolist())}
        both = [(was[n], agent) for agent, n in enumerate(tick.columns["number"]) if n in was]
        old, new = np.array(both).T
        assert (before.columns["kind"][old] == tick.columns["kind"][new]).all()
        steps = [np.abs(before.columns[c][old] - tick.columns[c][new]) for c in ("x", "y")]
        assert set((np.minimum(steps, 30 - np.array(steps)).sum(axis=0)).tolist()) == {1}
        before = tick


def test_sheep_that_seek_find_the_grass_that_others_miss() -> None:
    start = {"agents": 100, "wolves": 0.0, "regrowth": 1000, "sheep_breed": 0.0}

    energy = {
        seek: list(islice(Simulation(build(WolfSheep, {**start, "seek": seek}), 1), 5))[-1]
        .columns["energy"]
        .sum()
        for seek in (True, False)
    }

    # Of five steps of a hundred sheep every second misses, and none where one seeks.
    assert energy[True] - energy[False] > 5 * 100 * 5.0 / 4


def test_sheep_that_seek_keep_off_cells_where_wolves_are() -> None:
    simulation = Simulation(WolfSheep(rows=20, columns=20, agents=200, seek=True), seed=4)
    before, free = simulation.tick(), 0

    for tick in islice(simulation, 10):
        there, were = ([cells_of(shown, kind) for kind in range(2)] for shown in (tick, before))
        # Only who was surrounded is where it was, which no wolf was then but by chance.
        assert not (there[0] & were[1]) - were[0]
        free += len(there[0] - were[1])
        before = tick
    assert free > 100


def test_numbers_at_birth_are_never_given_twice() -> None:
    born: dict[int, int] = {}

    for tick in islice(Simulation(SMALL, seed=3), 60):
        columns = tick.columns
        assert len(set(columns["number"].tolist())) == tick.agents
        for number, kind in zip(columns["number"].tolist(), columns["kind"].tolist(), strict=True):
            assert born.setdefault(number, kind) == kind
        living = tick.aggregates["sheep"] + tick.aggregates["wolves"]
        assert living == tick.agents == len(columns["x"])
    assert max(born) < tick.aggregates["born"]


@pytest.mark.parametrize("seek", [False, True])
def test_a_run_goes_on_from_a_checkpoint_as_if_never_stopped(seek: bool) -> None:
    scenario = WolfSheep(rows=20, columns=20, agents=200, seek=seek)

    resumed, whole = hashes_with_and_without_a_stop(scenario, 13, 30)

    assert resumed == whole


def test_same_seed_same_run_and_another_seed_another() -> None:
    one, same, other = (hashes(Simulation(SMALL, seed), 20) for seed in (1, 1, 2))

    assert one == same != other


def test_at_the_start_kinds_are_in_the_share_asked_for() -> None:
    tick = Simulation(WolfSheep(agents=100, wolves=0.4, wolf_breed=0.0), seed=1).tick()

    old = tick.columns["kind"][tick.columns["number"] < 100]
    assert KINDS == ("sheep", "wolf")
    assert 35 <= (old == 1).sum() <= 40


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("agents", -1), ("wolves", 1.1), ("rows", 2), ("columns", 401), ("sheep_gain", -1.0),
        ("wolf_breed", 2.0), ("sheep_breed", -0.1), ("regrowth", 0), ("neighbourhood", "hexagon"),
    ],
)  # fmt: skip
def test_a_parameter_out_of_bounds_is_refused(name: str, value: object) -> None:
    with pytest.raises(ParameterError, match=f"`{name}` is "):
        build(WolfSheep, {name: value})


def test_more_animals_than_a_run_may_hold_are_told_with_what_to_do() -> None:
    rich = WolfSheep(
        agents=100_000, wolves=0.0, rows=400, columns=400, sheep_gain=100.0, sheep_breed=1.0,
        regrowth=1,
    )  # fmt: skip
    simulation = Simulation(rich, seed=1)
    simulation.tick()
    simulation.tick()

    with pytest.raises(CrowdedError, match=r"in tick 3 there are \d+ animals; 500000 at most"):
        simulation.tick()
