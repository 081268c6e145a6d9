"""Why a server cannot start; each text is one line."""

from pathlib import Path


class PortTakenError(Exception):
    """The address cannot be listened at."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        reason = error.strerror or str(error)
        super().__init__(
            f"`server.port` is {port}, which cannot be had at {host}: {reason};"
            " another is chosen with --port, a free one with --port 0"
        )
        self.port = port


class DataFolderTakenError(Exception):
    """Another server works in the data folder."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"`data_dir` is '{path}', in which another server works already")
        self.path = path
