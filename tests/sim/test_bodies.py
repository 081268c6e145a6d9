"""Agents without minds are moved, stopped and begun anew, and a checkpoint keeps that."""

from typing import Any

import numpy as np
import pytest

from sim.packing import pack, unpack
from sim.perturbation import PerturbationError
from sim.scenario import Scenario
from sim.scenarios.boids import Boids
from sim.scenarios.flocking import Flocking
from sim.scenarios.schelling import Schelling
from sim.scenarios.wolf_sheep import WolfSheep
from sim.simulation import Simulation

FLOCK, BIRDS = Flocking(agents=40), Boids(agents=40)
TOWN = Schelling(rows=10, columns=12, density=0.5, homophily=5.0)
PASTURE = WolfSheep(agents=40, rows=10, columns=12)
STOPPABLE: list[Scenario] = [FLOCK, BIRDS, TOWN]
ALL: list[Scenario] = [*STOPPABLE, PASTURE]


def after(scenario: Scenario, ticks: int) -> Simulation:
    simulation = Simulation(scenario, 3)
    run(simulation, ticks)
    return simulation


def run(simulation: Simulation, ticks: int) -> list[str]:
    return [simulation.tick().hash for _ in range(ticks)]


def empty_cell(simulation: Simulation) -> tuple[int, int]:
    """A cell of the view where nobody is, by the columns of the next tick of a copy."""
    copy = Simulation(simulation.scenario, 3)
    copy.restore(simulation.checkpoint())
    state = copy.checkpoint()["world"]
    if "empty" not in state:
        return 2, 1
    row, column = divmod(int(state["empty"][0]), 12)
    return column, row


@pytest.mark.parametrize("scenario", ALL)
@pytest.mark.parametrize("as_text", [True, False])
def test_who_is_moved_is_there(scenario: Scenario, as_text: bool) -> None:
    simulation = after(scenario, 3)
    column, row = empty_cell(simulation)
    cell = f"{column},{row}" if as_text else row * simulation.world.view.width + column
    if scenario in STOPPABLE:
        simulation.perturb(5, {"stop": True})

    simulation.perturb(5, {"move": cell})

    columns = simulation.tick().columns
    across, down = abs(columns["x"][5] - column), abs(columns["y"][5] - row)
    # An animal has gone on one step from there, if it did not die.
    reach = 0 if scenario in STOPPABLE else 1
    assert max(across, down) <= reach or columns["number"][5] != 5


@pytest.mark.parametrize("scenario", STOPPABLE)
def test_who_is_stopped_stays_and_who_is_begun_anew_goes_on(scenario: Scenario) -> None:
    simulation = after(scenario, 3)
    simulation.perturb(None, {"stop": True})

    first, last = simulation.tick().columns, [simulation.tick() for _ in range(4)][-1].columns
    simulation.perturb(None, {"restart": True})
    later = [simulation.tick() for _ in range(4)][-1].columns

    assert first["x"].tolist() == last["x"].tolist()
    assert first["y"].tolist() == last["y"].tolist()
    assert (later["x"] != last["x"]).any()


@pytest.mark.parametrize("scenario", STOPPABLE)
def test_the_others_go_on_while_one_is_stopped(scenario: Scenario) -> None:
    simulation = after(scenario, 3)
    simulation.perturb(7, {"stop": True})

    ticks = [simulation.tick().columns for _ in range(6)]

    places = np.array([np.stack([columns["x"], columns["y"]]) for columns in ticks])
    assert (places[:, :, 7] == places[0, :, 7]).all()
    assert (places[-1] != places[0]).any()


@pytest.mark.parametrize("scenario", ALL)
@pytest.mark.parametrize("change", [{"move": "2,1"}, {"stop": True}, {"restart": True}])
def test_a_checkpoint_after_a_change_leads_to_the_same_future(
    scenario: Scenario, change: dict[str, Any]
) -> None:
    simulation = after(scenario, 3)
    column, row = empty_cell(simulation)
    if scenario is PASTURE and "move" not in change:
        change = {"move": 0}
    simulation.perturb(4, {"move": f"{column},{row}"} if "move" in change else change)
    kept = unpack(pack(simulation.checkpoint()))
    future = run(simulation, 6)

    again = Simulation(scenario, 3)
    again.restore(kept)

    assert run(again, 6) == future


@pytest.mark.parametrize("scenario", STOPPABLE)
def test_a_stop_that_is_taken_back_leaves_no_trace(scenario: Scenario) -> None:
    changed, untouched = after(scenario, 3), after(scenario, 3)

    changed.perturb(2, {"stop": True})
    changed.perturb(None, {"restart": True})

    assert run(changed, 5) == run(untouched, 5)


@pytest.mark.parametrize(
    ("scenario", "agent", "change", "says"),
    [
        (FLOCK, 0, {}, "known are move, stop, restart"),
        (FLOCK, 0, {"belief": {"x": 1}}, "known are move, stop, restart"),
        (FLOCK, 0, {"move": 1, "stop": True}, "one change at a time"),
        (FLOCK, 40, {"stop": True}, "numbered 0 to 39"),
        (FLOCK, 0, {"stop": 1}, "allowed is true"),
        (FLOCK, None, {"move": 1}, "is for one agent"),
        (FLOCK, 0, {"move": "5,5"}, "beyond the edge"),
        (BIRDS, 0, {"move": 46 * 46 - 1}, "beyond the edge"),
        (FLOCK, 0, {"move": "1;1"}, "allowed is a cell, 0 to 35"),
        (FLOCK, 0, {"move": "-1,0"}, "below 6,6"),
        (FLOCK, 0, {"move": True}, "allowed is a cell"),
        (TOWN, 0, {"move": 120}, "allowed is a cell, 0 to 119"),
        (PASTURE, 0, {"stop": True}, "known are move"),
    ],
)
def test_what_cannot_be_changed_is_said_and_nothing_is(
    scenario: Scenario, agent: int | None, change: dict[str, Any], says: str
) -> None:
    simulation = after(scenario, 3)
    before = simulation.hash

    with pytest.raises(PerturbationError) as error:
        simulation.perturb(agent, change)

    assert says in str(error.value)
    assert simulation.hash == before


def test_nobody_is_moved_into_a_cell_that_is_lived_in() -> None:
    simulation = after(TOWN, 3)
    columns = simulation.tick().columns

    with pytest.raises(PerturbationError, match="somebody lives in"):
        simulation.perturb(1, {"move": f"{columns['x'][0]},{columns['y'][0]}"})
