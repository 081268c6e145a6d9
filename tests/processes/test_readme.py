"""What the README shows is run as it stands there, against a server where it needs one."""

import contextlib
import io
import re
from pathlib import Path
from typing import Any

from tests.processes.conftest import Serve

README = (Path(__file__).parents[2] / "README.md").read_text()
SCRIPT, LISTENER = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_script_prints_six_ticks() -> None:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(SCRIPT, {})

    lines = printed.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3", "4", "5", "6"]


async def test_the_listener_sees_the_ticks_of_a_served_run(serve: Serve, tmp_path: Path) -> None:
    server = await serve(tmp_path / "data", "tmaze:agents=5")
    names: dict[str, Any] = {}
    exec(LISTENER, names)

    seen = await names["listen"](f"ws://127.0.0.1:{server.port}/api/v1/ws/demo", 3)

    assert seen == list(range(seen[0], seen[0] + 3))
