"""Compares two recorded runs, a few pairs at a time."""

import json
from pathlib import Path
from typing import Any

from web.errors import COMMAND_FAILED, CONFLICT, Refusal
from web.own_command import MistakeError, said

AT_ONCE = 2
WITHIN = 60.0  # seconds
MOST_DISTANCES = 200


class Comparison:
    """Of runs in a data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._under_way = 0

    async def of(self, one: str, two: str) -> dict[str, Any]:
        """As `sim.difference` has it, with 200 distances at most. Raises Refusal."""
        if self._under_way >= AT_ONCE:
            raise Refusal(CONFLICT, reason="other runs are being compared; try again later")
        self._under_way += 1
        wishes = ("--json", "--distances", str(MOST_DISTANCES), "--data", str(self._data_dir))
        try:
            found: dict[str, Any] = json.loads(
                await said("diff", *wishes, "--", one, two, within=WITHIN)
            )
        except MistakeError as error:
            raise Refusal(COMMAND_FAILED, reason=str(error)) from None
        finally:
            self._under_way -= 1
        return found
