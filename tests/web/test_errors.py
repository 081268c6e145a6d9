"""The table of errors, and the exception that carries a row of it."""

import pytest

from web.errors import (
    COMMAND_FAILED,
    CONFLICT,
    ERRORS,
    NOT_FOUND,
    RATE_LIMIT_EXCEEDED,
    Refusal,
    told_by_worker,
)


def test_codes_that_close_do_so_with_the_codes_of_the_protocol() -> None:
    closing = {name: code.close_code for name, code in ERRORS.items() if code.close_code}

    assert closing == {
        "AUTHENTICATION_FAILED": 1008,
        "TOKEN_EXPIRED": 1008,
        "CONNECTION_LIMIT_EXCEEDED": 1013,
        "SLOW_CONSUMER": 1013,
    }


def test_a_refusal_says_in_one_sentence_what_its_details_hold() -> None:
    refusal = Refusal(RATE_LIMIT_EXCEEDED, limit=100, window="1m", retry_after=45, scope="ip")

    assert refusal.message == "More than 100 messages per 1m for this ip; try again in 45 s."
    assert refusal.details == {"limit": 100, "window": "1m", "retry_after": 45, "scope": "ip"}
    assert refusal.temporary


def test_a_refusal_without_a_detail_that_its_text_needs_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="NOT_FOUND needs the details name"):
        Refusal(NOT_FOUND, what="run")


def test_a_long_detail_is_cut_in_the_text_only() -> None:
    refusal = Refusal(NOT_FOUND, what="run", name="x" * 5000)

    assert len(refusal.message) < 300
    assert refusal.details["name"] == "x" * 5000


def test_text_of_a_client_is_not_read_as_a_template() -> None:
    assert "{what}" in Refusal(NOT_FOUND, what="run", name="{what}").message


def test_what_a_worker_refused_is_refused_to_the_client_with_the_same_code() -> None:
    refusal = told_by_worker("CONFLICT", "text", {"reason": "it is paused"})

    assert (refusal.error, refusal.details) == (CONFLICT, {"reason": "it is paused"})


@pytest.mark.parametrize("code", ["TOKEN_EXPIRED", "NO_SUCH_CODE", "CONFLICT"])
def test_what_no_client_should_be_told_becomes_a_failed_command(code: str) -> None:
    refusal = told_by_worker(code, "the worker's text", {})

    assert (refusal.error, refusal.details) == (COMMAND_FAILED, {"reason": "the worker's text"})
