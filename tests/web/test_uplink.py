"""An uplink that fails lets go of its link; its next incarnation begins with one of its own."""

import asyncio
from typing import Any, cast

import pykka

from actors.loop import LoopActor
from actors.publishing import Leave
from actors.runtime import Runtime
from tests.settle import settle
from web.link import Link
from web.uplink import Uplink, _Heard
from web.wording import Vitals


class Listener(LoopActor):
    """Stands where the broadcaster is."""

    def __init__(self, told: list[Any]) -> None:
        super().__init__()
        self._told = told

    def on_receive(self, message: Any) -> None:
        self._told.append(message)


class EndlessLink:
    """Is connected for as long as it is let."""

    def __init__(self) -> None:
        self.closed = 0
        self.living = 0

    async def live(self, _listener: object) -> None:
        self.living += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.living -= 1

    def close(self) -> None:
        self.closed += 1


async def test_an_uplink_that_fails_ends_its_work_and_leaves_the_broadcaster() -> None:
    Runtime()
    told: list[Any] = []
    link = EndlessLink()

    async def ask(*_: object) -> object:
        raise NotImplementedError

    uplink: pykka.ActorRef[Any] = Uplink.start(
        "a",
        cast("Link", link),
        Listener.start(told),
        ask,
        cast("Vitals", None),
        30.0,
        lambda: None,
    )
    await settle()
    lived = link.living

    uplink.tell(_Heard({"kind": "demand"}))
    await settle()

    assert not uplink.is_alive()
    assert (lived, link.living, link.closed) == (1, 0, 1)
    assert [type(message) for message in told][-1] is Leave
