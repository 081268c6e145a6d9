"""The page against the real server: what a visitor sees and does."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.served import Served
from tests.browser.watched import Watched

pytestmark = pytest.mark.browser

# The run takes one command after the other: when it answers this one, all before it are done.
TICK_AFTER_ALL = """async () => {
  const main = document.querySelector("script[type=module]").src;
  const { command, query, runName } = await import(new URL("stage.js", main));
  const run = runName.value;
  await command("run.pause", { run }).catch(() => null);
  return (await query("run.get", { run })).tick;
}"""


def test_a_visitor_sees_moving_agents_and_a_sentence(served: Served, watched: Watched) -> None:
    watched.open(served.address)
    watched.wait_for_tick(1)

    before = watched.picture()
    watched.wait_for_tick(watched.tick + 3)

    assert watched.picture() != before
    assert len(watched.page.locator(".world figcaption").inner_text()) > 20
    expect(watched.page.locator(".overview .chart canvas").first).to_be_visible()


def test_the_page_asks_nobody_but_its_server(served: Served, watched: Watched) -> None:
    watched.open(served.address)
    watched.wait_for_tick(1)

    assert watched.hosts == {"127.0.0.1"}


def test_the_page_sends_few_messages(served: Served, watched: Watched) -> None:
    watched.open(f"{served.address}/?agent=3")
    watched.wait_for_tick(watched.tick + 20)

    assert watched.sent < 25


def test_a_picked_agent_shows_its_belief(served: Served, watched: Watched) -> None:
    watched.open(served.address)
    picker = watched.page.locator(".mind .picker input")

    picker.fill("17")
    picker.press("Enter")

    mind = watched.page.locator(".mind")
    expect(mind).to_contain_text("Entropy")
    expect(mind.locator(".policies tbody tr").first).to_be_visible()
    expect(watched.page).to_have_url(re.compile(r"[?&]agent=17\b"))


def test_pause_stands_still_and_a_step_is_exactly_one_tick(
    served: Served, watched: Watched
) -> None:
    watched.open(served.address)
    watched.page.get_by_role("button", name="Pause", exact=True).click()
    watched.expect_condition("Paused")
    tick, still = watched.tick, watched.picture()

    unchanged = watched.picture() == still
    watched.page.locator('[data-action="step"]').click()
    watched.wait_for_tick(tick + 1)
    stepped = watched.page.evaluate(TICK_AFTER_ALL)
    watched.page.get_by_role("button", name="Play", exact=True).click()
    watched.expect_condition("Live")
    watched.wait_for_tick(tick + 4)

    assert unchanged
    assert stepped == tick + 1


def test_the_speed_is_set_by_key_and_told(served: Served, watched: Watched) -> None:
    watched.open(served.address)
    said = watched.page.locator(".speed output")
    expect(said).to_contain_text("1×")

    watched.page.keyboard.press("]")
    expect(said).to_contain_text("2×")
    watched.page.keyboard.press("[")

    expect(said).to_contain_text("1×")


def test_the_address_tells_what_is_seen(served: Served, watched: Watched) -> None:
    watched.open(f"{served.address}/?panel=system&theme=light")
    page = watched.page

    expect(page.locator("main")).to_have_attribute("data-panel", "system")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.keyboard.press("5")
    expect(page).to_have_url(re.compile(r"panel=runs"))
    page.go_back()

    expect(page.locator("main")).to_have_attribute("data-panel", "system")


def test_keys_do_nothing_while_somebody_types(served: Served, watched: Watched) -> None:
    watched.open(f"{served.address}/?panel=console")
    field = watched.page.locator("#message")

    field.fill("")
    field.press_sequentially("5d ?")

    expect(field).to_have_value("5d ?")
    expect(watched.page.locator("main")).to_have_attribute("data-panel", "console")
    expect(watched.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_help_tells_the_keys_and_can_be_searched(served: Served, watched: Watched) -> None:
    watched.open(served.address)

    watched.page.keyboard.press("?")
    watched.page.get_by_label("Search the keys").fill("dark")

    rows = watched.page.locator(".keys dd")
    expect(rows).to_have_text(["Dark or light"])
    watched.page.keyboard.press("Escape")
    expect(watched.page.locator("dialog.help")).to_be_hidden()


@pytest.mark.parametrize("panel", ["overview", "agents", "belief", "system", "console", "runs"])
def test_a_narrow_window_is_one_column(served: Served, watched: Watched, panel: str) -> None:
    watched.page.set_viewport_size({"width": 390, "height": 844})
    watched.open(f"{served.address}/?panel={panel}&agent=3")
    expect(watched.page.locator("main")).to_have_attribute("data-panel", panel)
    watched.wait_for_tick(watched.tick + 2)

    overhang = watched.page.evaluate(
        "document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth"
    )

    assert overhang <= 0


def test_the_console_shows_the_frames_of_both_directions(served: Served, watched: Watched) -> None:
    watched.open(f"{served.address}/?panel=console")
    frames = watched.page.locator(".frame-list")
    expect(frames).to_contain_text("connection_established")

    watched.page.get_by_role("button", name="Ping").click()
    watched.page.get_by_role("button", name="Send").click()

    expect(frames.locator(".out")).to_contain_text("ping #1")
    expect(frames.locator(".in").first).to_contain_text("pong #1")
