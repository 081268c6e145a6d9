"""The end of the server as its viewers see it: each is told when to come back, and is let go."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any

import pykka

from web.notices import Drain

_FIRST = 1.0  # seconds until the first client may come back
_SHORTEST = 1.0  # seconds over which they come at least
_PER_SECOND = 500  # clients that come back in a second: far below what a server takes in
_LOOK = 0.02  # seconds between looks at who is left


def waits(clients: int, chance: random.Random, processes: int = 1) -> list[float]:
    """Seconds until each may come back: one in each of as many equal parts of a window, in any
    order, so that no two are alike and no part of the window has more than another. Where several
    processes end, each has about as many clients."""
    window = max(_SHORTEST, clients * processes / _PER_SECOND)
    found = [_FIRST + window * (part + chance.random()) / clients for part in range(clients)]
    chance.shuffle(found)
    return [round(seconds, 6) for seconds in found]


async def drain(
    viewers: Callable[[], Sequence[pykka.ActorRef[Any]]], within: float, processes: int = 1
) -> bool:
    """Tells every viewer, those too whose handshake was under way, and returns when all have got
    what waited for them and are gone; False: some were not within so many seconds."""
    told: set[str] = set()
    try:
        async with asyncio.timeout(within):
            while left := viewers():
                new = [viewer for viewer in left if viewer.actor_urn not in told]
                times = waits(len(new), random.Random(), processes)
                for viewer, seconds in zip(new, times, strict=True):
                    told.add(viewer.actor_urn)
                    viewer.tell(Drain(seconds))
                await asyncio.sleep(_LOOK)
    except TimeoutError:
        return False
    return True
