"""A client that reads too slowly is taken down the ladder, and is told at each step."""

import pytest

from tests.settle import until
from tests.web.test_outbox import Channel, channel, tick
from web.backlog import QueueBounds
from web.errors import Refusal
from web.ladder import CALM, PATIENCE, Step


def stall(way: Channel) -> tuple[bytes, list[Step]]:
    """Let newest events replace one another until the client is slowed; what was sent before."""
    steps: list[Step] = []
    way.outbox.on_step = steps.append
    sent = way.fill()
    way.outbox.conflates = lambda _: True
    for number in range(PATIENCE):
        way.deliver(tick(2 * number, "x" * 1000))
        way.deliver(tick(2 * number + 1, "x" * 1000))
        way.outbox.look()
    return sent, steps


async def test_each_step_is_told_once() -> None:
    async with channel() as way:
        _, steps = stall(way)

        assert steps == [Step.CONFLATING, Step.SLOWED]
        assert way.outbox.step is Step.SLOWED


async def test_a_slowed_client_gets_its_newest_event_at_each_look_and_no_other() -> None:
    async with channel() as way:
        sent, _ = stall(way)
        assert await way.read(len(sent)) == sent
        way.deliver(tick(100))
        way.deliver(tick(101))
        before = way.outbox.queued

        way.outbox.look()

        await until(lambda: way.outbox.is_empty)
        (message,) = await way.read_messages(b"")
        assert before > 0
        newest = message["events"][0]
        # All that came since the client was filled up: 2 * PATIENCE, then two more.
        assert (newest["offset"], newest["skipped"]) == (101, 2 * PATIENCE + 1)


async def test_a_client_that_reads_again_goes_on_as_before() -> None:
    async with channel() as way:
        sent, steps = stall(way)
        assert await way.read(len(sent)) == sent

        for _ in range(CALM):
            way.outbox.look()
        way.deliver(tick(7))

        assert steps[-1] is Step.FLOWING
        assert way.outbox.is_empty
        assert (await way.read_messages(b""))[-1]["events"][0]["offset"] == 7


async def test_who_takes_most_is_refused_first_when_all_together_wait_for_too_much() -> None:
    async with channel() as way:
        way.outbox._bounds = QueueBounds(each=0, all=50_000)
        way.traffic.waiting.bytes = 40_000
        way.fill()

        with pytest.raises(Refusal) as refusal:
            way.flood()

        assert refusal.value.code == "SLOW_CONSUMER"
        assert way.outbox.queued <= 7000
