"""What a Tornado application does by itself: `write_message` to each client."""

import asyncio
import sys

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from loadtests.drain import allow_descriptors
from loadtests.servers.control import PAYLOAD, spread, tell


class Bare(WebSocketHandler):
    """A client."""

    clients: list["Bare"] = []  # noqa: RUF012 - of the class on purpose

    def open(self, *_: str) -> None:
        self.set_nodelay(True)
        self.clients.append(self)

    def on_message(self, message: str | bytes) -> None:
        """Nobody says anything here."""


def write_to_all() -> None:
    for client in Bare.clients:
        client.write_message(PAYLOAD)


async def main(clients: int) -> None:
    allow_descriptors(clients + 100)
    server = HTTPServer(Application([("/", Bare)], log_function=lambda _: None))
    sockets = bind_sockets(0, "127.0.0.1", backlog=1024)
    server.add_sockets(sockets)
    tell(port=sockets[0].getsockname()[1])
    await spread(clients, write_to_all)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
