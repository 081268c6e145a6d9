"""When the Python client comes back."""

import pytest

from web.client_comeback import Comeback
from web.client_errors import StageError


def refusal(code: str, *, temporary: bool = False, **details: object) -> StageError:
    return StageError(code, "No.", details, temporary=temporary)


def test_waits_double_up_to_the_most() -> None:
    comeback = Comeback(jitter=lambda: 1.0)

    waits = [comeback.wait(0.0) for _ in range(8)]

    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]


def test_the_jitter_is_full() -> None:
    assert Comeback(jitter=lambda: 0.0).wait(0.0) == 0.0
    assert Comeback(jitter=lambda: 0.5).wait(0.0) == 0.125


def test_a_connection_that_held_makes_the_next_wait_short_again() -> None:
    comeback = Comeback(jitter=lambda: 1.0)
    for _ in range(5):
        comeback.wait(0.0)

    assert comeback.wait(5.0) == 0.25


def test_a_draining_server_is_left_alone_as_long_as_it_says() -> None:
    assert Comeback(jitter=lambda: 1.0).wait(9.0, 1001, retry_after=3.5) == 3.75


def test_a_full_server_is_left_alone_for_longer() -> None:
    assert Comeback(jitter=lambda: 0.0).wait(0.0, 1013) == 5.0


def test_a_refusal_for_now_is_waited_out() -> None:
    error = refusal("RATE_LIMIT_EXCEEDED", temporary=True, retry_after=45)

    assert Comeback(jitter=lambda: 0.0).wait(0.0, 1008, error) == 45.0


@pytest.mark.parametrize("code", ["AUTHENTICATION_FAILED", "TOKEN_EXPIRED"])
def test_a_refusal_for_good_is_the_end(code: str) -> None:
    with pytest.raises(StageError, match=code):
        Comeback().wait(0.0, 1008, refusal(code))


def test_a_refusal_without_a_reason_is_the_end_too() -> None:
    with pytest.raises(StageError, match="NOT_CONNECTED"):
        Comeback().wait(0.0, 1008)


def test_an_expired_token_is_no_end_where_there_is_another() -> None:
    comeback = Comeback(jitter=lambda: 0.0)

    assert comeback.wait(9.0, 1008, refusal("TOKEN_EXPIRED"), has_new_token=True) == 0.0
    with pytest.raises(StageError, match="AUTHENTICATION_FAILED"):
        comeback.wait(9.0, 1008, refusal("AUTHENTICATION_FAILED"), has_new_token=True)
