"""What minds learn of their models: Dirichlet counts of A, B and D, with forgetting.

After Friston et al. 2016 (Active inference and learning) and Da Costa et al. 2020 (Active
inference on discrete state-spaces), an observation o and posteriors q add, each times the rate η,
to A[m]: o ⊗ q(s); to B[f], in the control u that was chosen: q(s now) ⊗ q(s before), each of its
own posterior; to D[f]: q(s) of the first observation. The models expected are the counts scaled
to sum to one. Forgetting ω pulls counts towards the prior ones: a ← a₀ + (1 - ω)(a - a₀), so none
falls below its prior. A count whose prior is zero stays zero: what a model rules out is not
learned.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import ModelError
from sim.model import Array, Integers, Model


@dataclass(frozen=True, slots=True)
class Learning:
    """How minds learn: `rate` η ≥ 0 of an observation's counts, `forgetting` ω from 0 (never) to 1
    (all at once), and what is learned, of "ABD". `strength` is how many observations each column of
    the model is worth at first. `is_shared`: what one agent learns all know."""

    rate: float = 1.0
    forgetting: float = 0.0
    of: str = "ABD"
    strength: float = 1.0
    is_shared: bool = False

    def __post_init__(self) -> None:
        for name, value, most in (
            ("rate", self.rate, np.inf),
            ("forgetting", self.forgetting, 1.0),
        ):
            if not (0 <= value <= most and np.isfinite(value)):
                raise ModelError(f"learning.{name}", f"is {value:g}; allowed is 0 to {most:g}")
        if not (0 < self.strength < np.inf):
            raise ModelError("learning.strength", f"is {self.strength:g}; it must be above 0")
        if not self.of or set(self.of) - set("ABD"):
            raise ModelError("learning.of", f"is {self.of!r}; allowed are letters of ABD")


class Counts:
    """Concentration parameters of a matrix, (owners, …): outcomes, or next states, first.

    One owner is a population that shares what it learns; else each agent has its own. Raises
    ModelError for a prior that is below zero or has a column without any count.
    """

    def __init__(self, name: str, prior: ArrayLike, owners: int) -> None:
        own = np.array(prior, dtype=np.float64)
        if not np.isfinite(own).all() or (own < 0).any():
            raise ModelError(name, "has prior counts that are below 0 or not finite")
        totals = np.asarray(own.sum(axis=0))
        if (totals <= 0).any():
            column = np.argwhere(totals <= 0)[0].tolist()
            raise ModelError(name, f"sums to 0 along axis 0 at {column}: it needs a prior count")
        self.prior = own
        self.values: Array = np.repeat(own[None], owners, axis=0)

    def add(
        self, evidence: Array, learning: Learning, who: NDArray[np.bool_] | None = None
    ) -> None:
        """Forget, then learn from evidence (agents, …); `who` (agents,) leaves others as they are.

        Owners who are one and all forget once a call, whatever the number of agents.
        """
        if who is not None and not who.any():
            return
        if len(self.values) == 1:
            evidence = (evidence if who is None else evidence[who]).sum(axis=0, keepdims=True)
            who = None
        those = slice(None) if who is None else who
        kept = self.prior + (1.0 - learning.forgetting) * (self.values[those] - self.prior)
        gained = np.where(self.prior > 0, evidence[those], 0.0)
        self.values[those] = kept + learning.rate * gained

    def expected(self) -> Array:
        """The matrices that the counts lead to expect, (owners, …), which sum to one."""
        expected: Array = self.values / self.values.sum(axis=1, keepdims=True)
        return expected


class Knowledge:
    """The counts of a population's models, which begin as so many copies of one model.

    `A[m]` (owners, outcomes, states): joint states in one axis; `B[f]` (owners, next, current,
    controls); `D[f]` (owners, states of f). The prior counts are the model's probabilities times
    the strength. `priors` may give counts of another shape of knowledge, by matrix name ("A[0]").
    """

    def __init__(
        self,
        model: Model,
        agents: int,
        learning: Learning,
        priors: dict[str, ArrayLike] | None = None,
    ) -> None:
        owners = 1 if learning.is_shared else agents
        given = priors or {}
        self._shape, self._learning = model.shape, learning

        def counts(letter: str, matrices: Sequence[Array]) -> tuple[Counts, ...]:
            made = []
            for i, matrix in enumerate(matrices):
                name = f"{letter}[{i}]"
                prior = np.asarray(given.get(name, matrix * learning.strength), dtype=np.float64)
                if prior.shape != matrix.shape:
                    raise ModelError(
                        name, f"has counts {prior.shape}, but the model {matrix.shape}"
                    )
                flat = prior.reshape(len(prior), -1) if letter == "A" else prior
                made.append(Counts(name, flat, owners))
            return tuple(made)

        self.A, self.B, self.D = counts("A", model.A), counts("B", model.B), counts("D", model.D)

    def observe(
        self, posterior: Array, outcomes: Integers, who: NDArray[np.bool_] | None = None
    ) -> None:
        """Learn A from joint posteriors (agents, states) and outcomes (agents, modalities)."""
        if "A" not in self._learning.of:
            return
        for m, counts in enumerate(self.A):
            seen = (outcomes[:, m, None] == np.arange(counts.prior.shape[0])).astype(np.float64)
            counts.add(seen[:, :, None] * posterior[:, None, :], self._learning, who)

    def move(
        self, before: Array, after: Array, controls: Integers, who: NDArray[np.bool_] | None = None
    ) -> None:
        """Learn B from joint posteriors (agents, states) before and after controls
        (agents, factors)."""
        if "B" not in self._learning.of:
            return
        for f, counts in enumerate(self.B):
            chosen = (controls[:, f, None] == np.arange(counts.prior.shape[2])).astype(np.float64)
            pairs = self._marginal(after, f)[:, :, None] * self._marginal(before, f)[:, None, :]
            counts.add(pairs[..., None] * chosen[:, None, None, :], self._learning, who)

    def begin(self, posterior: Array, who: NDArray[np.bool_] | None = None) -> None:
        """Learn D from the joint posterior (agents, states) of a first observation."""
        if "D" not in self._learning.of:
            return
        for f, counts in enumerate(self.D):
            counts.add(self._marginal(posterior, f), self._learning, who)

    def state(self) -> dict[str, list[Array]]:
        """All counts, as `restore` takes them."""
        return {name: [c.values for c in getattr(self, name)] for name in "ABD"}

    def restore(self, state: dict[str, list[Array]]) -> None:
        for name in "ABD":
            for counts, values in zip(getattr(self, name), state[name], strict=True):
                counts.values = np.array(values, dtype=np.float64)

    def _marginal(self, joint: Array, factor: int) -> Array:
        others = tuple(1 + f for f in range(len(self._shape)) if f != factor)
        marginal: Array = joint.reshape(-1, *self._shape).sum(axis=others)
        return marginal
