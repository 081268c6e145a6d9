"""What can be wrong with a mind: its model, its policies, its observations."""

from collections.abc import Sequence


class MindError(Exception):
    """The root of what a generative model and those who think with it raise."""


class ModelError(MindError):
    """A matrix of the generative model cannot be what it says."""

    def __init__(self, matrix: str, reason: str) -> None:
        self.matrix = matrix
        self.reason = reason
        super().__init__(f"{matrix} {reason}")


class NotADistribution(ModelError):
    """A column of a matrix does not sum to one; `column` is its place along the other axes."""

    def __init__(self, matrix: str, axis: int, column: tuple[int, ...], total: float) -> None:
        self.axis = axis
        self.column = column
        self.total = total
        where = f" at [{', '.join(map(str, column))}] of its other axes" if column else ""
        super().__init__(matrix, f"must sum to 1 along axis {axis}, but{where} sums to {total:.9g}")


class TooManyStates(MindError):
    """Exact inference over that many joint states is out of reach."""

    def __init__(self, states: int, most: int, factors: Sequence[int]) -> None:
        self.states = states
        self.most = most
        self.factors = tuple(factors)
        product = " × ".join(map(str, factors))
        super().__init__(
            f"the factors have {product} = {states} joint states;"
            f" exact inference takes {most} at most;"
            ' Model(…, method="mean_field") takes more, for sim.mean_field to approximate'
        )


class TooManyOutcomes(MindError):
    """The table of joint outcomes against joint states would be too large."""

    def __init__(self, entries: int, most: int) -> None:
        self.entries = entries
        self.most = most
        super().__init__(
            f"joint outcomes × joint states make a table of {entries} entries; {most} at most"
        )


class TooManyPolicies(MindError):
    """Enumerating the policies would make more than allowed."""

    def __init__(self, actions: int, depth: int, most: int) -> None:
        self.policies = actions**depth
        self.actions = actions
        self.depth = depth
        self.most = most
        super().__init__(
            f"{actions} actions over {depth} steps make {self.policies} policies; {most} at most"
        )


class TooManyBranches(MindError):
    """A search through what actions may bring would hold more beliefs than allowed."""

    def __init__(self, branches: int, most: int, left: int, threshold: float) -> None:
        self.branches = branches
        self.most = most
        self.left = left
        self.threshold = threshold
        super().__init__(
            f"with {left} steps still to search there are {branches} beliefs; {most} at most at"
            f" once: lower the depth, or raise the threshold of {threshold:g}"
        )


class ImpossibleObservation(MindError):
    """Agents observed what their model holds to be impossible, and the rule is `error`."""

    def __init__(self, agents: Sequence[int]) -> None:
        self.agents = tuple(agents)
        shown = ", ".join(map(str, self.agents[:5])) + (", …" if len(self.agents) > 5 else "")
        super().__init__(
            f"{len(self.agents)} agents ({shown}) observed what their model gives probability 0;"
            " the rules `prior` and `uniform` would let them go on"
        )


class BehaviourError(MindError):
    """The `act` of an agent written in Python failed, or gave no action of its model."""

    def __init__(self, agent: int, kind: str, reason: str) -> None:
        self.agent = agent
        self.kind = kind
        self.reason = reason
        super().__init__(f"{kind}.act of agent {agent} {reason}")


class UncertainPlace(MindError):
    """Routes were to be planned by a mind that does not know where it is."""

    def __init__(self, probability: float) -> None:
        self.probability = probability
        super().__init__(
            "routes need the place to be known; the likeliest has probability"
            f" {probability:.9g} only"
        )
