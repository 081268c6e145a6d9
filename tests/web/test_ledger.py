"""What limits count, in one process and over several."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from web.ledger import Ledger, LocalLedger, SharedLedger

SLOTS = 3
KEYS = ("ada", "bob", "2001:db8::/64")
CHANGES = st.lists(
    st.tuples(
        st.integers(0, SLOTS - 1),
        st.sampled_from([(scope, key) for scope in ("user", "ip") for key in KEYS]),
        st.sampled_from(("come", "go", "take", "clear")),
    ),
    max_size=60,
)
HAMMER = """
import sys, time
from web.ledger import SharedLedger

descriptor, slot, what = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
ledger = SharedLedger(descriptor, slot)
print("ready", flush=True)
sys.stdin.readline()
got = 0
if what == "die":
    ledger.held().__enter__()
    ledger.add("ip", "x", 1)
    print("held", flush=True)
    time.sleep(60)
for _ in range(20_000):
    with ledger.held():
        if what == "connections" and ledger.taken("ip", "x") < 100:
            ledger.add("ip", "x", 1)
            got += 1
        if what == "messages" and not ledger.bucket("ip", "x", 30_000, 1e9, 0.0).take(0.0):
            got += 1
print(got, flush=True)
"""


@pytest.fixture
def shared() -> Iterator[SharedLedger]:
    ledger = SharedLedger.create(SLOTS, 100)
    yield ledger
    os.close(ledger.descriptor)


def hammer(ledger: SharedLedger, slot: int, what: str) -> subprocess.Popen[str]:
    """A process of its own that counts as fast as it can, once it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-c", HAMMER, str(ledger.descriptor), str(slot), what],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=(ledger.descriptor,),
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@given(CHANGES)
@settings(max_examples=200, deadline=None)
def test_what_is_shared_counts_as_one_table_would(
    changes: list[tuple[int, tuple[str, str], str]],
) -> None:
    first = SharedLedger.create(SLOTS, 10)
    try:
        ledgers = [SharedLedger(first.descriptor, slot) for slot in range(SLOTS)]
        counts = [Counter[tuple[str, str]]() for _ in range(SLOTS)]
        taken = Counter[tuple[str, str]]()
        for slot, place, what in changes:
            match what:
                case "come":
                    ledgers[slot].add(*place, 1)
                    counts[slot][place] += 1
                case "go" if counts[slot][place]:
                    ledgers[slot].add(*place, -1)
                    counts[slot][place] -= 1
                case "take":
                    wait = ledgers[slot].bucket(*place, 3, 60.0, 0.0).take(0.0)
                    assert (wait == 0) == (taken[place] < 3)
                    taken[place] += 1
                case "clear":
                    first.clear(slot)
                    counts[slot].clear()
            for ledger in ledgers:
                assert ledger.taken(*place) == sum(count[place] for count in counts)
    finally:
        os.close(first.descriptor)


@pytest.mark.parametrize("kind", [LocalLedger, lambda: SharedLedger.create(2, 10)])
def test_scopes_and_keys_are_apart(kind: type[Ledger]) -> None:
    ledger = kind()

    ledger.add("all", "", 1)
    ledger.add("user", "ada", 1)
    ledger.add("user", "ada", 1)
    ledger.add("user", "ada", -1)

    assert ledger.taken("all", "") == 1
    assert ledger.taken("user", "ada") == 1
    assert ledger.taken("ip", "ada") == 0
    assert ledger.taken("user", "bob") == 0


@pytest.mark.parametrize(("what", "limit"), [("connections", 100), ("messages", 30_000)])
def test_processes_that_count_at_once_never_admit_more_than_the_limit(
    shared: SharedLedger, what: str, limit: int
) -> None:
    processes = [hammer(shared, slot, what) for slot in range(SLOTS)]

    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    got = [int(process.communicate(timeout=60)[0]) for process in processes]

    assert sum(got) == limit


def test_a_process_that_dies_with_the_lock_in_its_hand_lets_go_of_it_and_of_its_places(
    shared: SharedLedger,
) -> None:
    process = hammer(shared, 2, "die")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "held\n"
    process.send_signal(signal.SIGSTOP)

    # It is only halted: nobody waits for it without end.
    with shared.held():
        assert shared.taken("ip", "x") == 1
    process.kill()
    process.communicate()
    shared.clear(2)

    with shared.held():
        assert shared.taken("ip", "x") == 0


def test_a_bucket_outlives_its_connections(shared: SharedLedger) -> None:
    shared.add("ip", "x", 1)
    for _ in range(5):
        shared.bucket("ip", "x", 5, 60.0, 10.0).take(10.0)
    shared.add("ip", "x", -1)

    again = SharedLedger(shared.descriptor, 1)

    assert again.bucket("ip", "x", 5, 60.0, 10.0).take(10.0) > 0
    assert again.bucket("ip", "x", 5, 60.0, 70.0).take(70.0) == 0


def test_keys_without_connections_make_room_for_others_and_those_with_one_stay() -> None:
    ledger = SharedLedger.create(2, 1)
    now = time.monotonic()
    ledger.add("user", "stays", 1)
    ledger.bucket("user", "stays", 5, 60.0, now).take(now)

    for number in range(20_000):
        ledger.bucket("ip", f"guest {number}", 5, 60.0, now).take(now)

    assert ledger.taken("user", "stays") == 1
    assert ledger.taken("ip", "guest 1") == 0
    os.close(ledger.descriptor)


def test_where_there_is_no_row_left_a_key_counts_as_full() -> None:
    ledger = SharedLedger.create(2, 1)

    for number in range(20_000):
        ledger.add("ip", f"guest {number}", 1)

    full = [n for n in range(20_000, 20_100) if ledger.taken("ip", f"guest {n}") > 10**6]
    assert len(full) == 100
    assert ledger.bucket("ip", f"guest {full[0]}", 5, 60.0, 0.0).take(0.0) > 0
    os.close(ledger.descriptor)
