"""The form that starts runs, against the real server."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.served import Served
from tests.browser.watched import Watched

pytestmark = pytest.mark.browser

# So that the page lets through what only the server refuses, as with a schema of another version.
FORGET_BOUNDS = """async () => {
  const main = document.querySelector("script[type=module]").src;
  const { scenarios } = await import(new URL("runs/scenarios.js", main));
  const known = structuredClone(scenarios.value);
  for (const { parameters } of known) {
    for (const property of Object.values(parameters.properties)) {
      delete property.minimum;
      delete property.maximum;
    }
  }
  scenarios.value = known;
}"""


def test_the_form_starts_a_run_of_a_scenario(served: Served, watched: Watched) -> None:
    watched.open(f"{served.address}/?panel=runs")
    page = watched.page

    page.get_by_role("radio", name="Metronome").check()
    page.get_by_label("Agents").fill("7")
    page.get_by_label("Seed", exact=True).fill("12345")
    page.get_by_role("button", name="Start run").click()

    expect(page).to_have_url(re.compile(r"run=metronome-"))
    expect(page.locator(".seed output")).to_have_text("12345")
    expect(page.locator('[data-figure="agents"] dd')).to_have_text("7")
    watched.expect_condition("Live")


def test_a_value_out_of_bounds_is_told_at_its_field(served: Served, watched: Watched) -> None:
    watched.open(f"{served.address}/?panel=runs")
    page = watched.page
    page.get_by_role("radio", name="Metronome").check()

    page.get_by_label("Agents").fill("0")
    page.get_by_role("button", name="Start run").click()

    expect(page.locator("#parameter-agents-error")).to_contain_text("is allowed")
    expect(page.get_by_label("Agents")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Agents")).to_be_focused()
    expect(page).to_have_url(re.compile(r"panel=runs"))


def test_what_the_server_refuses_is_told_at_its_field(served: Served, watched: Watched) -> None:
    watched.open(f"{served.address}/?panel=runs")
    page = watched.page
    page.get_by_role("radio", name="Metronome").check()
    page.evaluate(FORGET_BOUNDS)

    page.get_by_label("Agents").fill("0")
    page.get_by_role("button", name="Start run").click()

    expect(page.locator("#parameter-agents-error")).to_contain_text("`agents` is 0")
    expect(page.get_by_label("Agents")).to_be_focused()


def test_stopping_a_run_takes_two_presses(served: Served, watched: Watched) -> None:
    watched.open(f"{served.address}/?panel=runs")
    page = watched.page
    page.get_by_role("radio", name="Metronome").check()
    page.get_by_role("button", name="Start run").click()
    watched.expect_condition("Live")
    stop = page.locator('[data-action="stop"]')

    stop.click()
    expect(stop).to_have_text("End this run?")
    stop.click()

    watched.expect_condition("Finished")
