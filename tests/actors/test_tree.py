"""The picture of the actor tree."""

import json
import logging
from typing import Any

import pytest

from actors.child import Child
from actors.restart import Restart
from actors.runtime import Runtime
from actors.supervisor import StartChild, Supervisor
from actors.tree import count, snapshot
from tests.actors.players import Diary, LoopPlayer, ThreadPlayer
from tests.actors.troupe import Troupe, child
from tests.settle import settle

KEYS = {
    "path", "class", "state", "mailbox", "handled", "seconds_per_message", "restarts",
    "last_error", "children",
}  # fmt: skip


async def test_the_tree_shows_every_actor_with_its_figures(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="actors")
    troupe = Troupe(
        runtime,
        child("loop", Diary()),
        child("thread", Diary(), ThreadPlayer),
        Child("branch", lambda: Supervisor.start([child("leaf", Diary())])),
    )
    await settle()
    for name in ("loop", "thread"):
        await troupe[name].ask("hello", block=False)
    await troupe.fail("loop")
    troupe["loop"].tell("waits")

    tree = snapshot(troupe.ref)

    paths = [tree["path"], *(node["path"] for node in tree["children"])]
    assert paths == ["/top", "/top/loop", "/top/thread", "/top/branch"]
    loop, thread, branch = tree["children"]
    assert branch["children"][0]["path"] == "/top/branch/leaf"
    assert set(loop) == KEYS
    assert loop["class"] == "LoopPlayer"
    assert (loop["state"], loop["last_error"]) == ("restarting", "ValueError: bad")
    assert loop["mailbox"] == {"depth": 1, "high_water": 1, "dropped": 0}
    assert (thread["state"], thread["handled"]) == ("running", 1)
    assert thread["seconds_per_message"] > 0
    assert count(tree) == 5
    json.dumps(tree)


async def test_a_crowd_is_drawn_as_one(runtime: Runtime) -> None:
    troupe = Troupe(runtime)
    for number in range(10):
        troupe.ref.tell(StartChild(child(f"guest-{number}", Diary(), restart=Restart.TEMPORARY)))
    await settle()
    for name in troupe.names:
        troupe[name].tell("hello")
    await settle()

    tree = snapshot(troupe.ref, most=3)

    crowd: dict[str, Any] = tree["children"][-1]
    assert len(tree["children"]) == 4
    assert set(crowd) == KEYS
    assert crowd["class"] == f"7 × {LoopPlayer.__name__}"
    assert crowd["handled"] == 7
