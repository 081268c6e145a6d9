"""What is told of a condition that a run was to pause at."""

from typing import Any

from sim.condition import Condition, ConditionError
from sim.tick import Tick

MOST_NAMED = 100  # agents that met it


def met(condition: Condition, tick: Tick) -> dict[str, Any] | None:
    """The data of the log event `breakpoint`: which agents met the condition, how many they are;
    None where it does not hold. With a `reason` where the tick has not what it names."""
    try:
        found = condition.look(tick)
    except ConditionError as error:
        return {"condition": condition.text, "reason": str(error)}
    if not found.holds:
        return None
    agents = found.agents[:MOST_NAMED].tolist()
    return {"condition": condition.text, "agents": agents, "count": len(found.agents)}
