"""No row of the protocol is without a test."""

import importlib

from tests.protocol.rows import ELSEWHERE, marked, rows


def test_every_row_of_the_protocol_has_a_test() -> None:
    missing = rows() - marked().keys() - ELSEWHERE.keys()

    assert not missing, (
        f"no test for {sorted(missing)}: mark one in tests/protocol with "
        '@pytest.mark.row("..."), or name one in tests/protocol/rows.py'
    )


def test_no_test_proves_a_row_that_is_not_there() -> None:
    assert marked().keys() | ELSEWHERE.keys() <= rows()


def test_what_is_proved_elsewhere_has_its_test_there() -> None:
    for place in ELSEWHERE.values():
        module, _, name = place.partition(":")
        assert callable(getattr(importlib.import_module(module), name)), place
