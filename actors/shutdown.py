"""How a supervisor stops its children: in reverse order, each within its time."""

import itertools
from collections.abc import Iterable, Iterator

from pykka.messages import _ActorStop

from actors.child import Entry
from actors.clock import Clock
from actors.future import LoopFuture
from actors.reference import ENDED, NOTHING_AT_ALL
from actors.restart import Restart


def overdue(entry: Entry) -> str:
    """Why a child was ended by force."""
    return f"did not stop within {entry.child.stop_timeout:g} s"


async def stop_in_order(entries: Iterable[Entry], clock: Clock, *, keep: bool) -> None:
    """Stop children, the last one first; those that outlive their time are ended by force.

    Neighbours that are temporary (connections, by the thousand) are stopped all at once.
    `keep`: it is for a restart; they stop before the messages that wait, and these are kept.
    """
    for group in groups(entries):
        asked = [(entry, ask_to_stop(entry, keep=keep)) for entry in group]
        started = clock.now()
        for entry, ended in asked:
            left = started + entry.child.stop_timeout - clock.now()
            if not await ended.within(left, clock):
                entry.ref.kill(overdue(entry), keep=waits(entry, keep))


def groups(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Who is stopped together, in the order of stopping."""
    backwards = reversed(list(entries))
    for temporary, neighbours in itertools.groupby(
        backwards, lambda entry: entry.child.restart is Restart.TEMPORARY
    ):
        if temporary:
            yield list(neighbours)
        else:
            yield from ([entry] for entry in neighbours)


def ask_to_stop(entry: Entry, *, keep: bool) -> LoopFuture[bool]:
    """Done when the child has ended."""
    entry.cancel_timer()
    entry.lives = False
    ref = entry.ref
    if not waits(entry, keep):
        # Its supervisor wants it gone, so that its mailbox has nothing to wait for.
        ref.survives = NOTHING_AT_ALL
    ended = ref.ended()
    if not ended.done():
        if waits(entry, keep):
            ref.halt(keep=True)
        else:
            ref.tell(_ActorStop())
    elif not waits(entry, keep):
        ref.close(ENDED)
    return ended


def waits(entry: Entry, keep: bool) -> bool:
    """Whether the child's mailbox is kept for its next incarnation."""
    return keep and entry.child.restart is not Restart.TEMPORARY and entry.stops is None
