"""picows: `transport.send` to each client, on asyncio's own loop."""

import asyncio
import sys

from picows import WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from loadtests.drain import allow_descriptors
from loadtests.servers.control import PAYLOAD, spread, tell

_PAYLOAD = PAYLOAD.encode()


class Peer(WSListener):
    """A client."""

    transports: list[WSTransport] = []  # noqa: RUF012 - of the class on purpose

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transports.append(transport)


def peer(_request: WSUpgradeRequest) -> Peer:
    return Peer()


def send_to_all() -> None:
    for transport in Peer.transports:
        transport.send(WSMsgType.TEXT, _PAYLOAD)


async def main(clients: int) -> None:
    allow_descriptors(clients + 100)
    server = await ws_create_server(peer, "127.0.0.1", 0, backlog=1024)
    tell(port=server.sockets[0].getsockname()[1])
    await spread(clients, send_to_all)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
