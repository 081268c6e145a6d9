"""The `websockets` library's `broadcast`, without compression and keepalive."""

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve

from loadtests.drain import allow_descriptors
from loadtests.servers.control import PAYLOAD, spread, tell


async def main(clients: int) -> None:
    allow_descriptors(clients + 100)
    peers: set[ServerConnection] = set()

    async def hold(connection: ServerConnection) -> None:
        peers.add(connection)
        await connection.wait_closed()

    serving = serve(hold, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=1024)
    async with serving as server:
        tell(port=next(iter(server.sockets)).getsockname()[1])
        await spread(clients, lambda: broadcast(peers, PAYLOAD))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
