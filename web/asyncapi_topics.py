"""The topics that there are, in words: a table for the descriptions of the protocol."""

from dataclasses import dataclass

from web.announcement import DRAINING, RUN_ENDED, RUN_STARTED


@dataclass(frozen=True, slots=True)
class Topic:
    """A row: `name` with its free tokens in angle brackets, what its events say, and when they
    come; `counts` is what its offsets are."""

    name: str
    what: str
    when: str
    counts: str


EACH_TICK, COUNTED = "the tick", "a count"

TOPICS = (
    Topic(
        "run.<run>.state",
        "lifecycle, `{state, tick, hz, reason?}`: starting, running, paused, finished, failed, "
        "restarted",
        "on change",
        COUNTED,
    ),
    Topic(
        "run.<run>.tick",
        "population aggregates: entropy, surprise, free energy, rewards, measures of the scenario, "
        "and the `hash` of the state",
        "every tick",
        EACH_TICK,
    ),
    Topic(
        "run.<run>.agents",
        "one column per shown variable, all agents",
        "every tick, where someone watches",
        EACH_TICK,
    ),
    Topic(
        "run.<run>.agent.<agent>",
        "one agent's state and action",
        "every tick, where someone watches",
        EACH_TICK,
    ),
    Topic(
        "run.<run>.belief.<agent>",
        "its belief, prior, likelihood, policies",
        "every tick, where someone watches",
        EACH_TICK,
    ),
    Topic(
        "run.<run>.log.<kind>",
        "discrete events: perturbation, breakpoint, anomaly, failure, restart",
        "as they happen",
        COUNTED,
    ),
    Topic(
        "sweep.<sweep>.progress",
        "how far a sweep is, as `sweeps.list` has it",
        "as its runs end, ten times a second at most",
        COUNTED,
    ),
    Topic(
        "system.metrics",
        "CPU, memory, connections, messages in and out, queue depth, drops, loop lag",
        "once a second",
        COUNTED,
    ),
    Topic("system.actors", "births, deaths, restarts, dead letters", "as they happen", COUNTED),
)

# Events that one client is told whatever it subscribed to; their epoch is its `client_id`.
OWN_TOPICS = (
    Topic(
        "connection.expiring",
        "`{expires_at, seconds}`: send `auth.refresh` with a new token, or the connection ends",
        "30 s before the token ends",
        COUNTED,
    ),
    Topic(
        "connection.slow",
        "`{step, queued, max_hz?}`: how `latest` topics are told now: flowing, conflating, slowed",
        "when that changes",
        COUNTED,
    ),
)

BROADCASTS = (
    Topic(DRAINING, "`{retry_after}`: seconds after which to come back", "the server ends", "none"),
    Topic(RUN_STARTED, "the run, as `runs.list` has it", "a run begins", "none"),
    Topic(RUN_ENDED, "`{run, state, tick, reason?}`", "a run is over", "none"),
)
