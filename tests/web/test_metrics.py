"""Figures for Prometheus."""

from web.metrics import Exposition

FIGURES = {
    "connections": {"open": 3, "viewers": 2, "total": 9, "refused": 1},
    "closes": {"1000": 4, "1008": 1, "3999": 2, "4000": 5},
}


def test_figures_are_told_by_name_and_kind() -> None:
    text = Exposition(lambda: FIGURES)().decode()

    assert "stagewatch_connections 3.0" in text
    assert "# TYPE stagewatch_connections_opened_total counter" in text
    assert "stagewatch_connections_opened_total 9.0" in text


def test_close_codes_that_clients_choose_make_no_label() -> None:
    text = Exposition(lambda: FIGURES)().decode()

    assert 'stagewatch_closes_total{code="1008"} 1.0' in text
    assert 'stagewatch_closes_total{code="other"} 7.0' in text
    assert "4000" not in text


def test_before_anything_was_counted_there_is_a_text_too() -> None:
    assert b"process_" in Exposition(dict)()
