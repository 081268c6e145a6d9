"""Compares two recorded runs, in a process of its own, so that nobody waits for it."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from web.errors import COMMAND_FAILED, CONFLICT, Refusal

AT_ONCE = 2
WITHIN = 60.0  # seconds
MOST_DISTANCES = 200


class Comparison:
    """Of runs in a data folder, a few at a time."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._under_way = 0

    async def of(self, one: str, two: str) -> dict[str, Any]:
        """As `sim.difference` has it, with 200 distances at most. Raises Refusal."""
        if self._under_way >= AT_ONCE:
            raise Refusal(CONFLICT, reason="other runs are being compared; try again later")
        self._under_way += 1
        try:
            found = await self._run(one, two)
        finally:
            self._under_way -= 1
        return found

    async def _run(self, one: str, two: str) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "web.cli", "diff", one, two, "--json"),
            *("--distances", str(MOST_DISTANCES), "--data", str(self._data_dir)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(WITHIN):
                said, error = await process.communicate()
        except TimeoutError:
            reason = f"the runs are too long to be compared within {WITHIN:g} s"
            raise Refusal(COMMAND_FAILED, reason=reason) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode not in (0, 1):
            text = error.decode(errors="replace").strip().removeprefix("Error: ")
            raise Refusal(COMMAND_FAILED, reason=text or "the comparison failed")
        found: dict[str, Any] = json.loads(said)
        return found
