"""What the page on the laboratory shows is run as it stands there."""

import re
import sys
from pathlib import Path

import pytest

from tests.processes.conftest import Serve
from tests.processes.shell import ROOT, said

PAGE = (ROOT / "docs" / "laboratory.md").read_text()
OVER_THE_WIRE, *IN_PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
[SHELL] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


async def test_the_shell_and_then_python_make_what_the_page_says(tmp_path: Path) -> None:
    commands = SHELL.replace("stagewatch ", f"{sys.executable} -m web.cli ")
    commands = commands.replace("(python ", f"({sys.executable} ")

    shell = await said(tmp_path, "bash", "-euo", "pipefail", "-c", commands)
    first, second = [await said(tmp_path, sys.executable, "-c", script) for script in IN_PYTHON]

    assert "all 300 ticks agree, 1 to 300" in shell
    assert "part at tick 15" in shell
    assert "2000 rows in part.csv" in shell
    assert len((tmp_path / "sweep" / "table.csv").read_text().splitlines()) == 1 + 15
    assert first.splitlines()[0].startswith("(100, 20) ")
    assert first.splitlines()[1] == "None"
    assert first.splitlines()[-1] == "[100, 101, 102, 103]"
    assert second == "20\n"


async def test_a_run_is_steered_changed_forked_and_replayed_over_the_wire(
    serve: Serve, tmp_path: Path
) -> None:
    server = await serve(tmp_path / "data", mode="demo")
    assert "127.0.0.1:8000" in OVER_THE_WIRE
    script = OVER_THE_WIRE.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")

    lines = (await said(tmp_path, sys.executable, "-X", "dev", "-c", script)).splitlines()

    assert re.fullmatch(r"agents that were surprised: \[\d+.*\]", lines[0])
    assert lines[1].startswith("they part at tick ")
    assert lines[2].startswith("what it believed then: ")


@pytest.mark.parametrize("word", ["keep_days", "keep_bytes"])
def test_the_settings_that_the_page_names_are_there(word: str) -> None:
    assert f"recording.{word}" in PAGE
    assert f"\n  {word}: " in (ROOT / "config.yaml").read_text()
