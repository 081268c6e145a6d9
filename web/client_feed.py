"""One subscription of a client: what of the stream it takes, and what waits to be taken out.

For `all` the offsets of each topic rise by one, and where they do not there is a Gap between.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from actors.topics import InvalidTopic, Pattern
from web.client_errors import SLOW_CONSUMER, StageError
from web.client_results import Event, Gap, Item, Position
from web.errors import INVALID_TOPIC

Mode = Literal["all", "latest"]
MOST_TOPICS = 20_000  # whose position is kept, as many as a server keeps
MOST_SINCE = 1000  # topics, and bytes, that `since` may take in a message
SINCE_BYTES = 48 * 1024
_SINCE_ENTRY = 32  # bytes besides the names


def pattern_of(text: str) -> Pattern:
    """Raises StageError."""
    try:
        return Pattern.parse(text)
    except InvalidTopic as error:
        raise StageError(INVALID_TOPIC.name, str(error), {"topic": text}) from None


class Feed:
    """`limit`: items that may wait before the next frame; then the feed ends as SLOW_CONSUMER."""

    def __init__(
        self,
        patterns: Iterable[Pattern],
        mode: Mode,
        max_hz: float | None,
        since: Mapping[str, Position],
        limit: int,
    ) -> None:
        self.patterns = tuple(patterns)
        self.mode: Mode = mode
        self.max_hz = max_hz
        self.has_begun = asyncio.Event()
        self._limit = limit
        self._positions: OrderedDict[str, Position] = OrderedDict(since)
        self._unseen: set[str] = set()  # topics of which no event came, so that any may be the next
        self._targets: dict[str, int] = {}  # offsets up to which the server recovers
        self._asked: set[str] = set()
        self._is_open = False
        self._was_open = False
        # By the topic for `latest`, else by a running number.
        self._items: OrderedDict[str | int | Gap, Item] = OrderedDict()
        self._count = 0
        self._there = asyncio.Event()
        self._error: BaseException | None = None
        self.is_over = False

    def since(self) -> dict[str, Any]:
        """The positions to go on from, for a new connection; topics for which there is no room are
        told as gaps."""
        told: dict[str, Any] = {}
        room = SINCE_BYTES
        for topic, position in reversed(self._positions.items()):
            room -= len(topic) + len(position.epoch) + _SINCE_ENTRY
            if room < 0 or len(told) >= MOST_SINCE:
                break
            told[topic] = msgspec.structs.asdict(position)
        for topic in [topic for topic in self._positions if topic not in told]:
            self._miss(topic)
        self._asked = set(told)
        return told

    def begin(self, result: Any) -> None:
        """The server has answered: what it sends from now on is for this feed."""
        is_back, self._was_open, self._is_open = self._was_open, True, True
        for subscription in result["subscriptions"]:
            for place in subscription["topics"]:
                self._place(is_back=is_back, **place)
        self.has_begun.set()

    def cut_off(self) -> None:
        """The connection is gone."""
        self._is_open = False
        self._targets.clear()

    def take(self, events: Iterable[Event]) -> None:
        """Takes what is for it of a frame; one frame is taken whole, however long."""
        if not self._is_open:
            return
        if len(self._items) >= self._limit:
            self.fail(self._too_slow())
            return
        for event in events:
            if any(pattern.matches(event.topic) for pattern in self.patterns):
                self._take(event)

    def fail(self, error: BaseException) -> None:
        """Ends it: who iterates gets the error after what still waits."""
        if not self.is_over:
            self._error = error
            self._end()

    def close(self) -> None:
        """Ends it at once."""
        self._items.clear()
        self._end()

    async def next(self) -> Item:
        """What comes next. Raises StopAsyncIteration, or the error with which the feed ended."""
        while not self._items:
            if self._error is not None:
                raise self._error
            if self.is_over:
                raise StopAsyncIteration
            self._there.clear()
            await self._there.wait()
        return self._items.popitem(last=False)[1]

    async def begun(self) -> None:
        """Until the server has taken the subscription; raises StageError where it does not."""
        await self.has_begun.wait()
        if self._error is not None:
            raise self._error

    def _end(self) -> None:
        self._is_open = False
        self.is_over = True
        self.has_begun.set()
        self._there.set()

    def _place(
        self,
        topic: str,
        epoch: str,
        offset: int,
        recovered: bool | None,
        *,
        is_back: bool,
        **_later: object,
    ) -> None:
        was_asked = topic in self._asked
        self._asked.discard(topic)
        if was_asked and recovered is True:
            self._targets[topic] = offset
            self._unseen.discard(topic)
            return
        if was_asked and recovered is False:
            self._miss(topic)
        elif topic in self._positions:
            return
        elif is_back and self.mode == "all" and offset >= 0:
            # It began while the connection was away; its beginning is gone.
            self._put(topic, Gap(topic))
        if epoch:
            self._positions[topic] = Position(epoch, offset)
            self._unseen.add(topic)

    def _take(self, event: Event) -> None:
        topic = event.topic
        seen = self._positions.get(topic)
        if seen is not None:
            is_same = seen.epoch == event.epoch
            if is_same and event.offset <= seen.offset:
                return
            is_next = is_same and event.offset == seen.offset + 1
            if self.mode == "all" and not is_next and topic not in self._unseen:
                if is_same and event.offset <= self._targets.get(topic, -1):
                    # Meant for another subscription; it comes again among those recovered.
                    return
                self._put(topic, Gap(topic))
        self._unseen.discard(topic)
        self._positions[topic] = Position(event.epoch, event.offset)
        self._positions.move_to_end(topic)
        if len(self._positions) > MOST_TOPICS:
            self._positions.popitem(last=False)
        self._put(topic, event)

    def _miss(self, topic: str) -> None:
        self._positions.pop(topic, None)
        self._unseen.discard(topic)
        self._put(topic, Gap(topic))

    def _put(self, topic: str, item: Item) -> None:
        if isinstance(item, Gap) and self.mode == "latest":
            self._items[item] = item
        elif isinstance(item, Event) and self.mode == "latest":
            older = self._items.pop(topic, None)
            if isinstance(older, Event):
                skipped = item.skipped + older.skipped + 1
                item = msgspec.structs.replace(item, skipped=skipped)
            self._items[topic] = item
        else:
            self._count += 1
            self._items[self._count] = item
        self._there.set()

    def _too_slow(self) -> StageError:
        topics = {
            topic: msgspec.structs.asdict(position)
            for topic, position in self._positions.items()
            if topic not in self._unseen
        }
        last = next(reversed(self._positions), "nothing")
        message = (
            f"{self._limit} events wait to be taken out, and more came. It stopped at "
            f"{last} {topics.get(last, {}).get('offset', '')}; subscribe with "
            "since=error.details['topics'] to go on, with a larger queue, or with mode='latest'."
        )
        details = {"limit": self._limit, "topics": topics}
        return StageError(SLOW_CONSUMER, message, details, temporary=True)
