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
from types import SimpleNamespace
from web.auth import anonymous
from web.errors import Refusal
from web.ledger import SharedLedger
from web.limits import RateLimits
from web.pool import Member, Pool

descriptor, slot, what = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
# However busy the machine is, nobody may go on without the lock here.
ledger = SharedLedger(descriptor, slot, patience=60.0)
room = SimpleNamespace(connections=0, connections_per_user=0, connections_per_ip=1)
rates = SimpleNamespace(
    messages_per_connection=0, messages_per_user=0, messages_per_ip=30_000, window=1e9
)
pool = Pool(room, ledger)
allowance = RateLimits(rates, ledger).allowance(None, "x", 0.0)

member = Member("c1", anonymous(control=False), "x", 0.0, None)


def visit():
    # By how many connections the limit is passed.
    pool.admit(member)
    over = ledger.taken("ip", "x") - 1
    pool.leave(member, 1000)
    return over


def say():
    allowance.take(0.0)
    return 1


print("ready", flush=True)
sys.stdin.readline()
if what == "die":
    pool.admit(member)
    ledger.held().__enter__()
    print("held", flush=True)
    time.sleep(60)
got = []
for _ in range(20_000):
    try:
        got.append(visit() if what == "visit" else say())
    except Refusal:
        continue
print(len(got), sum(got), flush=True)
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


def hammered(ledger: SharedLedger, what: str) -> list[list[int]]:
    """What came of it at each of several processes that do it at the same time: how often it was
    admitted, and the sum of what it saw."""
    processes = [hammer(ledger, slot, what) for slot in range(SLOTS)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0] for process in processes]
    return [[int(number) for number in line.split()] for line in said]


def test_processes_that_admit_at_once_never_pass_a_limit(shared: SharedLedger) -> None:
    seen = hammered(shared, "visit")

    assert all(admitted for admitted, _ in seen)
    assert [over for _, over in seen] == [0] * SLOTS


def test_processes_that_take_at_once_share_what_a_bucket_holds(shared: SharedLedger) -> None:
    seen = hammered(shared, "say")

    assert sum(admitted for admitted, _ in seen) == 30_000


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
        assert (shared.taken("ip", "x"), shared.taken("all", "")) == (0, 0)


def test_a_bucket_outlives_its_connections(shared: SharedLedger) -> None:
    shared.add("ip", "x", 1)
    for _ in range(5):
        shared.bucket("ip", "x", 5, 60.0, 10.0).take(10.0)
    shared.add("ip", "x", -1)

    again = SharedLedger(shared.descriptor, 1)

    assert again.bucket("ip", "x", 5, 60.0, 10.0).take(10.0) > 0
    assert again.bucket("ip", "x", 5, 60.0, 70.0).take(70.0) == 0


def test_a_process_that_read_the_clock_earlier_but_comes_later_refills_nothing_twice(
    shared: SharedLedger,
) -> None:
    other = SharedLedger(shared.descriptor, 1)

    waits = [
        ledger.bucket("ip", "x", 10, 10.0, now).take(now)
        for _ in range(100)
        for ledger, now in ((shared, 100.5), (other, 100.0))
    ]

    assert waits.count(0.0) == 10


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
