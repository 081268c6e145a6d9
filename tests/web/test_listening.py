"""Sockets that several processes share, and the port that the workers look for."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from web.listening import INSIDE, begin_sharing, listen, listen_inside


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def kept(opened: ExitStack, sockets: list[socket.socket]) -> int:
    for made in sockets:
        opened.enter_context(made)
    return int(sockets[0].getsockname()[1])


def test_others_join_a_port_that_is_shared(opened: ExitStack) -> None:
    port = kept(opened, begin_sharing("127.0.0.1", 0))

    assert kept(opened, listen("127.0.0.1", port, shared=True)) == port


def test_the_first_who_shares_a_port_must_find_nobody_there(opened: ExitStack) -> None:
    alone = kept(opened, listen("127.0.0.1", 0))
    shared = kept(opened, begin_sharing("127.0.0.1", 0))

    for port in (alone, shared):
        with pytest.raises(OSError, match="in use"):
            begin_sharing("127.0.0.1", port)


def test_the_port_inside_is_the_same_again_where_it_is_free(
    opened: ExitStack, tmp_path: Path
) -> None:
    first = listen_inside(tmp_path)
    port = first.getsockname()[1]
    first.close()

    assert kept(opened, [listen_inside(tmp_path)]) == port
    other = kept(opened, [listen_inside(tmp_path)])
    assert other != port
    assert (tmp_path / INSIDE).read_text() == str(other)


@pytest.mark.parametrize("note", ["", "port", "99999999", "-1"])
def test_a_note_of_the_port_that_makes_no_sense_is_written_anew(
    opened: ExitStack, tmp_path: Path, note: str
) -> None:
    (tmp_path / INSIDE).write_text(note)

    port = kept(opened, [listen_inside(tmp_path)])

    assert (tmp_path / INSIDE).read_text() == str(port)
