"""The parts of the load tests and benchmarks that could measure wrongly without a word."""

import json
import socket
import sys
from pathlib import Path

import pytest

from loadtests.climb import findings
from loadtests.compiled import NotCompiledError, compiled
from loadtests.figures import Figures, gather
from loadtests.stopwatch import Watcher
from loadtests.table import BEGIN, END, NoMarkError, placed, rendered
from loadtests.talk import Silence, Talk
from web.frames import PING, TEXT, make_frame


def make_watcher(early: bytes = b"") -> Watcher:
    with socket.socket() as unused:
        return Watcher(unused, early, is_sample=True)


def event_frame(t: int, *, events: int = 1, pad: int = 0) -> bytes:
    rows = [
        {"topic": "run.a.log.beat", "offset": n, "data": {"t": t, "pad": "x" * pad}}
        for n in range(events)
    ]
    text = json.dumps({"type": "event", "events": rows}, separators=(",", ":"))
    return make_frame(TEXT, text.encode())


def take_in_pieces(watcher: Watcher, stream: bytes, size: int) -> list[int]:
    found = []
    for at in range(0, len(stream), size):
        found += watcher.take(memoryview(stream[at : at + size]))
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 130, 4096, 100_000])
def test_a_watcher_finds_every_frame_however_the_stream_is_cut(size: int) -> None:
    watcher = make_watcher()
    frames = [event_frame(11), event_frame(22, pad=200), event_frame(33, events=9, pad=9000)]

    times = take_in_pieces(watcher, b"".join(frames), size)

    assert times == [11, 22, 33]
    assert (watcher.frames, watcher.events) == (3, 11)
    assert watcher.bytes == sum(map(len, frames))


def test_a_watcher_counts_no_ping_and_takes_no_time_from_an_answer() -> None:
    watcher = make_watcher(make_frame(TEXT, b'{"type":"response"}'))

    times = watcher.take(memoryview(make_frame(PING, b"") + event_frame(5)))

    assert times == [5]
    assert watcher.frames == 2


def test_figures_of_several_processes_add_up(tmp_path: Path) -> None:
    for number in (1, 2):
        one = Figures()
        one.connected(0.01 * number)
        one.refused["CONNECTION_LIMIT_EXCEEDED 1013"] += number
        one.latency.add(number)
        one.write(tmp_path / f"{number}.json")

    total = gather(tmp_path.glob("*.json"))

    assert total.held == 2
    assert total.refused == {"CONNECTION_LIMIT_EXCEEDED 1013": 3}
    assert (total.latency.count, total.latency.largest) == (2, 2.0)
    assert total.handshake.percentile(0.4) == pytest.approx(0.01, rel=0.02)


def make_climb(*, refusal: str = "CONNECTION_LIMIT_EXCEEDED 1013", past_ms: float = 50) -> Figures:
    figures = Figures()
    figures.held, figures.events = 10, 100
    figures.latency.add(0.05)
    figures.turn()
    figures.latency.add(past_ms / 1000)
    figures.refused[refusal] = 4
    figures.failed["connect: ConnectionRefusedError"] = 4
    return figures


def wrong(figures: Figures) -> list[str]:
    return [what for what, _, is_good in findings(figures, connections=10) if not is_good]


def test_a_climb_in_which_nobody_inside_notices_is_good() -> None:
    assert wrong(make_climb()) == []


def test_a_climb_is_wrong_where_those_inside_notice_or_the_refusal_is_another() -> None:
    lost, failing = make_climb(), make_climb()
    lost.lost = 1
    failing.failed["ping: Timeout"] = 1

    assert wrong(lost) == ["connections lost inside"]
    assert wrong(failing) == ["failed requests inside"]
    assert wrong(make_climb(past_ms=500)) == ["latency p99 until full, past it"]
    assert wrong(make_climb(refusal="ConnectionResetError")) == ["refused, by code and close code"]


REPORT = {
    "conditions": {
        "date": "2026-01-01", "python": "3.11.0", "system": "Linux 6.1", "processor": "Some CPU",
        "cores": 2,
    },
    "load": {"fanout": 0.1},
    "fanout": [
        {"what": "picows", "deliveries_per_second": 123_456.0, "of_limit": 0.5},
        {"what": "Stagewatch", "deliveries_per_second": 200_400.0, "of_limit": 0.81},
        {"what": "C, send() alone", "left_out": "there is no C compiler here"},
    ],
}  # fmt: skip


def test_the_table_tells_the_fastest_first_and_who_is_missing() -> None:
    text = rendered(REPORT)

    assert text.index("| **Stagewatch** | 200,000 | 0.81 |") < text.index("| picows | 123,000 |")
    assert "Not measured: C, send() alone: there is no C compiler here." in text
    assert "Python 3.11.0, Linux 6.1, Some CPU, 2 cores" in text


def test_the_table_takes_the_place_of_the_one_before() -> None:
    once = placed(f"# Top\n{BEGIN}\n{END}\nBelow.\n", "| old |")

    assert placed(once, "| new |") == f"# Top\n{BEGIN}\n| new |\n{END}\nBelow.\n"
    with pytest.raises(NoMarkError):
        placed("# Top\n", "| new |")


def test_a_program_that_does_not_compile_says_so(tmp_path: Path) -> None:
    source = tmp_path / "broken.c"
    source.write_text("int main(void) { return here; }")

    with pytest.raises(NotCompiledError, match=r"no C compiler|broken\.c does not compile"):
        compiled(source, tmp_path)


def test_a_process_that_ends_is_told_from_one_that_is_slow() -> None:
    talk = Talk([sys.executable, "-c", "import sys; print('hello'); sys.exit(3)"])

    assert talk.line(patience=30) == "hello"
    with pytest.raises(Silence, match="status 3"):
        talk.line(patience=30)
    talk.end()
