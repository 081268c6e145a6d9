"""A client that reads too slowly goes down the ladder step by step, and up again when calm."""

from web.ladder import CALM, PATIENCE, Ladder, Step


def slow_down(ladder: Ladder) -> list[Step | None]:
    """Replace an event before each of as many looks as it has patience."""
    steps = []
    for _ in range(PATIENCE):
        ladder.replaced()
        steps.append(ladder.look(waits=True))
    return steps


def test_the_first_event_that_is_replaced_is_told_and_no_other() -> None:
    ladder = Ladder()

    assert [ladder.replaced() for _ in range(3)] == [Step.CONFLATING, None, None]


def test_a_second_without_a_replaced_event_lets_everything_flow_again() -> None:
    ladder = Ladder()
    ladder.replaced()

    assert [ladder.look(waits=True) for _ in range(2)] == [None, Step.FLOWING]


def test_who_is_slow_for_long_is_slowed_once() -> None:
    ladder = Ladder()

    assert slow_down(ladder) == [None] * (PATIENCE - 1) + [Step.SLOWED]
    assert ladder.replaced() is None


def test_who_is_slow_now_and_then_is_never_slowed() -> None:
    ladder = Ladder()

    for _ in range(2 * PATIENCE):
        ladder.replaced()
        ladder.look(waits=True)
        ladder.look(waits=False)

    assert ladder.step is Step.FLOWING


def test_a_slowed_client_goes_on_as_before_when_nothing_has_waited_for_long() -> None:
    ladder = Ladder()
    slow_down(ladder)

    steps = [ladder.look(waits=False) for _ in range(CALM)]

    assert steps == [None] * (CALM - 1) + [Step.FLOWING]


def test_one_look_at_which_something_waits_begins_the_calm_anew() -> None:
    ladder = Ladder()
    slow_down(ladder)
    for _ in range(CALM - 1):
        ladder.look(waits=False)

    steps = [ladder.look(waits=True), *(ladder.look(waits=False) for _ in range(CALM - 1))]

    assert steps == [None] * CALM
