"""The load runs' latency histogram."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from loadtests.histogram import Histogram

DURATIONS = st.lists(st.floats(1e-6, 100), min_size=1, max_size=200)


@given(DURATIONS, st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_is_right_to_one_per_cent(durations: list[float], share: float) -> None:
    histogram = Histogram()
    for seconds in durations:
        histogram.add(seconds)

    exact = float(np.quantile(durations, share, method="inverted_cdf"))

    assert exact * 0.99 <= histogram.percentile(share) <= exact * 1.011


def test_nothing_measured_gives_no_figure() -> None:
    assert math.isnan(Histogram().percentile(0.5))
