"""Schelling's segregation: modest wishes part the kinds, and in the end all are content."""

import numpy as np
import pytest

from sim.parameters import ParameterError, build
from sim.scenarios.schelling import Schelling
from sim.simulation import Simulation
from tests.sim.going_on import hashes, hashes_with_and_without_a_stop


@pytest.mark.parametrize("wish", [{}, {"measure": "share", "homophily": 0.4}])
@pytest.mark.parametrize("seed", range(5))
def test_segregation_rises_until_everybody_is_happy(wish: dict[str, object], seed: int) -> None:
    by_chance = Simulation(Schelling(homophily=0.0), seed).tick().aggregates["segregation"]

    for last in Simulation(build(Schelling, wish), seed):
        if last.aggregates["happy"] == 1 or last.number == 300:
            break

    assert last.aggregates["happy"] == 1
    assert [log.kind for log in last.log] == ["settled"]
    assert abs(by_chance - 0.5) < 0.06
    assert last.aggregates["segregation"] > 0.72


def test_nobody_moves_once_all_are_happy() -> None:
    simulation = Simulation(Schelling(), seed=1)
    for settled in simulation:
        if settled.aggregates["happy"] == 1:
            break

    after = simulation.tick()

    assert after.aggregates["moved"] == 0
    assert after.log == ()
    for name, column in settled.columns.items():
        assert after.columns[name].tolist() == column.tolist()


def test_exactly_the_unhappy_move_and_no_two_live_in_one_cell() -> None:
    simulation = Simulation(Schelling(density=0.9, homophily=4.0), seed=2)
    before = simulation.tick()

    for tick in (simulation.tick() for _ in range(30)):
        place, was = ((t.columns["y"] * 20 + t.columns["x"]).astype(int) for t in (tick, before))
        assert len(set(place.tolist())) == tick.agents
        assert ((place != was) <= ~before.columns["happy"]).all()
        assert tick.aggregates["moved"] == (~before.columns["happy"]).sum()
        before = tick


def test_movers_take_empty_cells_one_after_the_other() -> None:
    scenario = Schelling(rows=8, columns=8, agents=58, homophily=5.0)
    simulation = Simulation(scenario, seed=3)

    for _ in range(20):
        at = simulation.checkpoint()
        draws = Simulation(scenario)
        draws.restore(at)
        order = draws._streams.order.random(58)
        chance = draws._streams.action.random(58)
        place, empty = at["world"]["place"].tolist(), at["world"]["empty"].tolist()
        unhappy = np.flatnonzero(~has_enough(at, scenario))
        for mover in sorted(unhappy.tolist(), key=lambda agent: order[agent]):
            choice = int(chance[mover] * len(empty))
            place[mover], empty[choice] = empty[choice], place[mover]
        simulation.tick()

        after = simulation.checkpoint()["world"]
        assert (after["place"].tolist(), after["empty"].tolist()) == (place, empty)


def has_enough(at: dict[str, dict[str, np.ndarray]], scenario: Schelling) -> np.ndarray:
    """Who has enough like neighbours, counted one by one."""
    place, kind = at["world"]["place"], at["world"]["kind"]
    row, column = np.divmod(place, scenario.columns)
    near = (np.abs(row[:, None] - row) <= 1) & (np.abs(column[:, None] - column) <= 1)
    like: np.ndarray = (near & (kind[:, None] == kind)).sum(axis=1) - 1 >= scenario.homophily
    return like


def test_a_lonely_agent_is_happy_only_if_it_wants_nobody() -> None:
    content, lonely = (
        Simulation(Schelling(agents=1, homophily=homophily)).tick() for homophily in (0.0, 1.0)
    )

    assert content.columns["happy"].tolist() == [True]
    assert lonely.columns["happy"].tolist() == [False]
    assert lonely.aggregates["segregation"] == 0


def test_the_share_of_cells_and_of_the_minority_are_as_asked_for() -> None:
    tick = Simulation(Schelling(rows=100, columns=100, density=0.7, minority=0.3), seed=1).tick()

    assert tick.agents == 7000
    assert abs(tick.columns["kind"].mean() - 0.3) < 3 * np.sqrt(0.3 * 0.7 / 7000)


def test_it_tells_of_each_agent_among_whom_it_lives() -> None:
    tick = Simulation(Schelling(), seed=1).tick()

    told = tick.detail.agent(5)

    assert tick.detail.belief(5) == {}
    assert told["like neighbours"] == tick.columns["like"][5]
    assert told["kind"] == ("majority", "minority")[tick.columns["kind"][5]]


def test_a_run_goes_on_from_a_checkpoint_as_if_never_stopped() -> None:
    resumed, whole = hashes_with_and_without_a_stop(Schelling(homophily=4.0), 5, 20)

    assert resumed == whole


def test_same_seed_same_run_and_another_seed_another() -> None:
    one, same, other = (hashes(Simulation(Schelling(), seed), 10) for seed in (1, 1, 2))

    assert one == same != other


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"rows": 7}, "rows"), ({"columns": 351}, "columns"), ({"density": 1.0}, "density"),
        ({"minority": 1.5}, "minority"), ({"homophily": -1.0}, "homophily"),
        ({"homophily": 2.0, "measure": "share"}, "homophily"), ({"radius": 4}, "radius"),
        ({"measure": "sum"}, "measure"), ({"agents": 400}, "agents"),
    ],
)  # fmt: skip
def test_a_parameter_out_of_bounds_is_refused(params: dict[str, object], named: str) -> None:
    with pytest.raises(ParameterError, match=f"`{named}` is "):
        build(Schelling, params)
