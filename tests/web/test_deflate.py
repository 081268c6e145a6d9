"""Which offers of permessage-deflate are accepted, and with what answer."""

import pytest

from web.deflate import Agreement, MalformedError, agree

ANSWER = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


def agreed(bits: int = 15, more: str = "") -> Agreement:
    return Agreement(bits, ANSWER + more)


@pytest.mark.parametrize(
    ("offer", "agreement"),
    [
        ("permessage-deflate", agreed()),
        ("permessage-deflate; server_no_context_takeover", agreed()),
        ("permessage-deflate;client_no_context_takeover", agreed()),
        ("permessage-deflate; client_max_window_bits", agreed()),
        ("permessage-deflate; client_max_window_bits=8", agreed()),
        ("permessage-deflate ; client_max_window_bits = 15", agreed()),
        (
            "permessage-deflate; server_max_window_bits=15",
            agreed(15, "; server_max_window_bits=15"),
        ),
        ("permessage-deflate; server_max_window_bits=9", agreed(9, "; server_max_window_bits=9")),
        ("permessage-deflate; server_max_window_bits=8", agreed(8, "; server_max_window_bits=8")),
        (
            'permessage-deflate; server_max_window_bits="10"',
            agreed(10, "; server_max_window_bits=10"),
        ),
        (
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
            "server_max_window_bits=12; client_max_window_bits=11",
            agreed(12, "; server_max_window_bits=12"),
        ),
    ],
)
def test_every_valid_offer_is_accepted(offer: str, agreement: Agreement) -> None:
    assert agree(offer) == agreement


@pytest.mark.parametrize(
    "parameters",
    [
        "server_max_window_bits",
        "server_max_window_bits=7",
        "server_max_window_bits=16",
        "server_max_window_bits=010",
        "server_max_window_bits=+9",
        'server_max_window_bits=""',
        "client_max_window_bits=7",
        "client_max_window_bits=16",
        "client_max_window_bits=x",
        "server_no_context_takeover=1",
        "client_no_context_takeover=true",
        "server_max_window_bits=10; server_max_window_bits=10",
        "client_no_context_takeover; client_no_context_takeover",
        "window_bits=10",
        "Server_Max_Window_Bits=10",
    ],
)
def test_an_offer_with_an_invalid_parameter_is_declined(parameters: str) -> None:
    assert agree(f"permessage-deflate; {parameters}") is None


def test_of_several_offers_the_first_that_can_be_kept_is_taken() -> None:
    header = (
        'x-odd; a="b,c;d\\"", , permessage-deflate; server_max_window_bits=99,'
        "permessage-deflate; server_max_window_bits=11, permessage-deflate"
    )

    assert agree(header) == agreed(11, "; server_max_window_bits=11")


@pytest.mark.parametrize("header", ["", " ", ",", "x-webkit-deflate-frame", "deflate; a; a"])
def test_where_it_is_not_offered_nothing_is_agreed(header: str) -> None:
    assert agree(header) is None


@pytest.mark.parametrize(
    "header",
    [
        "permessage-deflate;",
        "permessage-deflate; =9",
        "permessage-deflate; a=",
        'permessage-deflate; a="b',
        "permessage-deflate=1",
        "permessage deflate",
        "permessage-deflate, x; a=b c",
        ";",
        "ü",
    ],
)
def test_a_header_beside_the_grammar_is_an_error(header: str) -> None:
    with pytest.raises(MalformedError, match="cannot be read"):
        agree(header)
