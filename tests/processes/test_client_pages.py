"""What the clients' pages show is run as it stands there, against a server."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.processes.serving import PATIENCE, Serving

ROOT = Path(__file__).parents[2]


def examples(page: str, language: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


PYTHON = examples("python-client.md", "python")
JAVASCRIPT = examples("javascript-client.md", "js")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    serving = await Serving.start(tmp_path_factory.mktemp("served") / "data", "tmaze:agents=5")
    async with serving.client() as client:
        await client.run()
    yield serving
    status = await serving.end()
    await serving.remove()
    assert status == 0


async def printed(server: Serving, folder: Path, *command: str) -> list[str]:
    """The lines that the program prints, in a folder with a token."""
    environment = os.environ | {"STAGEWATCH_DATA_DIR": str(server.data_dir)}
    environment["PYTHONPATH"] = str(ROOT)
    issue = [sys.executable, "-m", "web.cli", "token", "--sub", "ada", "--scopes", "observe"]
    outputs = []
    for words in (issue, command):
        process = await asyncio.create_subprocess_exec(
            *words,
            cwd=folder,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(PATIENCE):
            output, errors = await process.communicate()
        assert (process.returncode, errors.decode()) == (0, "")
        (folder / "token.txt").write_bytes(output)
        outputs.append(output.decode().splitlines())
    return outputs[1]


def located(example: str, server: Serving) -> str:
    assert "127.0.0.1:8000" in example
    return example.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("place", range(len(PYTHON)))
async def test_an_example_in_python_runs(place: int, server: Serving, tmp_path: Path) -> None:
    script = located(PYTHON[place], server)

    lines = await printed(server, tmp_path, sys.executable, "-X", "dev", "-c", script)

    assert lines


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("place", range(len(JAVASCRIPT)))
async def test_an_example_in_javascript_runs(place: int, server: Serving, tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node is not None
    (tmp_path / "client").symlink_to(ROOT / "web" / "client")
    (tmp_path / "example.mjs").write_text(located(JAVASCRIPT[place], server))

    lines = await printed(
        server, tmp_path, node, "--experimental-websocket", "--no-warnings", "example.mjs",
    )  # fmt: skip

    assert lines


def test_each_page_has_examples() -> None:
    assert (len(PYTHON), len(JAVASCRIPT)) == (5, 4)
