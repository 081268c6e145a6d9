"""Programs that are run as a user runs them, in a folder of their own."""

import asyncio
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
STAGEWATCH = (sys.executable, "-m", "web.cli")
_PATIENCE = 50.0  # seconds


async def said(folder: Path, *command: str, status: int = 0) -> str:
    """What it prints, or, where it is to fail, what it says is wrong. Records go to `data`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("STAGEWATCH_")}
    environment |= {"PYTHONPATH": str(ROOT), "STAGEWATCH_DATA_DIR": str(folder / "data")}
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(_PATIENCE):
        output, errors = await process.communicate()
    assert process.returncode == status, errors.decode()
    return (output if status == 0 else errors).decode()
