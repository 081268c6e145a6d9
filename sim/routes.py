"""Policies that are routes to a place, for minds that know where they are."""

import numpy as np

from sim.errors import ModelError, UncertainPlace
from sim.grid import Routes
from sim.likelihood import Likelihood
from sim.model import Array, Integers, Model
from sim.policies import Prospects, log_prior

CERTAIN = 1 - 1e-9


class RoutePlanner:
    """Going to a place and staying there, as a policy (a Planner).

    Sequences of actions that reach across a grid are too many to enumerate; routes are few and
    reach every place, as plans towards goals do in hierarchical active inference. For them the
    expected free energy is a sum over the places passed: the place (the model's first factor)
    is known and moves as the action says, the other factors stay, so the belief predicted t
    steps ahead is the place of step t times the present belief about the rest. The value of
    each place is therefore worked out once per belief and added up along each route. This is
    exact: the same as predicting the joint belief step by step.
    """

    def __init__(self, model: Model, likelihood: Likelihood, routes: Routes) -> None:
        self.actions = model.actions
        self.policies = routes.cells.shape[1]
        self.log_prior = log_prior(model.E, self.policies)
        self._places = model.shape[0]
        self._rest = model.states // self._places
        self._routes = routes
        _check(model, routes)
        table = likelihood.table[: likelihood.rows].reshape(-1, self._places, self._rest)
        by_place = table.transpose(1, 0, 2)
        possible = by_place.any(axis=2)
        self._outcomes = by_place[possible]
        self._starts = np.searchsorted(np.nonzero(possible)[0], np.arange(self._places))
        self._ambiguity = likelihood.ambiguity.reshape(self._places, self._rest)
        self._preference = likelihood.preference.reshape(self._places, self._rest)

    def path(self, belief: Array, policy: int) -> list[int]:
        """The actions from where the belief is, with the stay at the end left out."""
        place = int(self._place(belief[None])[0])
        cells = self._routes.cells[place, policy]
        walked = int((cells != cells[-1]).sum()) + 1
        actions: list[int] = self._routes.actions[place, policy, :walked].tolist()
        return actions

    def prospects(self, beliefs: Array) -> Prospects:
        """Of joint beliefs (n, states); raises UncertainPlace."""
        place = self._place(beliefs)
        each = np.arange(len(beliefs))
        rest = beliefs.reshape(-1, self._places, self._rest)[each, place]
        rest = (rest / rest.sum(axis=1, keepdims=True)).T
        logs = self._outcomes @ rest
        predicted = logs.copy()
        np.maximum(logs, np.finfo(np.float64).tiny, out=logs)
        np.log(logs, out=logs)
        logs *= predicted
        gain = -np.add.reduceat(logs, self._starts, axis=0) - self._ambiguity @ rest
        epistemic = np.maximum(gain, 0.0).T
        pragmatic = (self._preference @ rest).T
        passed = self._routes.cells[place]
        rows = each[:, None, None]
        return Prospects(
            epistemic=epistemic[rows, passed].sum(axis=2),
            pragmatic=pragmatic[rows, passed].sum(axis=2),
            first=self._routes.actions[place, :, 0],
        )

    def _place(self, beliefs: Array) -> Integers:
        probability = beliefs.reshape(-1, self._places, self._rest).sum(axis=2)
        place: Integers = probability.argmax(axis=1)
        least = float(probability.max(axis=1).min())
        if least < CERTAIN:
            raise UncertainPlace(least)
        return place


def _check(model: Model, routes: Routes) -> None:
    """Raises ModelError where the routes would not be what the model predicts."""
    for factor, b in enumerate(model.B[1:], start=1):
        if not np.array_equal(b, np.broadcast_to(np.eye(len(b))[:, :, None], b.shape)):
            raise ModelError(f"B[{factor}]", "must leave its factor unchanged: routes need that")
    if model.actions != model.controls[0]:
        raise ModelError("B", "must have controls in its first factor only: routes need that")
    start = np.broadcast_to(np.arange(model.shape[0])[:, None, None], (*routes.cells.shape[:2], 1))
    before = np.concatenate([start, routes.cells[..., :-1]], axis=2)
    if not (model.B[0][routes.cells, before, routes.actions] == 1.0).all():
        raise ModelError("B[0]", "does not lead along the routes with certainty")
