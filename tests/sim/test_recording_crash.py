"""What is left of a record whose writer is killed, or whose disk is full."""

import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.manifest import RecordingError
from sim.packing import unpack
from sim.recording import Recording
from tests.sim.records import make_event, make_recording, make_tick

BATCH = 7
WRITER = f"""
import sys
from pathlib import Path
from tests.sim.records import make_event, make_recording, make_tick
recording = make_recording(Path(sys.argv[1]))
tick = 0
while True:
    ticks = range(tick + 1, tick + {BATCH} + 1)
    tick += {BATCH}
    recording.append(
        [make_tick(n, agents=500) for n in ticks], [make_event(n) for n in ticks],
        (tick, {{"tick": tick}}),
    )
    print(tick, flush=True)
"""


@pytest.mark.parametrize("batches", [1, 5, 40])
def test_a_writer_killed_while_it_writes_loses_at_most_its_last_batch(
    tmp_path: Path, batches: int
) -> None:
    folder = tmp_path / "r1"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    for _ in range(batches):
        assert writer.stdout.readline(), "the writer ended by itself"

    writer.send_signal(signal.SIGKILL)

    said = int((str(BATCH * batches) + "\n" + writer.stdout.read()).split()[-1])
    assert writer.wait() == -signal.SIGKILL
    writer.stdout.close()
    with Recording.open(folder) as reader:
        last = reader.last_tick()
        assert last in (said, said + BATCH)
        assert_whole(reader, last)
    with Recording.open(folder, "append") as recording:
        recording.append([make_tick(last + 1)], [make_event(last + 1)])
        assert recording.last_tick() == last + 1


def assert_whole(recording: Recording, last: int) -> None:
    """All ticks, events and the checkpoint of every batch up to the last, and nothing beyond."""
    assert [row.tick for row in recording.ticks()] == list(range(1, last + 1))
    assert [row.offset for row in recording.all_events()] == list(range(1, last + 1))
    assert recording.positions() == {"run.r1.log.hit": ("e1", last)}
    assert recording.last_checkpoint() == (last, {"tick": last})
    assert all(unpack(row.columns or b"")["hits"] for row in recording.ticks())


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file of this process can grow beyond that many bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_one_clear_line_and_leaves_the_batches_before(tmp_path: Path) -> None:
    with make_recording(tmp_path / "r1") as recording:
        recording.append([make_tick(1)], [make_event(1)], (1, {"tick": 1}))

        too_many = [make_tick(tick, agents=5000) for tick in range(2, 50)]
        with largest_file(100_000), pytest.raises(RecordingError) as caught:
            recording.append(too_many, [make_event(tick.tick) for tick in too_many])

        assert str(caught.value).startswith(f"{tmp_path / 'r1' / 'run.sqlite'} cannot be used: ")
        assert [row.tick for row in recording.ticks()] == [1]
        assert [row.offset for row in recording.all_events()] == [1]
        recording.append([make_tick(2)], [])
        assert recording.last_tick() == 2
