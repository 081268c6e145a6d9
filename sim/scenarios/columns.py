"""What the scenarios of minds have in common: their columns, and how they tell the impossible."""

from collections.abc import Sequence

from sim.scenario import ColumnInfo
from sim.tick import Log

MOST_NAMED = 100


def mind_columns(actions: tuple[str, ...]) -> tuple[ColumnInfo, ...]:
    """The columns that every population of minds has, in the order in which a tick has them."""
    return (
        ColumnInfo("entropy", "Entropy of belief", "nats"),
        ColumnInfo("surprise", "Surprise", "nats"),
        ColumnInfo("free_energy", "Variational free energy", "nats"),
        ColumnInfo("complexity", "Complexity", "nats"),
        ColumnInfo("accuracy", "Accuracy", "nats"),
        ColumnInfo("epistemic", "Epistemic value of the policy", "nats"),
        ColumnInfo("pragmatic", "Pragmatic value of the policy", "nats"),
        ColumnInfo("action", "Action", kind="category", labels=actions),
        ColumnInfo("tie", "Tie between policies", kind="flag"),
        ColumnInfo("reward", "Reward"),
    )


def impossible_log(agents: Sequence[int]) -> tuple[Log, ...]:
    """One event for all agents of a tick whose model gave their observation probability zero;
    `agents` names the first hundred, `count` says how many there are."""
    if not agents:
        return ()
    data = {"agents": list(agents[:MOST_NAMED]), "count": len(agents)}
    return (Log("impossible_observation", data),)
