"""The SQLite file of a record: its tables, how it is opened, and its errors in plain words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from sim.manifest import FORMAT, RecordingError, RecordingVersionError
from sim.packing import PackingError

Mode = Literal["read", "append"]

BUSY_SECONDS = 10.0
PAGE_BYTES = 2**14  # the columns of a tick take many pages of SQLite's usual 4096 bytes
LARGEST_LOG = 2**26  # bytes of the write-ahead log that stay on disk when it is idle

_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS ticks (
    tick INTEGER PRIMARY KEY, time REAL NOT NULL, hash TEXT NOT NULL,
    aggregates BLOB NOT NULL, columns BLOB);
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY, topic TEXT NOT NULL, epoch TEXT NOT NULL, offset INTEGER NOT NULL,
    tick INTEGER, time REAL, data BLOB NOT NULL, UNIQUE (topic, epoch, offset));
CREATE TABLE IF NOT EXISTS positions (
    topic TEXT PRIMARY KEY, epoch TEXT NOT NULL, offset INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoints (tick INTEGER PRIMARY KEY, data BLOB NOT NULL);
PRAGMA user_version = {FORMAT};
COMMIT;
"""


def connect(path: Path, mode: Mode) -> sqlite3.Connection:
    """A connection for the calling thread; `append` makes file and tables where there are none.

    Raises RecordingError, and RecordingVersionError for another version's file.
    """
    with explained(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'ro' if mode == 'read' else 'rwc'}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,  # transactions begin where the code says so
        )
        try:
            _prepare(connection, path, mode)
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Makes one of SQLite's errors, or one of packing, a RecordingError that names the file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise RecordingError(f"{path} cannot be used: {error}") from error
    except sqlite3.ProgrammingError as error:
        raise RecordingError(f"{path} is not open here: {error}") from error
    except (sqlite3.Error, PackingError) as error:
        raise RecordingError(f"{path} is damaged: {error}") from error


def _prepare(connection: sqlite3.Connection, path: Path, mode: Mode) -> None:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    is_new = mode == "append" and found == 0 and tables == 0
    if found != FORMAT and not is_new:
        raise RecordingVersionError(path, found)
    if is_new:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    if mode == "append":
        connection.execute("PRAGMA journal_mode = WAL")
        # A crash of the machine may cost the last batches, but never the file.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA journal_size_limit = {LARGEST_LOG}")
    if is_new:
        connection.executescript(_SCHEMA)
