"""The client for Python programs: `connect` for asyncio, `open_stage` for all others.

See docs/python-client.md. The modules `client_*` beside it are how it works.
"""

from web.client_blocking import BlockingStage, BlockingSubscription, open_stage
from web.client_errors import StageError
from web.client_results import (
    Actor,
    AgentsPage,
    Belief,
    Event,
    Gap,
    Position,
    Run,
    RunDetails,
    RunState,
    Scenario,
)
from web.client_stage import Stage, Subscription, connect

__all__ = [
    "Actor",
    "AgentsPage",
    "Belief",
    "BlockingStage",
    "BlockingSubscription",
    "Event",
    "Gap",
    "Position",
    "Run",
    "RunDetails",
    "RunState",
    "Scenario",
    "Stage",
    "StageError",
    "Subscription",
    "connect",
    "open_stage",
]
