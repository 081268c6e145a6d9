"""Drives the fuzzing client of the Autobahn test suite, which `autobahn.py` has converted.

Runs in the suite's own environment: python autobahn_client.py URL REPORT CASE...

The suite was written for Python 2, where text and bytes were one. Here its texts stay texts, in
which each character stands for one byte, and are turned into bytes and back where they meet the
protocol. Whether a case is passed is decided by the suite's own code alone.
"""

import binascii
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import txaio
import wsaccel

txaio.use_twisted()
wsaccel.patch_autobahn()


def packed(data: str | bytes | None) -> bytes | None:
    """The bytes that a text stands for."""
    return data.encode("latin-1") if isinstance(data, str) else data


def read(data: bytes) -> str:
    """The text that stands for these bytes."""
    return data.decode("latin-1")


def hexed(plain: Callable[[bytes | None], bytes]) -> Callable[[str | bytes], str]:
    """A function of binascii as it was for texts."""
    return lambda data: plain(packed(data)).decode()


for name in ("b2a_hex", "hexlify"):
    setattr(binascii, name, hexed(getattr(binascii, name)))

from autobahntestsuite import fuzzing  # noqa: E402 - the names above must be in place
from autobahntestsuite.case.case import Case  # noqa: E402
from twisted.internet import reactor  # noqa: E402

Protocol: Any = fuzzing.FuzzingClientProtocol
SENDERS = ("sendFrame", "sendMessage", "sendPing", "sendPong", "sendMessageFrameData",
           "sendMessageFrame", "sendData", "sendCloseFrame")  # fmt: skip


class Client(Protocol):  # type: ignore[misc]  # the suite has no types
    """The suite's protocol, with bytes at its edge and without its log of the wire."""

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802
        # The cases of compression compare bytes.
        is_plain = hasattr(self.runCase, "TESTDATA")
        self.runCase.onMessage(payload if is_plain else read(payload), isBinary)

    def onPong(self, payload: bytes) -> None:  # noqa: N802
        self.runCase.onPong(read(payload))

    def onClose(self, wasClean: bool, code: int, reason: str) -> None:  # noqa: N802
        self.runCase.onClose(wasClean, code, reason)

    def logRxOctets(self, data: bytes) -> None:  # noqa: N802
        pass

    def logTxOctets(self, data: bytes, sync: bool) -> None:  # noqa: N802
        pass

    def logRxFrame(self, header: Any, _payload: object) -> None:  # noqa: N802
        self.rxFrameStats[header.opcode] = self.rxFrameStats.get(header.opcode, 0) + 1

    def logTxFrame(self, header: Any, *_: object) -> None:  # noqa: N802
        self.txFrameStats[header.opcode] = self.txFrameStats.get(header.opcode, 0) + 1


def sender(name: str) -> Callable[..., Any]:
    """A method that turns the texts it is given into bytes."""
    plain = getattr(Protocol, name)

    def send(self: Client, *args: Any, **named: Any) -> Any:
        told = {key: packed(value) for key, value in named.items()}
        return plain(self, *map(packed, args), **told)

    return send


for name in SENDERS:
    setattr(Client, name, sender(name))


def main(url: str, report: str, *cases: str) -> None:
    """Run the cases; the report is a JSON list of what became of each."""
    results: list[dict[str, Any]] = []
    told = ("id", "behavior", "behaviorClose", "duration", "remoteCloseCode", "result")

    def log_case(_factory: object, result: dict[str, Any]) -> None:
        results.append({name: result[name] for name in told})

    fuzzing.FuzzingClientProtocol = Client
    fuzzing.FuzzingClientFactory.logCase = log_case
    fuzzing.FuzzingClientFactory.createReports = lambda _factory: None
    fuzzing.binLogData = fuzzing.asciiLogData = lambda data, *_args, **_named: repr(data[:64])
    Case.compare = lambda _case, one, other: one == other
    server = {"agent": "Stagewatch", "url": url, "options": {"version": 18}}
    spec = {"servers": [server], "cases": list(cases), "exclude-cases": []}
    fuzzing.startClient({**spec, "exclude-agent-cases": {}})
    reactor.run()
    Path(report).write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
