"""A process that is spoken with in lines."""

import json
import selectors
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

ENDS_WITHIN = 20.0  # seconds


class Silence(Exception):  # noqa: N818 - it reads as a statement
    """A process said nothing in time, or ended."""


class Talk:
    """A child process; its standard error stays ours."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        pipe = subprocess.PIPE
        self._command = " ".join(command)
        self.process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, text=True, env=environment
        )
        self._selector = selectors.DefaultSelector()
        assert self.process.stdout is not None
        self._selector.register(self.process.stdout, selectors.EVENT_READ)

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def line(self, patience: float) -> str:
        """The next line; raises Silence. What talks here says one line at a time."""
        assert self.process.stdout is not None
        if not self._selector.select(patience):
            raise Silence(f"{self._command} said nothing within {patience:g} s")
        line = self.process.stdout.readline()
        if not line:
            raise Silence(f"{self._command} ended with status {self.process.wait()}")
        return line.rstrip("\n")

    def facts(self, patience: float) -> dict[str, Any]:
        """The next line, which is JSON."""
        found: dict[str, Any] = json.loads(self.line(patience))
        return found

    def pause(self) -> None:
        """Takes no processor time until it is resumed."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Closes its input, upon which it ends; else it is killed."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._selector.close()
