"""What every connection is told, whatever it subscribed to."""

from web.codec import frame
from web.frames import PreparedFrame
from web.messages import BroadcastMessage, now
from web.requests import Encoding

DRAINING, RUN_STARTED, RUN_ENDED = "server.draining", "run.started", "run.ended"


class Announcement:
    """A `broadcast` to tell to all connections; encoded once per encoding."""

    __slots__ = ("_frames", "_message", "data", "topic")

    def __init__(self, topic: str, data: object) -> None:
        self.topic = topic
        self.data = data
        self._message = BroadcastMessage(now(), topic, data)
        self._frames: dict[Encoding, PreparedFrame] = {}

    def frame(self, encoding: Encoding) -> PreparedFrame:
        """The frame for clients with this encoding."""
        if encoding not in self._frames:
            self._frames[encoding] = frame(encoding, self._message)
        return self._frames[encoding]
