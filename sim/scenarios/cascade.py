"""Information cascades: people in a queue who see what those before them did."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sim.model import Array
from sim.parameters import parameter
from sim.random import Streams
from sim.scenario import ColumnInfo, Factor, Frame, ModelInfo, Scenario, View
from sim.scenarios.plain import Beliefs, kept
from sim.tick import Column

ACTIONS = ("waits", "rejects", "adopts")
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Cascade(Scenario):
    """One tick is one decision in every queue, one after the other and not at once. Exact Bayes:
    all know that who is undecided tosses a coin. Nothing happens when the queues have ended."""

    name: ClassVar[str] = "cascade"
    title: ClassVar[str] = "Information cascade"
    text: ClassVar[str] = (
        "Many independent queues; in each, people decide one after the other whether to adopt"
        " something that is good or bad. Each has a private signal that is right with probability"
        " `precision` and sees what all before it did. Soon what is seen outweighs any signal, and"
        " all follow, at times into the wrong. A tick is one decision in every queue."
    )
    references: ClassVar[tuple[str, ...]] = (
        "Bikhchandani, Hirshleifer & Welch (1992). A theory of fads, fashion, custom, and cultural"
        " change as informational cascades. Journal of Political Economy 100(5), 992-1026.",
    )
    hz: ClassVar[float] = 2.0

    agents: int = parameter(
        2000, minimum=1, maximum=200_000, text="People; the last queue may be shorter"
    )
    length: int = parameter(20, minimum=1, maximum=1000, text="People in a queue")
    precision: float = parameter(
        0.7, minimum=0.501, maximum=0.999, text="Probability that a signal is right"
    )

    def begin(self, streams: Streams, clock: Callable[[], int]) -> "CascadeWorld":  # noqa: ARG002
        return CascadeWorld(self, streams)


class CascadeWorld:
    """Agent i is at place i % length of queue i // length; `public` is the log odds, per queue,
    that it is good, of somebody who saw all actions."""

    columns = (
        ColumnInfo("x", "Place in the queue", "cells"),
        ColumnInfo("y", "Queue", "cells"),
        ColumnInfo("action", "Action", kind="category", labels=ACTIONS),
        ColumnInfo("correct", "Right", kind="flag"),
        ColumnInfo("follows", "Whatever its signal", kind="flag"),
        ColumnInfo("belief", "Probability that it is good"),
    )
    model: ModelInfo | None = ModelInfo((Factor("quality", ("bad", "good")),), (), ACTIONS, 0)

    def __init__(self, scenario: Cascade, streams: Streams) -> None:
        self.agents, self._length = scenario.agents, scenario.length
        self._p, self._streams = scenario.precision, streams
        self._step = math.log(self._p / (1 - self._p))
        queues = -(-self.agents // self._length)
        number = np.arange(self.agents)
        self._queue, self._place = number // self._length, number % self._length
        self._good = streams.environment.random(queues) < 0.5
        self._public = np.zeros(queues)
        self._action = np.zeros(self.agents, dtype=np.int32)
        self._follows = np.zeros(self.agents, dtype=np.bool_)
        self._logit, self._surprise = np.zeros(self.agents), np.zeros(self.agents)
        self.view = View(
            "grid", self._length, queues, color=("action", "correct", "follows", "belief"),
            sentence="Each row is a queue, decided from left to right; the colour is the action.",
        )  # fmt: skip

    def advance(self, number: int) -> Frame:
        """The next in each queue decides."""
        prior = _two(self._logit)
        signal = self._streams.environment.random(len(self._public)) < self._p
        coin = self._streams.ties.random(len(self._public)) < 0.5
        here = np.flatnonzero(self._place == number - 1)
        if len(here):
            prior[here] = self._decide(here, signal, coin)
        posterior = _two(self._logit)
        decided = self._action > 0
        correct = decided & ((self._action == 2) == self._good[self._queue])
        columns: dict[str, Column] = {
            "x": self._place.astype(np.int32),
            "y": self._queue.astype(np.int32),
            "action": self._action.copy(),
            "correct": correct,
            "follows": self._follows.copy(),
            "belief": posterior[:, 1].copy(),
        }
        cascading = np.abs(self._public) > self._step + TOLERANCE
        right = (self._public > 0) == self._good
        aggregates = {
            "correct": float(correct.sum() / max(1, decided.sum())),
            "cascades": float(cascading.mean()),
            "correct_cascades": float((cascading & right).mean()),
        }
        detail = Beliefs("quality", prior, posterior, self._surprise.copy())
        return Frame(columns, aggregates, (), detail)

    def state(self) -> dict[str, Any]:
        return {
            "good": self._good, "public": self._public, "action": self._action,
            "follows": self._follows, "logit": self._logit, "surprise": self._surprise,
        }  # fmt: skip

    def restore(self, state: Mapping[str, Any]) -> None:
        self._good, self._public, self._action, self._follows, self._logit, self._surprise = kept(
            state, "good", "public", "action", "follows", "logit", "surprise"
        )

    def _decide(self, here: Any, right: Any, coin: Any) -> Array:
        """Those agents, one for each of their queues, act; gives what they believed before."""
        queue = self._queue[here]
        public, signal = self._public[queue], right[queue] == self._good[queue]
        logit = public + np.where(signal, self._step, -self._step)
        tie = np.abs(logit) < TOLERANCE
        adopts = np.where(tie, coin[queue], logit > 0)
        self._action[here] = 1 + adopts
        self._follows[here] = np.abs(public) > self._step + TOLERANCE
        self._logit[here] = logit
        before = _two(public)
        good = np.where(signal, self._p, 1 - self._p)
        self._surprise[here] = -np.log(before[:, 1] * good + before[:, 0] * (1 - good))
        self._public[queue] = public + self._evidence(public, adopts)
        return before

    def _evidence(self, public: Array, adopts: Any) -> Array:
        """Log odds from an action: p(adopts) after a good and after a bad signal, and those of
        the signals."""
        high, low = (_choice(public + step) for step in (self._step, -self._step))
        good = self._p * high + (1 - self._p) * low
        bad = (1 - self._p) * high + self._p * low
        none = np.isclose(high, low)
        ups, downs = (np.where(none, 1.0, odds) for odds in (good, bad))
        no_ups, no_downs = (np.where(none, 1.0, 1 - odds) for odds in (good, bad))
        found: Array = np.where(adopts, np.log(ups / downs), np.log(no_ups / no_downs))
        return found


def _choice(logit: Array) -> Array:
    """The probability to adopt."""
    chosen: Array = np.where(np.abs(logit) < TOLERANCE, 0.5, (logit > 0).astype(np.float64))
    return chosen


def _two(logit: Array) -> Array:
    good = 0.5 * (1 + np.tanh(logit / 2))
    return np.stack([1 - good, good], axis=1)
