"""The other end of fan-out benchmarks, as the measuring process sees it."""

import sys
from collections.abc import Sequence
from typing import Any

from loadtests.cores import on_client_core
from loadtests.talk import Talk

PATIENCE = 60.0  # seconds


class Receivers:
    """A process full of clients that read everything."""

    def __init__(
        self, clients: int, port: int, path: str, message: str = "", headers: str = ""
    ) -> None:
        words = [str(port), path, str(clients), message, headers]
        self._talk = Talk(on_client_core([sys.executable, "-m", "loadtests.drain", *words]))
        self._expect("ready")

    def have(self, size: int) -> int:
        """Wait until so many bytes of frames have arrived since the start; when they had, in
        nanoseconds of the monotonic clock."""
        self._talk.say(str(size))
        return int(self._expect("done")[0])

    def pause(self) -> None:
        self._talk.pause()

    def resume(self) -> None:
        self._talk.resume()

    def end(self) -> None:
        self._talk.end()

    def _expect(self, word: str) -> Sequence[str]:
        first, *rest = self._talk.line(PATIENCE).split()
        if first != word:
            raise RuntimeError(f"the drain said {first} {rest}, not {word}")
        return rest


class Watchers:
    """A process full of clients that note how old each frame is when they have it whole."""

    def __init__(self, clients: int, port: int, path: str, message: str) -> None:
        words = [str(port), path, str(clients), message]
        self._talk = Talk(on_client_core([sys.executable, "-m", "loadtests.stopwatch", *words]))
        self.report()

    def report(self) -> dict[str, Any]:
        """What came since the last report, as loadtests/stopwatch.py has it."""
        return self._asked("report")

    def stall(self) -> None:
        """They read no more, and their sockets take little."""
        self._asked("stall")

    def go_on(self) -> None:
        """They read again."""
        self._asked("go_on")

    def end(self) -> None:
        self._talk.end()

    def _asked(self, line: str) -> dict[str, Any]:
        self._talk.say(line)
        return self._talk.facts(PATIENCE)
