"""uWebSockets through socketify: every client is subscribed to a topic, which is published to."""

import sys

from socketify import App, AppListenOptions, OpCode

from loadtests.drain import allow_descriptors
from loadtests.servers.control import PAYLOAD, spread, tell
from loadtests.serving import free_port

_TOPIC = "all"


def main() -> None:
    clients, port = int(sys.argv[1]), free_port()
    allow_descriptors(clients + 100)
    app = App()
    app.ws(
        "/*",
        {
            "compression": 0,
            "idle_timeout": 960,
            "send_pings_automatically": False,
            "open": lambda peer: peer.subscribe(_TOPIC),
        },
    )
    options = AppListenOptions(port=port, host="127.0.0.1")
    app.listen(options, lambda _: tell(port=port))

    def publish() -> None:
        app.publish(_TOPIC, PAYLOAD, OpCode.TEXT)
        # uWebSockets sends when its loop turns; left to itself, several events would go as one.
        app.loop.uv_loop.run_nowait()

    app.loop.loop.create_task(spread(clients, publish))
    app.run()


if __name__ == "__main__":
    main()
