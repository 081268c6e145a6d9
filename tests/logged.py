"""What is logged while a test runs."""

import contextlib
import logging
from collections.abc import Iterator


@contextlib.contextmanager
def errors_logged() -> Iterator[list[str]]:
    """What is logged as an error, or with a traceback, while this lasts."""
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.ERROR or record.exc_info:
                lines.append(self.format(record))

    collector = Collector()
    logging.getLogger().addHandler(collector)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(collector)
