"""Random numbers by purpose, so that what one part draws never shifts another's."""

from collections.abc import Mapping
from typing import Any

import numpy as np

PURPOSES = ("environment", "action", "ties", "order")


class Streams:
    """One generator per purpose, all from one seed.

    Each tick draws once per purpose, one number per agent, in the order of the agents; neither
    block size nor what an agent does with its number changes anyone else's.
    """

    def __init__(self, seed: int, replication: int = 0) -> None:
        children = np.random.SeedSequence([seed, replication]).spawn(len(PURPOSES))
        self.environment, self.action, self.ties, self.order = (
            np.random.Generator(np.random.PCG64(child)) for child in children
        )

    def state(self) -> dict[str, Any]:
        """Where each stream stands, in plain values (the 128-bit numbers as hexadecimal)."""
        return {purpose: _position(getattr(self, purpose)) for purpose in PURPOSES}

    def restore(self, state: Mapping[str, Any]) -> None:
        for purpose in PURPOSES:
            saved = state[purpose]
            getattr(self, purpose).bit_generator.state = {
                "bit_generator": "PCG64",
                "state": {name: int(saved[name], 16) for name in ("state", "inc")},
                "has_uint32": saved["has_uint32"],
                "uinteger": saved["uinteger"],
            }


def _position(generator: np.random.Generator) -> dict[str, Any]:
    state: Mapping[str, Any] = generator.bit_generator.state
    return {
        "state": f"{state['state']['state']:x}",
        "inc": f"{state['state']['inc']:x}",
        "has_uint32": int(state["has_uint32"]),
        "uinteger": int(state["uinteger"]),
    }
