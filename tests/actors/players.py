"""Actors that do what a test needs, on the loop and on a thread alike."""

from typing import Any

import pykka

from actors.loop import LoopActor
from actors.thread import ThreadActor


class Diary:
    """Keeps what happened, for the test to read; survives the actors that write it."""

    def __init__(self) -> None:
        self.lines: list[Any] = []

    def __call__(self, line: Any) -> None:
        self.lines.append(line)


class Player(pykka.Actor):
    """Writes what it lives through; a message may be an error to raise or a function to call."""

    title = "player"

    def __init__(self, diary: Diary | None = None, name: str = "") -> None:
        super().__init__()
        self._diary = diary if diary is not None else Diary()
        self._name = f"{name} " if name else ""

    def write(self, line: str) -> None:
        self._diary(f"{self._name}{line}")

    def on_start(self) -> Any:
        self.write("started")

    def on_stop(self) -> Any:
        self.write("stopped")

    def on_failure(self, exception_type: Any, exception_value: Any, traceback: Any) -> None:
        self.write(f"failed of {exception_value!r}")

    def on_receive(self, message: Any) -> Any:
        if isinstance(message, BaseException):
            raise message
        if callable(message):
            return message(self)
        self.write(str(message))
        return message

    def double(self, number: int) -> int:
        return 2 * number

    def broken(self) -> None:
        raise ValueError("broken")


class LoopPlayer(Player, LoopActor):
    """A player on the loop."""


class ThreadPlayer(Player, ThreadActor):
    """A player with a thread."""


BOTH = (LoopPlayer, ThreadPlayer)
