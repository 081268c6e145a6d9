"""Which checkpoints of a run are kept: as many as fit, evenly spread over the older part of it."""

from collections.abc import Sequence

RECENT = 16  # the last ones, which are kept as dense as they were taken
FEWEST = 3  # of them that are kept even where they are too large
MOST = 64
SHARE = 8  # checkpoints together may have this part of the bytes that a record may have


def superfluous(checkpoints: Sequence[tuple[int, int]], max_bytes: int = 0) -> list[int]:
    """The ticks whose checkpoints go, of (tick, bytes) by rising tick.

    All are kept up to MOST, and up to their share of `max_bytes` where that is not 0. Beyond, those
    go whose neighbours are nearest, so that the ways between the older ones stay about even and
    become longer with the run. The first stays, from which a run can always be made again, and the
    last ones.
    """
    kept = list(checkpoints)
    gone: list[int] = []
    size = sum(size for _, size in kept)
    most = max_bytes // SHARE if max_bytes else size
    while len(kept) > MOST or size > most:
        recent = RECENT if len(kept) > RECENT + 1 else FEWEST
        older = range(1, len(kept) - recent)
        if not older:
            break
        tick, bytes_ = kept.pop(min(older, key=lambda i: kept[i + 1][0] - kept[i - 1][0]))
        gone.append(tick)
        size -= bytes_
    return gone
