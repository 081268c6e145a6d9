"""The server dies and comes back; the page stays."""

import pytest
from playwright.sync_api import expect

from tests.browser.served import Served
from tests.browser.watched import Watched

pytestmark = pytest.mark.browser


def test_a_page_is_live_again_without_a_reload_after_the_server_was_killed(
    served: Served, watched: Watched
) -> None:
    watched.open(f"{served.address}/?agent=5")
    watched.wait_for_tick(3)
    watched.page.evaluate("window.same = true")
    watched.may_lose_server = True

    served.kill()
    watched.expect_condition("Reconnecting")
    served.start()
    watched.expect_condition("Live")
    watched.wait_for_tick(watched.tick + 3)

    assert watched.page.evaluate("window.same")
    expect(watched.page.locator(".mind")).to_contain_text("Entropy")
