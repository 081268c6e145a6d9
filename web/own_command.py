"""A command of `stagewatch` in a process of its own: what takes long holds up nobody here."""

import asyncio
import sys

from web.errors import COMMAND_FAILED, Refusal
from web.process import environment

WRONG = 2  # exit status: what was asked for cannot be done as it stands


class MistakeError(Exception):
    """What the command said, in one line, of something that its caller can put right."""


async def said(*words: str, within: float) -> bytes:
    """What it prints; the process is ended where the caller goes, or after so many seconds.

    Raises MistakeError, and Refusal where it failed otherwise.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "web.cli", *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
    )
    try:
        async with asyncio.timeout(within):
            output, errors = await process.communicate()
    except TimeoutError:
        reason = f"it takes more than {within:g} s"
        raise Refusal(COMMAND_FAILED, reason=reason) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = errors.decode(errors="replace").strip()
    if process.returncode == WRONG:
        raise MistakeError(text.removeprefix("Error: "))
    if process.returncode not in (0, 1):
        raise Refusal(COMMAND_FAILED, reason=(text.splitlines() or ["the process died"])[-1])
    return output
