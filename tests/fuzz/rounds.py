"""One round of each kind: what is fed, and what must hold whatever it was."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from actors.event import Event
from tests.conformance.case import PING, frame
from tests.fuzz.chance import Chance
from tests.logged import errors_logged
from tests.settle import until
from tests.web.raw import RawClient, raw_client
from tests.web.wire import Client, Wire, make_settings, make_token, serving
from web.auth import Identity
from web.breach import Breach
from web.dialogue import Dialogue
from web.errors import ERRORS, Refusal
from web.parser import CloseFrame, Parser, PingFrame, Received

LIMIT = 65_536  # bytes of a message
MARK = b"the end of a stream"
LONGEST = 60  # frames of one stream
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits={}\r\n"
BREACHES = frozenset((1002, 1007, 1009))
_NO_LIMITS = dict.fromkeys(
    (
        "messages_per_connection",
        "messages_per_user",
        "messages_per_ip",
        "connections_per_ip",
        "connections_per_user",
    ),
    0,
)


@dataclass(slots=True)
class Tally:
    """What a round has put in, and what came of it: close codes of streams, codes of errors."""

    frames: int = 0
    streams: int = 0
    closes: Counter[int | None] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Count the other's too."""
        self.frames += other.frames
        self.streams += other.streams
        self.closes += other.closes
        self.errors += other.errors


@dataclass(frozen=True, slots=True)
class Stream:
    """Frames of which the last may break a rule; `code` is what the parser made of it."""

    frames: tuple[bytes, ...]
    received: tuple[Received, ...]
    code: int | None

    @property
    def closes(self) -> int | None:
        """The code with which it makes a server close, 0 for one without; None: it goes on."""
        last = self.received[-1] if self.received else None
        if self.code is None and isinstance(last, CloseFrame):
            return last.code or 0
        return self.code


def make_stream(chance: Chance, *, deflate: bool) -> Stream:
    """Hostile frames up to the first that ends a connection."""
    parser, frames, received = Parser(LIMIT, deflate=deflate), [], list[Received]()
    for sent in chance.frames(deflate=deflate):
        frames.append(sent)
        try:
            for message in parser.feed(sent):
                received.append(message)
                if isinstance(message, CloseFrame):
                    return Stream(tuple(frames), tuple(received), None)
        except Breach as breach:
            return Stream(tuple(frames), tuple(received), breach.close_code)
        if len(frames) >= LONGEST:
            break
    return Stream(tuple(frames), tuple(received), None)


def read(pieces: Iterator[bytes], *, deflate: bool) -> tuple[tuple[Received, ...], int | None]:
    """What a parser makes of a stream that comes in these pieces."""
    parser, received = Parser(LIMIT, deflate=deflate), list[Received]()
    try:
        for piece in pieces:
            for message in parser.feed(piece):
                received.append(message)
                if isinstance(message, CloseFrame):
                    return tuple(received), None
    except Breach as breach:
        return tuple(received), breach.close_code
    return tuple(received), None


def parser_round(seed: int, frames: int) -> Tally:
    """The parser raises nothing but Breach, makes no message past the limit, and it does not matter
    where the stream is cut."""
    chance, tally = Chance(seed), Tally()
    while tally.frames < frames:
        deflate = chance.random() < 0.5
        stream = make_stream(chance, deflate=deflate)
        again = read(chance.cut(b"".join(stream.frames)), deflate=deflate)

        assert again == (stream.received, stream.code), stream
        assert stream.code is None or stream.code in BREACHES, stream
        assert all(size_of(message) <= LIMIT for message in stream.received), stream
        tally.add(Tally(len(stream.frames), 1, Counter([stream.code])))
    return tally


def size_of(message: Received) -> int:
    """Bytes of a message; 0 of a control frame."""
    if isinstance(message, str):
        return len(message.encode())
    return len(message) if isinstance(message, bytes) else 0


def dialogue_round(seed: int, messages: int) -> Tally:
    """The dialogue raises nothing but Refusal, of a code that the table has."""
    chance, tally = Chance(seed), Tally()
    scopes = frozenset(("observe", "control", "publish", "admin"))
    dialogue = Dialogue(Identity("mallory", scopes), None, 32)
    for number in range(messages):
        opcode, payload = chance.payload()
        try:
            dialogue.hear(payload.decode() if opcode == 1 else payload, float(number))
        except Refusal as refusal:
            tally.errors[refusal.code] += 1
        assert len(dialogue.subscriptions) <= 32
    assert tally.errors.keys() <= ERRORS.keys() - {"INTERNAL_ERROR"}
    tally.frames = messages
    return tally


async def server_round(seed: int, frames: int) -> Tally:
    """A server ends each stream as the parser says, and serves a well-behaved client all the while;
    nothing is left behind, and no error is logged."""
    chance, tally = Chance(seed), Tally()
    token = make_token(scopes=["observe", "control", "admin"])
    with errors_logged() as logged:
        async with serving(make_settings(limits=_NO_LIMITS)) as wire, wire.connect() as neighbour:
            await neighbour.ask("subscribe", events=["run.z.tick"])
            while tally.frames < frames:
                deflate = chance.random() < 0.5
                stream = make_stream(chance, deflate=deflate)
                headers = DEFLATE.format(chance.randint(8, 15)) if deflate else ""
                async with raw_client(wire, f"/ws?token={token}", headers) as client:
                    code = await _put(client, stream, tally, deflate=deflate)
                tally.add(Tally(len(stream.frames), 1, Counter([code])))
                await _works(wire, neighbour, tally.streams)
            await until(lambda: len(wire.stage.pool) == 1)
            assert wire.stage.pool.traffic.waiting.bytes == 0
    assert logged == []
    return tally


async def _put(client: RawClient, stream: Stream, tally: Tally, *, deflate: bool) -> int | None:
    """Sends the stream; the close code, or None where the connection goes on or hangs."""
    mark = frame(PING, MARK)
    client.writer.write(b"".join(stream.frames) + mark)
    if stream.closes is None:
        pieces = iter((*stream.frames, mark))
        if PingFrame(MARK) not in read(pieces, deflate=deflate)[0]:
            return None  # a frame is not complete: the server rightly waits for the rest
    while True:
        first, payload = await client.receive()
        if first == 0x8A and payload == MARK:
            assert stream.closes is None
            return None
        if first == 0x88:
            code = int.from_bytes(payload[:2], "big")
            # What a message makes the server refuse may close the connection before its end.
            assert code in (stream.closes, 1008), (code, stream)
            return code
        if first == 0x81 and b'"code"' in payload:
            tally.errors["INTERNAL_ERROR"] += b"INTERNAL_ERROR" in payload
            assert b"INTERNAL_ERROR" not in payload, (payload, stream)


async def _works(wire: Wire, neighbour: Client, number: int) -> None:
    """The neighbour's ping is answered, and its events come."""
    assert (await neighbour.ask("ping", data=number))["data"] == number
    wire.publish(Event("run.z.tick", {"number": number}))
    events = (await neighbour.expect("event"))["events"]
    assert [event["data"] for event in events] == [{"number": number}]
