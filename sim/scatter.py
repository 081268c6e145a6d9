"""Where in its cell an agent is drawn, so that those who share a cell can be told apart."""

import numpy as np
from numpy.typing import NDArray

RADIUS = 0.38  # of a cell
_TURN = np.pi * (3 - np.sqrt(5))
_RING = 0.7548776662466927  # spreads radii evenly, whatever the number of agents


def scatter(agents: int) -> NDArray[np.float64]:
    """Fixed offsets (2, agents) across and down, for the eye only: no rule looks at them."""
    numbers = np.arange(agents)
    radius = RADIUS * np.sqrt(numbers * _RING % 1.0)
    offsets: NDArray[np.float64] = radius * np.stack(
        [np.cos(numbers * _TURN), np.sin(numbers * _TURN)]
    )
    return offsets
