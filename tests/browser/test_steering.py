"""Conditions to run until, changes of agents, and the palette of commands."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.served import Served
from tests.browser.watched import Watched

pytestmark = pytest.mark.browser


def until(page: Page, condition: str) -> None:
    """Asks the run to go on until the condition holds."""
    page.keyboard.press("u")
    page.get_by_label("Condition").fill(condition)
    page.keyboard.press("Enter")


def test_a_condition_that_cannot_be_understood_has_a_caret_under_the_place(
    laboratory: Served, watched: Watched
) -> None:
    watched.open_run(laboratory.address, "foragers")

    until(watched.page, "any(surpise) > 3")

    complaint = watched.page.locator(".complaint")
    expect(complaint).to_contain_text("did you mean surprise?")
    assert complaint.locator("pre").text_content() == "any(surpise) > 3\n    ^"
    watched.page.keyboard.press("Escape")
    expect(watched.page.locator(".sheet")).to_be_hidden()


def test_a_condition_is_shown_while_it_holds_the_run_and_can_be_taken_back(
    laboratory: Served, watched: Watched
) -> None:
    watched.open_run(laboratory.address, "foragers")
    watched.play()

    until(watched.page, "tick >= 1000000")
    shown = watched.page.locator(".transport .until")
    expect(shown).to_contain_text("tick >= 1000000")
    watched.page.reload()
    expect(shown).to_contain_text("tick >= 1000000")
    shown.get_by_role("button", name="Do not pause").click()

    expect(shown).to_be_hidden()
    watched.expect_condition("Live")


def test_a_met_breakpoint_names_the_agents_and_a_press_picks_one(
    laboratory: Served, watched: Watched
) -> None:
    watched.open_run(laboratory.address, "foragers")
    watched.play()

    until(watched.page, "any(entropy) >= 0")

    notice = watched.page.locator(".notice.met")
    expect(notice).to_contain_text("any(entropy) >= 0 is met, by 60 agents")
    watched.expect_condition("Paused")
    notice.get_by_role("button", name="Pick agent 4").click()
    expect(watched.page).to_have_url(re.compile(r"[?&]agent=4\b"))
    watched.play()


def test_a_change_of_an_agent_is_told_and_marked(laboratory: Served, watched: Watched) -> None:
    page = watched.page
    watched.open_run(laboratory.address, "foragers", "&panel=agents&agent=7")
    watched.play()

    page.get_by_role("button", name="Change…").click()
    form = page.get_by_role("form", name="Change")
    form.get_by_label("What").select_option("belief")
    form.get_by_label("Factor").select_option("second cue")
    form.get_by_label("State").select_option(label="place 3")
    form.get_by_role("button", name="Apply").click()

    told = re.compile(r"agent 7, belief second cue = place 3")
    expect(page.locator(".notice")).to_contain_text(told)
    expect(page.locator(".happened")).to_contain_text(told)
    expect(page.locator(".track .mark.perturbation").first).to_be_attached()


def test_a_cell_of_the_world_is_where_an_agent_is_moved_to(
    laboratory: Served, watched: Watched
) -> None:
    page = watched.page
    watched.open_run(laboratory.address, "foragers", "&panel=agents&agent=7")
    page.get_by_role("button", name="Change…").click()
    form = page.get_by_role("form", name="Change")
    form.get_by_label("What").select_option("move")

    form.get_by_role("button", name="Pick the cell").click()
    page.locator(".stage-canvas").click()

    # The middle of five rows and seven columns.
    expect(form.get_by_label("Place")).to_have_value("17")
    expect(page).to_have_url(re.compile(r"agent=7\b"))


def test_an_edge_is_cut_and_what_cannot_be_cut_is_said(
    laboratory: Served, watched: Watched
) -> None:
    page = watched.page
    watched.open_run(laboratory.address, "opinion", "&panel=agents&agent=7")
    page.get_by_role("button", name="Change…").click()
    form = page.get_by_role("form", name="Change")
    expect(form.get_by_label("What").locator("option")).to_have_text(["Cut an edge", "Add an edge"])
    expect(page.get_by_text("State at tick")).to_be_visible()
    expect(page.get_by_text("Last actions")).to_have_count(0)

    form.get_by_label("Other agent").fill("20")
    form.get_by_role("button", name="Apply").click()
    expect(form.get_by_role("alert")).to_contain_text("there is no edge between 7 and 20")
    form.get_by_label("Other agent").fill("8")
    form.get_by_role("button", name="Apply").click()

    expect(page.locator(".notice")).to_contain_text("agent 7, edge to agent 8 cut")


def test_a_body_is_moved_to_a_cell_of_the_world(laboratory: Served, watched: Watched) -> None:
    page = watched.page
    watched.open_run(laboratory.address, "flocking", "&panel=agents&agent=3")
    page.get_by_role("button", name="Change…").click()
    form = page.get_by_role("form", name="Change")

    form.get_by_role("button", name="Pick the cell").click()
    page.locator(".stage-canvas").click()
    expect(form.get_by_label("Cell")).to_have_value(re.compile(r"^\d+,\d+$"))
    form.get_by_label("Cell").fill("2,1")
    form.get_by_role("button", name="Apply").click()

    expect(page.locator(".notice")).to_contain_text("agent 3, moved to 2,1")


def test_the_head_counts_the_animals_that_are_alive(laboratory: Served, watched: Watched) -> None:
    page = watched.page
    watched.open_run(laboratory.address, "wolf_sheep")
    watched.play()

    shown = page.locator('[data-figure="agents"] dd')
    for _ in range(3):
        before = shown.inner_text()
        expect(shown).not_to_have_text(before)


def test_animals_that_come_and_go_offer_no_change(laboratory: Served, watched: Watched) -> None:
    watched.open_run(laboratory.address, "wolf_sheep", "&panel=agents")

    expect(watched.page.locator(".inspector")).to_be_visible()

    expect(watched.page.get_by_role("button", name="Change…")).to_have_count(0)


def test_the_palette_finds_a_command_and_does_it(laboratory: Served, watched: Watched) -> None:
    watched.open_run(laboratory.address, "foragers")

    watched.page.keyboard.press("Control+k")
    field = watched.page.get_by_label("Search the commands")
    field.fill("syst")
    field.press("Enter")

    expect(watched.page.locator("main")).to_have_attribute("data-panel", "system")
    expect(watched.page.locator("dialog.palette")).to_be_hidden()
