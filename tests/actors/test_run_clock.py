"""The rate of a run, on times that the test makes up."""

import pytest

from actors.run_clock import CATCH_UP, Pace


def ticks_within(pace: Pace, seconds: float, work: float, late: float = 0.0) -> int:
    """Ticks made until then, each taking `work` seconds and beginning `late` after it is due."""
    now, ticks = 0.0, 0
    while True:
        wait = pace.wait(now)
        now += wait + (late if wait else 0.0)
        if now >= seconds:
            return ticks
        now += work
        pace.ticked(now)
        ticks += 1


@pytest.mark.parametrize("hz", [1.0, 20.0, 30.0, 240.0, 1000.0])
def test_the_rate_is_kept_within_one_percent_though_every_wake_up_is_late(hz: float) -> None:
    ticks = ticks_within(Pace(hz, 0.0), 100.0, work=0.2 / hz, late=0.0005)

    assert ticks == pytest.approx(100.0 * hz, rel=0.01)


def test_at_speed_zero_a_tick_is_always_due() -> None:
    pace = Pace(0.0, 0.0)

    pace.ticked(5.0)

    assert pace.wait(5.0) == 0.0


def test_a_short_delay_is_made_good() -> None:
    pace = Pace(100.0, 0.0)
    pace.ticked(0.1)

    assert [pace.wait(0.1), pace.wait(0.0)] == [0.0, 0.01]


def test_a_long_delay_is_forgotten_but_for_a_little() -> None:
    pace = Pace(100.0, 0.0)
    pace.ticked(60.0)
    made = 0
    while pace.wait(60.0) == 0.0:
        pace.ticked(60.0)
        made += 1

    assert made == pytest.approx(CATCH_UP * 100, abs=1)


def test_a_pause_is_no_delay_to_make_good() -> None:
    pace = Pace(10.0, 0.0)
    pace.resume(60.0)
    pace.ticked(60.0)

    assert pace.wait(60.0) == pytest.approx(0.1)


def test_a_new_rate_holds_from_now_on() -> None:
    pace = Pace(0.1, 0.0)
    pace.ticked(0.0)

    pace.change(100.0, 2.0)

    assert pace.wait(2.0) == pytest.approx(0.01)
