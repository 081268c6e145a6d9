"""Echoes every message through the product's own handler, protocol, outbox and framing.

python -m tests.conformance.echo_server --port 9001
"""

import asyncio
import contextlib
from contextlib import AbstractAsyncContextManager

import click

from tests.web.wire import Wire, make_settings, serving
from web.config import Settings
from web.errors import Refusal
from web.frames import BINARY, TEXT, PreparedFrame
from web.handlers import DEMO_ENDPOINT, StageSocket
from web.websocket import StageProtocol

MESSAGE_BYTES = 32 * 2**20
QUEUE_BYTES = 2 * MESSAGE_BYTES


class EchoSocket(StageSocket):
    """The endpoint of anonymous clients, with an echo where a Connection would be."""

    async def open(self, *_args: str, **_kwargs: str) -> None:
        assert isinstance(self.ws_connection, StageProtocol)
        self._line = self.ws_connection
        self._member = self._admit(self._line)

    def on_message(self, message: str | bytes) -> None:
        if isinstance(message, str):
            frame = PreparedFrame(TEXT, message.encode())
        else:
            frame = PreparedFrame(BINARY, message)
        try:
            self._line.outbox.deliver(frame, ())
        except Refusal as refusal:
            self._line.refuse(refusal)
        self._line.handled()

    def on_close(self) -> None:
        self._stage.pool.leave(self._member, self._line.final_code)


def echo_settings(message_bytes: int = MESSAGE_BYTES, queue_bytes: int = QUEUE_BYTES) -> Settings:
    """Nothing is limited but the bytes of a message, and those that wait for a client."""
    return make_settings(
        limits={
            "message_bytes": message_bytes,
            "queue_bytes": queue_bytes,
            "queue_bytes_in_all": 0,
            "connections": 0,
            "connections_per_ip": 0,
        },
    )


def echoing(settings: Settings, port: int = 0) -> AbstractAsyncContextManager[Wire]:
    """An echo server at the path `/` of this port of the loopback; at 0 it finds one."""
    route = ("/", EchoSocket, {"endpoint": DEMO_ENDPOINT})
    return serving(settings, port=port, more=[route])


async def serve(port: int) -> None:
    """Echoes until it is interrupted."""
    async with echoing(echo_settings(), port) as echo:
        click.echo(f"Echoing at ws://127.0.0.1:{echo.port}/")
        await asyncio.Event().wait()


@click.command()
@click.option("--port", default=9001, show_default=True, help="0 finds a free one.")
def main(port: int) -> None:
    """Echo every WebSocket message."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(port))


if __name__ == "__main__":
    main()
