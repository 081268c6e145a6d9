"""The other end of fan-out benchmarks, as the measuring process sees it."""

import asyncio
import sys

PATIENCE = 60.0  # seconds


class Receivers:
    """A process full of clients that read everything."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, clients: int, port: int, path: str, message: str = "") -> "Receivers":
        command = [sys.executable, "-m", "loadtests.drain", str(port), path, str(clients), message]
        pipe = asyncio.subprocess.PIPE
        receivers = cls(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe))
        await receivers._told("ready")
        return receivers

    async def have(self, size: int) -> None:
        """Wait until so many bytes of frames have arrived since the start."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{size}\n".encode())
        await self._told("done")

    async def _told(self, word: str) -> None:
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = await self._process.stdout.readline()
        assert line.decode().strip() == word, f"expected {word}, got {line!r}"

    async def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
