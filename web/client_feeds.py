"""All subscriptions of a client, and what the server is asked for on their behalf."""

import asyncio
import itertools
from collections.abc import Callable, Collection, Sequence
from typing import Any

from web.client_errors import StageError
from web.client_feed import Feed
from web.client_results import Event
from web.errors import PERMISSION_DENIED

TRY_AGAIN = (
    5.0  # seconds after which what is refused for now is asked for again, if nothing is said
)
Send = Callable[[dict[str, Any]], bool]


class Feeds:
    """`send` takes a message and says whether there is a connection for it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._numbers = itertools.count(1)
        self._feeds: dict[Feed, None] = {}
        self._asked: dict[str, Feed] = {}
        self._timers: dict[Feed, asyncio.TimerHandle] = {}

    def join(self, feed: Feed) -> None:
        """The feed gets its events from now on, over all connections, until it leaves."""
        self._feeds[feed] = None
        self._ask(feed)

    def leave(self, feed: Feed) -> None:
        """The server need not send any more what nobody else wants."""
        if feed not in self._feeds:
            return
        del self._feeds[feed]
        self._cancel(feed)
        wanted = {pattern for other in self._feeds for pattern in other.patterns}
        gone = [str(pattern) for pattern in feed.patterns if pattern not in wanted]
        if gone:
            self._send({"type": "unsubscribe", "events": gone})

    def resume(self) -> None:
        """There is a new connection, which knows of nothing."""
        for feed in [*self._feeds]:
            self._ask(feed)

    def take(self, events: Sequence[Event]) -> None:
        """What one frame brought."""
        for feed in [*self._feeds]:
            feed.take(events)
            if feed.is_over:
                self.leave(feed)

    def answered(self, number: str, result: Any) -> None:
        """The server has taken a subscription, if this was one."""
        if (feed := self._asked.pop(number, None)) is not None and not feed.is_over:
            feed.begin(result)

    def refused(self, number: str, error: StageError) -> None:
        """The server has not: for now, or for good."""
        feed = self._asked.pop(number, None)
        if feed is None or feed not in self._feeds:
            return
        if error.temporary:
            wait = float(error.details.get("retry_after", TRY_AGAIN))
            loop = asyncio.get_running_loop()
            self._timers[feed] = loop.call_later(wait, self._ask, feed)
        else:
            feed.fail(error)
            self.leave(feed)

    def lost(self, patterns: Collection[str]) -> None:
        """A new token does not allow these any more."""
        for feed in [*self._feeds]:
            if missing := [str(pattern) for pattern in feed.patterns if str(pattern) in patterns]:
                text = f"The new token does not allow subscribing to {', '.join(missing)}."
                feed.fail(StageError(PERMISSION_DENIED.name, text, {"topics": missing}))
                self.leave(feed)

    def cut_off(self) -> None:
        """The connection is gone."""
        self._asked.clear()
        for feed in self._feeds:
            self._cancel(feed)
            feed.cut_off()

    def end(self, error: BaseException | None) -> None:
        """There will be no connection any more; None: because nobody wants one."""
        for feed in self._feeds:
            self._cancel(feed)
            if error is None:
                feed.close()
            else:
                feed.fail(error)
        self._feeds.clear()

    def _cancel(self, feed: Feed) -> None:
        if (timer := self._timers.pop(feed, None)) is not None:
            timer.cancel()

    def _ask(self, feed: Feed) -> None:
        """Subscribes. The server knows one mode and rate per pattern: the most generous of those
        who share one."""
        self._cancel(feed)
        sharing = [other for other in self._feeds if {*other.patterns} & {*feed.patterns}]
        is_all = any(other.mode == "all" for other in sharing)
        rates = [other.max_hz for other in sharing if other.max_hz is not None]
        number = f"s{next(self._numbers)}"
        body: dict[str, Any] = {
            "type": "subscribe",
            "id": number,
            "events": [str(pattern) for pattern in feed.patterns],
            "mode": "all" if is_all else "latest",
        }
        if len(rates) == len(sharing):
            body["max_hz"] = max(rates)
        if since := feed.since():
            body["since"] = since
        try:
            if self._send(body):
                self._asked[number] = feed
        except StageError as error:
            feed.fail(error)
            self.leave(feed)
