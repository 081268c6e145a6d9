"""Messages that reached nobody: counted, a few kept to look at, and told to whoever listens."""

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)

SAMPLE = 100

# Why a message became a dead letter.
FULL = "full"
STOPPED = "stopped"
POISONED = "poisoned"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What is known of the message; the message itself is let go, as it may be large."""

    path: str
    actor: str
    message: str
    reason: str


class DeadLetters:
    """Counts per class of actor and message, and the last few. Any thread may record."""

    def __init__(self) -> None:
        self.total = 0
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.sample: deque[DeadLetter] = deque(maxlen=SAMPLE)
        self._listeners: list[Callable[[DeadLetter], object]] = []
        self._lock = threading.Lock()
        self._telling = threading.local()

    def record(self, path: str, actor: type, message: object, reason: str) -> None:
        """Count the message under (class of the actor, class of the message, reason)."""
        letter = DeadLetter(path, actor.__name__, type(message).__name__, reason)
        with self._lock:
            self.total += 1
            self.counts[letter.actor, letter.message, reason] += 1
            self.sample.append(letter)
        # A listener that tells a full or dead actor makes another letter: counted, not told.
        if not self._listeners or getattr(self._telling, "now", False):
            return
        self._telling.now = True
        try:
            for listener in tuple(self._listeners):
                self._tell(listener, letter)
        finally:
            self._telling.now = False

    def listen(self, listener: Callable[[DeadLetter], object]) -> Callable[[], None]:
        """Call the listener with every letter, on the thread that lost it; returns how to end."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @staticmethod
    def _tell(listener: Callable[[DeadLetter], object], letter: DeadLetter) -> None:
        try:
            listener(letter)
        except Exception:
            logger.exception("A listener failed for the dead letter %s", letter)
