"""One client that does not read: nobody else notices, and memory stays where it is."""

import asyncio
import json
import tracemalloc
from typing import Any

import pytest

from actors.event import Event
from tests.settle import settle, until
from tests.web.raw import RawClient, frame, raw_client
from tests.web.wire import Client, Wire, serving
from web.notices import Drain

TOPIC = "run.a.tick"
EVENT_BYTES = 50_000
EVENTS = 400  # 20 MB, several times what the kernel's buffers and our queue hold


async def subscribe(stalled: RawClient, mode: str) -> None:
    message = b'{"type": "subscribe", "events": ["run.a.*"], "mode": "%s"}' % mode.encode()
    stalled.writer.write(frame(1, message))
    assert b"subscriptions" in (await stalled.receive())[1]
    # From here on it reads nothing.
    stalled.reader._transport.pause_reading()  # type: ignore[attr-defined]


async def read_all(client: Client, count: int) -> list[int]:
    offsets: list[int] = []
    while len(offsets) < count:
        offsets += [event["offset"] for event in (await client.expect("event"))["events"]]
    return offsets


async def publish(wire: Wire, client: Client, first: int = 1) -> list[int]:
    """Publish everything, as fast as the client that reads keeps up."""
    offsets: list[int] = []
    for number in range(first, first + EVENTS):
        data = {"pad": str(number) * (EVENT_BYTES // len(str(number)))}
        wire.publish(Event("run.a.tick", data, epoch="e", offset=number))
        offsets += await read_all(client, 1)
    return offsets


@pytest.mark.parametrize(("mode", "stays"), [("latest", True), ("all", False)])
async def test_a_stalled_reader_leaves_memory_flat_and_others_undisturbed(
    mode: str, stays: bool
) -> None:
    # History keeps 8 MiB of the topic; publishing once before measuring fills it.
    async with serving() as wire, wire.connect() as client:
        await client.ask("subscribe", events=["run.a.*"])
        await publish(wire, client)
        async with raw_client(wire, receive_buffer=16_384) as stalled:
            await subscribe(stalled, mode)
            tracemalloc.start()
            try:
                offsets = await publish(wire, client, first=EVENTS + 1)
                grown = tracemalloc.get_traced_memory()[0]
            finally:
                tracemalloc.stop()

            assert offsets == list(range(EVENTS + 1, 2 * EVENTS + 1))
            # What replaced the history, allocated anew while measuring, is not growth.
            assert grown < 8 * 2**20 + 3 * 2**20
            traffic = wire.stage.pool.traffic
            assert traffic.slow_consumers == (0 if stays else 1)
            if stays:
                assert traffic.conflated > 0
                assert wire.stage.pool.queued[0] < 2 * EVENT_BYTES


async def test_a_slow_reader_of_all_is_told_and_closed_with_1013() -> None:
    async with serving() as wire, wire.connect() as client:
        await client.ask("subscribe", events=["run.a.*"])
        async with raw_client(wire, receive_buffer=16_384) as stalled:
            await subscribe(stalled, "all")
            await publish(wire, client)
            stalled.reader._transport.resume_reading()  # type: ignore[attr-defined]

            told: list[Any] = []
            while not told or told[-1][0] != 0x88:
                told.append(await stalled.receive())

        refusal = json.loads(told[-2][1])
        assert refusal["code"] == "SLOW_CONSUMER"
        assert told[-1][1][:2] == (1013).to_bytes(2, "big")
        heard = [json.loads(payload)["events"][-1] for _, payload in told[:-2]]
        # What it was told last is where it may go on: nothing in between is lost.
        assert refusal["details"]["topics"] == {
            "run.a.tick": {"epoch": "e", "offset": heard[-1]["offset"]}
        }


async def test_a_slow_reader_of_latest_gets_the_newest_and_the_count() -> None:
    async with serving() as wire, wire.connect() as client:
        await client.ask("subscribe", events=["run.a.*"])
        async with raw_client(wire, receive_buffer=16_384) as stalled:
            await subscribe(stalled, "latest")
            await publish(wire, client)
            stalled.reader._transport.resume_reading()  # type: ignore[attr-defined]

            seen, steps = 0, 0
            while True:
                first, payload = await stalled.receive()
                assert first == 0x81
                if b'"connection.slow"' in payload:
                    steps += 1
                    continue
                seen += 1 + skipped(payload)
                if b'"offset":400,' in payload:
                    break

        assert seen == EVENTS
        assert steps >= 1


def skipped(payload: bytes) -> int:
    _, found, rest = payload.rpartition(b'"skipped":')
    return int(rest.rstrip(b"}]")) if found else 0


async def test_a_client_that_pings_and_never_reads_is_cut_off() -> None:
    async with serving() as wire, raw_client(wire, receive_buffer=4096) as stalled:
        stalled.reader._transport.pause_reading()  # type: ignore[attr-defined]
        ping = frame(9, b"x" * 125) * 1000

        while len(wire.stage.pool):
            stalled.writer.write(ping)
            await asyncio.sleep(0)

        await until(lambda: not len(wire.stage.pool))


async def test_a_slow_reader_gets_what_waits_for_it_before_the_server_ends() -> None:
    async with serving() as wire, raw_client(wire, receive_buffer=16_384) as stalled:
        await subscribe(stalled, "all")
        number = 0
        while wire.stage.pool.queued[0] < 5 * EVENT_BYTES:
            number += 1
            data = {"pad": "x" * EVENT_BYTES}
            wire.publish(Event("run.a.tick", data, epoch="e", offset=number))
            await settle()
        [member] = wire.stage.pool
        assert member.connection is not None

        member.connection.tell(Drain(retry_after=2.5))
        await settle()
        stalled.reader._transport.resume_reading()  # type: ignore[attr-defined]

        offsets: list[int] = []
        while True:
            first, payload = await stalled.receive()
            if first == 0x88:
                break
            message = json.loads(payload)
            if message["type"] == "event":
                offsets += [e["offset"] for e in message["events"] if e["topic"] == TOPIC]
        assert offsets == list(range(1, number + 1))
        assert payload[:2] == (1001).to_bytes(2, "big")
