"""Minds alike, learning, approximate and with behaviour of their own, live in one run."""

from pathlib import Path

import pytest

from sim.timemachine import verify
from tests.processes.conftest import Serve
from tests.processes.serving import worker_of
from tests.processes.shell import ROOT
from tests.sim.zoo import ACTING, ALIKE, APPROXIMATE, LEARNING

WISH = f"{ROOT / 'tests' / 'sim' / 'zoo.py'}:Zoo"
FIRST_OF_EACH = [kind[0] for kind in (ALIKE, LEARNING, APPROXIMATE, ACTING)]


async def test_all_kinds_are_watched_changed_killed_and_made_again(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    serving = await serve(tmp_path, WISH, mode="demo")

    async with serving.client() as client:
        run = await client.run()
        await client.tick(run, 20)
        await client.command("run.pause", run=run)
        for agent in FIRST_OF_EACH:
            change = {"belief": {"context": [0.4, 0.6]}, "observation": {"outcome": "nothing"}}
            await client.command("agent.perturb", run=run, agent=str(agent), **change)
        await client.command("agent.perturb", run=run, agent="*", precision=4.0)
        stepped = await client.command("run.step", run=run, ticks=1)
        beliefs = [await client.query("belief.get", run=run, agent=str(n)) for n in FIRST_OF_EACH]
        await client.command("run.resume", run=run)
        await client.tick(run, stepped["tick"] + 120)
        worker_of(run).kill()
        await client.state(run, "restarted")
        await client.tick(run, stepped["tick"] + 250)
        fork = (await client.command("run.fork", run=run, tick=30))["run"]
        await client.tick(fork, 60)
        for name in (run, fork):
            await client.command("run.stop", run=name)

    for found in beliefs:
        assert found["prior"]["context"][0] - 0.4 < 1e-6
        assert found["likelihood"].keys() == found["belief"].keys()
        assert found["policies_total"] == 25
    assert verify(serving.data_dir / run).mismatch is None
    assert verify(serving.data_dir / fork).mismatch is None
