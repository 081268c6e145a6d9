"""What a front is told at its start, through its standard input, and how it is started."""

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import msgspec

MODULE = "web.front"


@dataclass(frozen=True, slots=True)
class FrontLaunch:
    """`slot` is its number among `processes`; `port` is the one that all listen at; `line` and
    `ledger` are descriptors that it inherits; `settings` are those that differ, by path."""

    slot: int
    processes: int
    port: int
    line: int
    ledger: int
    settings: dict[str, Any]


def start(launch: FrontLaunch, line: socket.socket) -> subprocess.Popen[bytes]:
    """Starts a front in a session of its own; what it says goes where this process' words go.

    To be called on a thread. Raises OSError.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("STAGEWATCH_")
    }
    child = subprocess.Popen(
        [sys.executable, "-m", MODULE, str(launch.slot)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=(line.fileno(), launch.ledger),
        env=environment,
    )
    assert child.stdin is not None
    try:
        with child.stdin as stdin:
            stdin.write(msgspec.json.encode(launch))
    except BrokenPipeError:
        pass  # it died already, which is noticed soon enough
    return child


def unpacked(data: bytes) -> FrontLaunch:
    """Raises msgspec.DecodeError where it is no launch."""
    return msgspec.json.decode(data, type=FrontLaunch)
