"""`stagewatch sweep` at a terminal: its progress, and what Ctrl+C leaves."""

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import psutil

from tests.processes.shell import ROOT, STAGEWATCH, said
from tests.settle import until

PATIENCE = 30.0  # seconds
POINTS = ("--grid", "cue_validity=0.7,0.9", "--set", "agents=50")
LONG = (*POINTS, "--seeds", "4", "--ticks", "4000", "--workers", "2", "--out", "sweep")


async def sweeping(folder: Path, *words: str, errors: int = PIPE) -> Process:
    """The command, as a shell in the foreground begins it."""
    return await asyncio.create_subprocess_exec(
        *STAGEWATCH, "sweep", "tmaze", *words, cwd=folder, stdout=PIPE, stderr=errors,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip


async def test_what_ctrl_c_interrupts_ends_at_once_and_goes_on_with_the_same_command(
    tmp_path: Path,
) -> None:
    runs = tmp_path / "sweep" / "runs"
    process = await sweeping(tmp_path, *LONG)
    await until(lambda: runs.is_dir() and any(runs.glob("*.json")), PATIENCE)
    helpers = psutil.Process(process.pid).children(recursive=True)

    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(PATIENCE):
        output, errors = await process.communicate()

    assert process.returncode == 130
    made = len(list(runs.glob("*.json")))
    assert f"tmaze: interrupted with {made} of 8 runs made; the same command" in output.decode()
    assert "Traceback" not in errors.decode()
    await until(lambda: not any(helper.is_running() for helper in helpers), PATIENCE)
    told = await said(tmp_path, *STAGEWATCH, "sweep", "tmaze", *LONG)
    assert f"tmaze: {8 - made} runs made, {made} were there, 0 failed" in told
    words = [word if word != "sweep" else "another" for word in LONG]
    await said(tmp_path, *STAGEWATCH, "sweep", "tmaze", *words)
    tables = [(tmp_path / name / "table.csv").read_text() for name in ("sweep", "another")]
    assert tables[0] == tables[1]


async def test_what_ctrl_c_interrupts_is_not_waited_for(tmp_path: Path) -> None:
    process = await sweeping(tmp_path, *POINTS, "--ticks", "10000000", "--out", "endless")
    sweeper = psutil.Process(process.pid)

    def makes_runs() -> bool:
        return any("spawn_main" in " ".join(own.cmdline()) for own in sweeper.children())

    await until(makes_runs, PATIENCE)
    helpers = sweeper.children(recursive=True)

    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()

    assert process.returncode == 130
    assert "interrupted with 0 of 2 runs made" in output.decode()
    await until(lambda: not any(helper.is_running() for helper in helpers), PATIENCE)


async def test_a_terminal_is_shown_how_many_runs_are_done_and_a_file_is_not(
    tmp_path: Path,
) -> None:
    ours, theirs = os.openpty()
    short = (*POINTS, "--seeds", "2", "--ticks", "5", "--out")

    process = await sweeping(tmp_path, *short, "one", errors=theirs)
    os.close(theirs)
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()
    shown = os.read(ours, 2**16).decode()
    os.close(ours)
    quiet = await sweeping(tmp_path, *short, "two")
    async with asyncio.timeout(PATIENCE):
        _, errors = await quiet.communicate()

    assert "tmaze: 4 runs made" in output.decode()
    assert "tmaze, 4 runs" in shown
    assert "4/4" in shown
    assert errors == b""
