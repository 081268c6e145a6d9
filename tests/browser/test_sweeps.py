"""Sweeps on the page, against the real server."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.served import Served
from tests.browser.watched import Watched

pytestmark = pytest.mark.browser


def test_a_sweep_is_begun_from_its_form_and_its_table_is_had(
    served: Served, watched: Watched, tmp_path: Path
) -> None:
    watched.open(f"{served.address}/?panel=runs")
    page = watched.page
    sweeps = page.get_by_role("region", name="Sweeps")
    sweeps.get_by_role("button", name="New sweep").click()
    form = sweeps.get_by_role("form")
    sweeps.get_by_label("Scenario").select_option("tmaze")

    form.get_by_label("Agents").fill("3, 4")
    form.get_by_label("Seeds", exact=True).fill("2")
    form.get_by_label("Ticks", exact=True).fill("20")
    expect(form.locator("output")).to_have_text("4 runs")
    form.get_by_role("button", name="Start sweep").click()

    expect(sweeps.locator(".state")).to_have_text("finished")
    expect(sweeps.locator(".figures")).to_have_text("4 of 4 runs")
    with page.expect_download() as had:
        sweeps.get_by_role("link", name="as csv").click()
    had.value.save_as(tmp_path / "table.csv")
    rows = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
    assert [(row["agents"], row["seed"]) for row in rows] == [
        ("3", "0"), ("3", "1"), ("4", "0"), ("4", "1"),
    ]  # fmt: skip


def test_a_value_that_is_not_allowed_is_told_at_its_field_and_a_sweep_is_stopped_and_gone_on_with(
    served: Served, watched: Watched
) -> None:
    watched.open(f"{served.address}/?panel=runs")
    page = watched.page
    sweeps = page.get_by_role("region", name="Sweeps")
    sweeps.get_by_role("button", name="New sweep").click()
    form = sweeps.get_by_role("form")
    sweeps.get_by_label("Scenario").select_option("tmaze")

    form.get_by_label("Agents").fill("3, none")
    form.get_by_role("button", name="Start sweep").click()
    expect(form.locator("#parameter-sweep_of_agents-error")).to_contain_text("none: A whole number")
    expect(form.get_by_label("Agents")).to_be_focused()

    form.get_by_label("Agents").fill("3, 4, 5")
    form.get_by_label("Seeds", exact=True).fill("100")
    form.get_by_role("button", name="Start sweep").click()
    newest = sweeps.locator(".sweep-list > li").first
    newest.get_by_role("button", name="Stop").click()
    expect(newest.locator(".state")).to_have_text("stopped")
    newest.get_by_role("button", name="Go on").click()
    expect(newest.locator(".state")).to_have_text("running")
    newest.get_by_role("button", name="Stop").click()
    expect(newest.locator(".state")).to_have_text("stopped")
