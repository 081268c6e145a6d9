"""Chromium and a server for the tests of the page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.served import Served
from tests.browser.watched import Watched

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = {"width": 1440, "height": 900}
PATIENCE = 15_000  # milliseconds that an expectation waits, on a busy machine


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server with a run of foragers for all tests of a file."""
    server = Served(tmp_path_factory.mktemp("served") / "data", "--run", "foragers:agents=200")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server with minds, animals that come and go, a network and bodies, for all tests of a
    file."""
    runs = (
        "foragers:agents=60", "wolf_sheep:agents=200",
        "opinion:agents=40,network=ring", "flocking:agents=50",
    )  # fmt: skip
    wishes = [word for run in runs for word in ("--run", run)]
    server = Served(tmp_path_factory.mktemp("laboratory") / "data", *wishes)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=WIDE, color_scheme="dark", reduced_motion="reduce")  # type: ignore[arg-type]
    found = context.new_page()
    found.set_default_timeout(PATIENCE)
    yield found
    context.close()


@pytest.fixture
def watched(page: Page) -> Iterator[Watched]:
    """A page whose console must stay free of errors."""
    found = Watched(page)
    yield found
    assert found.complaints == []
