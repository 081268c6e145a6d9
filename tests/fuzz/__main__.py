"""Feeds hostile frames and messages until enough is done, and tells the seed of what fails.

python -m tests.fuzz --frames 1000000
python -m tests.fuzz --seconds 600 --seed 7
"""

import asyncio
import random
import time
from itertools import count

import click
import psutil

from tests.fuzz.rounds import Tally, dialogue_round, parser_round, server_round

SHARES = {"parser": 6000, "dialogue": 2000, "server": 2000}  # of one round
WARM_UP = 5  # rounds
MOST_GROWTH = 64 * 2**20  # bytes


class Growth:
    """By how much resident memory grew since the first rounds, which fill what is kept anyway."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._first = 0
        self.bytes = 0

    def look(self, rounds: int) -> None:
        """Measures after so many rounds; what hostile input took must have been given back."""
        now = self._process.memory_info().rss
        if rounds <= WARM_UP:
            self._first = now
        self.bytes = now - self._first
        assert self.bytes <= MOST_GROWTH, f"{self.bytes:,} bytes more; {MOST_GROWTH:,} are allowed"


def one_round(seed: int) -> Tally:
    """A round of each kind."""
    tally = Tally()
    tally.add(parser_round(seed, SHARES["parser"]))
    tally.add(dialogue_round(seed, SHARES["dialogue"]))
    tally.add(asyncio.run(server_round(seed, SHARES["server"])))
    return tally


@click.command()
@click.option("--frames", default=1_000_000, show_default=True, help="To feed; 0: no bound.")
@click.option("--seconds", default=0.0, show_default=True, help="To go on for; 0: no bound.")
@click.option("--seed", default=None, type=int, help="Of the first round; drawn if not given.")
def main(frames: int, seconds: float, seed: int | None) -> None:
    """Feed hostile frames and messages to the parser, the dialogue and a server."""
    seed = random.randrange(10**9) if seed is None else seed
    total, growth, began = Tally(), Growth(), time.monotonic()
    for rounds in count(1):
        now = seed + rounds - 1
        try:
            total.add(one_round(now))
            growth.look(rounds)
        except BaseException:
            click.echo(f"Seed {now} failed; to repeat it: make fuzz SEED={now} FRAMES=1", err=True)
            raise
        elapsed = time.monotonic() - began
        click.echo(f"seed {now}: {total.frames:,} frames and messages in {elapsed:.0f} s")
        if (frames and total.frames >= frames) or (seconds and elapsed >= seconds):
            break
    ends = ", ".join(f"{n:,} with {code}" for code, n in total.closes.most_common())
    click.echo(f"{total.streams:,} streams ended: {ends}")
    click.echo(f"Memory grew by {growth.bytes:,} bytes")


if __name__ == "__main__":
    main()
