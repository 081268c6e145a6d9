"""A page under test, with what it complained of and where it reached out to."""

from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

PATIENCE = 15_000
LOSS = ("net::ERR_CONNECTION_REFUSED", "WebSocket connection to")


class Watched:
    """Keeps the page's errors, the hosts it asked, and what it sent over its sockets.

    `may_lose_server`: that the server cannot be reached is no complaint then.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.sent = 0
        self.may_lose_server = False
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)
        page.on("websocket", lambda socket: socket.on("framesent", self._sent))

    def open(self, address: str) -> None:
        """Goes there and waits until the page is live."""
        self.page.goto(address)
        self.expect_condition("Live")

    def open_run(self, address: str, scenario: str, query: str = "") -> str:
        """Shows the first run of the scenario, with its line of time; the run's name."""
        self.open(f"{address}/?panel=runs")
        name = self.page.locator(".run-list th .link", has_text=scenario).last.inner_text()
        self.page.goto(f"{address}/?run={name}{query}")
        expect(self.page.locator(".scrubber")).to_be_visible(timeout=PATIENCE)
        return name

    def play(self) -> None:
        """Lets the run go on if a test before has left it paused."""
        button = self.page.locator('[data-action="play"]')
        if button.get_attribute("aria-label") == "Play":
            button.click()
        self.expect_condition("Live")

    def look_at(self, tick: int) -> None:
        """Drags the line of time there."""
        self.page.get_by_role("slider", name="Tick").evaluate(
            "(line, tick) => { line.value = tick;"
            " line.dispatchEvent(new Event('input', { bubbles: true })); }",
            tick,
        )

    @property
    def condition(self) -> Locator:
        """The sign in the head that says how the connection and the run fare."""
        return self.page.locator(".condition")

    def expect_condition(self, text: str) -> None:
        """Waits until the sign says so."""
        expect(self.condition).to_contain_text(text, timeout=PATIENCE)

    @property
    def tick(self) -> int:
        """The tick that the transport bar shows; 0 for none."""
        digits = self.page.locator('[data-figure="tick"]').inner_text()
        return int("".join(filter(str.isdigit, digits)) or 0)

    def wait_for_tick(self, least: int) -> None:
        """Waits until the transport bar shows this tick or a later one."""
        self.page.wait_for_function(
            "least => Number(document.querySelector('[data-figure=tick]').textContent"
            ".replace(/\\D/g, '')) >= least",
            arg=least,
            timeout=PATIENCE,
        )

    def picture(self) -> bytes:
        """The world as it is drawn now, after two frames of the display."""
        self.page.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        return self.page.locator(".stage-canvas").screenshot()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if self.may_lose_server and any(sign in message.text for sign in LOSS):
            return
        self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        self.hosts.add(urlsplit(request.url).hostname or "")

    def _sent(self, frame: str | bytes) -> None:
        self.sent += 1
