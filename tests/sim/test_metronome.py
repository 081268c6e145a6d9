"""The metronome: beats of a chosen size, with the time of the clock that is handed in."""

from itertools import count, islice

import pytest

from sim.parameters import ParameterError, build
from sim.scenarios.metronome import Metronome
from sim.simulation import Simulation


def test_each_tick_brings_as_many_beats_as_asked_for_counted_on() -> None:
    simulation = Simulation(Metronome(events_per_tick=3, bytes=4), clock=count(100).__next__)

    beats = [log for tick in islice(simulation, 2) for log in tick.log]

    assert {log.kind for log in beats} == {"beat"}
    assert [log.data for log in beats] == [
        {"t": 99 + n, "n": n, "pad": "xxxx"} for n in range(1, 7)
    ]  # fmt: skip


def test_the_time_never_enters_the_hash() -> None:
    early = Simulation(Metronome(), clock=count(0).__next__)
    late = Simulation(Metronome(), clock=count(10**9).__next__)

    for one, other in islice(zip(early, late, strict=True), 10):
        assert one.hash == other.hash
        assert one.log != other.log


def test_without_a_clock_the_time_is_the_simulated_one() -> None:
    ticks = islice(Simulation(Metronome()), 2)

    assert [tick.log[0].data["t"] for tick in ticks] == [10**9, 2 * 10**9]


def test_the_rate_is_a_parameter() -> None:
    assert build(Metronome, {"hz": 250}).hz == 250.0
    assert Metronome().hz == 10.0


@pytest.mark.parametrize(
    ("name", "value"),
    [("hz", 0.0), ("hz", 10_001.0), ("bytes", -1), ("bytes", 65_537), ("events_per_tick", 0)],
)
def test_a_parameter_out_of_bounds_is_refused(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match=f"`{name}` is "):
        build(Metronome, {name: value})


def test_its_agents_have_no_belief() -> None:
    tick = Simulation(Metronome(agents=2)).tick()

    assert tick.detail.belief(1) == {}
    assert tick.columns["beats"].tolist() == [1.0, 1.0]
