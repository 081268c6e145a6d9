"""The time of a run: its past, replays, forks and what sets runs apart."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.served import Served
from tests.browser.watched import Watched

pytestmark = pytest.mark.browser


def test_the_past_is_looked_at_while_the_run_goes_on(laboratory: Served, watched: Watched) -> None:
    page = watched.page
    watched.open_run(laboratory.address, "foragers", "&panel=agents&agent=7")
    watched.play()
    watched.wait_for_tick(20)

    watched.look_at(10)

    watched.expect_condition("Replay")
    expect(page.locator(".inspector .values caption")).to_have_text("State at tick 10")
    expect(page.locator(".pager")).to_contain_text("tick 10, recorded")
    expect(page).to_have_url(re.compile(r"[?&]t=10\b"))
    page.get_by_role("slider", name="Tick").press("ArrowLeft")
    expect(page.locator(".inspector .values caption")).to_have_text("State at tick 9")
    still = watched.picture()
    end = page.locator(".track .ends span").last
    before = end.inner_text()
    expect(end).not_to_have_text(before)
    assert watched.picture() == still
    assert watched.tick == 9
    page.keyboard.press("l")
    watched.expect_condition("Live")
    expect(page).not_to_have_url(re.compile(r"[?&]t="))
    assert watched.tick > 20


def test_a_link_shows_the_tick_that_it_names(laboratory: Served, watched: Watched) -> None:
    name = watched.open_run(laboratory.address, "foragers")
    watched.wait_for_tick(12)

    watched.page.goto(f"{laboratory.address}/?run={name}&panel=agents&agent=2&t=11")

    expect(watched.page.locator(".inspector .values caption")).to_have_text("State at tick 11")
    watched.expect_condition("Replay")


def test_a_long_drag_asks_the_record_few_times(laboratory: Served, watched: Watched) -> None:
    watched.open_run(laboratory.address, "foragers", "&panel=agents&agent=2")
    watched.wait_for_tick(40)
    expect(watched.page.locator(".pager")).to_be_visible()
    expect(watched.page.locator(".inspector .values caption")).to_be_visible()
    before = watched.sent

    for tick in range(2, 34):
        watched.look_at(tick)
    expect(watched.page.locator(".inspector .values caption")).to_have_text("State at tick 33")

    assert watched.sent - before < 12


def test_play_from_here_shows_recorded_ticks_again_and_live_leads_back(
    laboratory: Served, watched: Watched
) -> None:
    page = watched.page
    name = watched.open_run(laboratory.address, "foragers", "&agent=3")
    watched.play()
    watched.wait_for_tick(30)

    watched.look_at(5)
    page.get_by_role("button", name="Play from here").first.click()
    expect(page).to_have_url(re.compile(r"run=replay-"))
    watched.expect_condition("Replay")
    expect(page.locator(".mind")).to_contain_text("Free energy")
    page.get_by_role("button", name="Pause", exact=True).click()
    watched.expect_condition("Replay, paused")
    watched.look_at(21)
    expect(page.locator('[data-figure="tick"]')).to_have_text("21")
    expect(page.locator(".mind .figures dd").first).to_have_text("21")
    watched.look_at(8)
    expect(page.locator(".mind .figures dd").first).to_have_text("8")
    page.get_by_role("button", name="Live", exact=True).click()

    expect(page).to_have_url(re.compile(rf"run={name}\b"))
    watched.expect_condition("Live")


def test_a_fork_with_another_seed_parts_from_its_run_where_it_begins(
    laboratory: Served, watched: Watched
) -> None:
    page = watched.page
    name = watched.open_run(laboratory.address, "foragers")
    watched.play()
    watched.wait_for_tick(20)
    watched.look_at(15)

    page.get_by_role("button", name="Fork…").click()
    expect(page.get_by_label("After tick")).to_have_value("15")
    page.get_by_label("Seed from there on").fill("99")
    page.get_by_role("button", name="Fork", exact=True).click()
    expect(page.locator(".notice")).to_contain_text(f"goes on after tick 15 of {name}")
    watched.expect_condition("Live")
    watched.wait_for_tick(25)
    fork = page.locator(".run-picker select").input_value()
    page.keyboard.press("5")
    page.get_by_label(f"Compare {name}").check()
    page.get_by_label(f"Compare {fork}").check()

    row = page.locator(".run-list tbody tr", has=page.get_by_label(f"Compare {fork}"))
    expect(row).to_contain_text(f"fork of {name} at tick 15")
    expect(page.locator(".verdict")).to_contain_text("They part at tick 16.")
    expect(page.locator(".compare .chart canvas").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"compare="))


def test_any_run_of_the_list_can_be_forked(laboratory: Served, watched: Watched) -> None:
    page = watched.page
    name = watched.open_run(laboratory.address, "foragers", "&panel=runs")
    watched.wait_for_tick(10)

    page.get_by_role("button", name=f"Fork {name}").click()
    page.get_by_label("After tick").fill("6")
    page.get_by_label("Seed from there on").fill("4711")
    page.get_by_role("button", name="Fork", exact=True).click()

    expect(page.locator(".seed output")).to_have_text("4711")
    expect(page.locator(".track .ends span").first).to_have_text("7")


def test_what_a_fork_cannot_have_is_told_in_its_form(laboratory: Served, watched: Watched) -> None:
    page = watched.page
    watched.open_run(laboratory.address, "foragers")
    page.get_by_role("button", name="Fork…").click()

    page.get_by_label("Agents", exact=True).fill("7")
    page.get_by_role("button", name="Fork", exact=True).click()

    expect(page.locator(".fork-form .error")).to_contain_text("cannot change agents")


def test_who_comes_and_goes_is_picked_by_its_number_and_not_by_its_row(
    laboratory: Served, watched: Watched
) -> None:
    page = watched.page
    watched.open_run(laboratory.address, "wolf_sheep", "&panel=agents")
    page.get_by_role("button", name="Pause", exact=True).click()
    watched.expect_condition("Paused")
    rows = page.locator(".agent-table tbody tr")
    expect(rows.first).to_be_visible()
    number = rows.nth(3).locator("th button").inner_text()

    rows.nth(3).locator("th button").click()
    page.get_by_role("button", name="Play", exact=True).click()

    expect(page).to_have_url(re.compile(rf"agent={number}\b"))
    expect(page.get_by_label("Agent number")).to_have_value(number)
