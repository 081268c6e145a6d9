"""Generative models for tests: random ones, and hypothesis strategies of their seeds."""

import numpy as np

from sim.model import Array, Model


def distributions(random: np.random.Generator, *shape: int) -> Array:
    """Positive numbers that sum to one along the first axis."""
    values = random.random(shape) + 0.05
    normalized: Array = values / values.sum(axis=0)
    return normalized


def random_model(seed: int, shape: tuple[int, ...] = (3, 2), controls: int = 2) -> Model:
    """Two modalities of 3 and 2 outcomes; every factor has the same number of controls."""
    random = np.random.default_rng(seed)
    return Model(
        A=[distributions(random, 3, *shape), distributions(random, 2, *shape)],
        B=[distributions(random, size, size, controls) for size in shape],
        C=[random.normal(size=3), random.normal(size=2)],
        D=[distributions(random, size) for size in shape],
    )
