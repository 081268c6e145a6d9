"""What ends a connection whose client does not keep to the WebSocket protocol."""

PROTOCOL_ERROR, INVALID_DATA = 1002, 1007


class Breach(Exception):  # noqa: N818 - a noun of the protocol
    """The client broke a rule of the protocol; the connection is closed with this code."""

    def __init__(self, close_code: int, reason: str) -> None:
        super().__init__(reason)
        self.close_code = close_code
        self.reason = reason
