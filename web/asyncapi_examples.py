"""One example of each message, for the descriptions of the protocol."""

from collections.abc import Mapping
from typing import Any

Message = dict[str, Any]
TIME = "2026-01-01T12:00:00.000Z"
RUN = "tmaze-a1b2c3"
_TOKEN = "<token>"

PARAMS: Mapping[str, Message] = {
    "run.get": {"run": RUN},
    "run.agents": {"run": RUN, "limit": 10, "sort": "-entropy", "filter": "entropy>0.5"},
    "agent.get": {"run": RUN, "agent": "17"},
    "belief.get": {"run": RUN, "agent": "17"},
    "history": {"topic": f"run.{RUN}.tick", "from": 100, "to": 200, "limit": 50},
    "run.diff": {"run": RUN, "other": "tmaze-d4e5f6"},
    "run.start": {"scenario": "tmaze", "params": {"agents": 20}, "seed": 7},
    "run.pause": {"run": RUN},
    "run.resume": {"run": RUN},
    "run.step": {"run": RUN, "ticks": 3},
    "run.speed": {"run": RUN, "hz": 10},
    "run.stop": {"run": RUN},
    "run.checkpoint": {"run": RUN},
    "run.until": {"run": RUN, "condition": "any(surprise) > 3 or tick >= 500"},
    "run.fork": {"run": RUN, "tick": 50, "params": {"cue_validity": 0.7}},
    "run.replay": {"run": RUN, "tick": 50, "hz": 5},
    "run.seek": {"run": "replay-g7h8j9", "tick": 20},
    "sweep.start": {"scenario": "tmaze", "grid": {"cue_validity": [0.7, 0.9]}, "seeds": 30},
    "sweep.stop": {"sweep": "tmaze-k2m4n6"},
    "sweep.resume": {"sweep": "tmaze-k2m4n6"},
    "agent.perturb": {"run": RUN, "agent": "17", "belief": {"context": [0.2, 0.8]}},
    "agent.stop": {"run": RUN, "agent": "17"},
    "agent.restart": {"run": RUN, "agent": "17"},
    "auth.refresh": {"token": _TOKEN},
    "publish": {
        "run": RUN,
        "events": [
            {
                "topic": f"run.{RUN}.tick",
                "data": {"entropy": 0.5},
                "tick": 7,
                "time": 7.0,
                "epoch": "9f3c",
                "offset": 7,
            }
        ],
    },
    "worker.attach": {
        "run": RUN,
        "scenario": "tmaze",
        "params": {"agents": 20},
        "seed": 7,
        "epoch": "9f3c",
        "agents": 20,
        "started_at": TIME,
        "pid": 4242,
        "state": "starting",
        "tick": 0,
        "speed": 2.0,
    },
    "worker.report": {
        "run": RUN,
        "metrics": {},
        "actors": {},
        "alive": 0.1,
        "tick": 7,
        "state": "running",
    },
    "worker.reply": {"id": "q1", "result": {"tick": 7}},
}

_STATUS = {"state": "paused", "tick": 7, "hz": 2.0}
_PLACE = {"topic": f"run.{RUN}.tick", "epoch": "9f3c", "offset": 7, "recovered": True}
RESULTS: Mapping[str, Message] = {
    "subscribe": {
        "subscriptions": [
            {"pattern": "run.*.tick", "mode": "latest", "max_hz": 10.0, "topics": [_PLACE]}
        ]
    },
    "unsubscribe": {"unsubscribed": ["run.*.tick"]},
    "run.start": {"run": RUN},
    "run.pause": _STATUS,
    "run.agents": {"agents": [{"agent": "17", "entropy": 0.69}], "total": 1, "tick": 7},
    "belief.get": {
        "tick": 7,
        "belief": {"context": [0.5, 0.5]},
        "entropy": 0.69,
        "surprise": 0.0,
        "policies": [
            {
                "actions": ["go to cue", "go to left arm"],
                "probability": 0.9,
                "G": -1.4,
                "epistemic": 0.7,
                "pragmatic": 0.7,
            }
        ],
    },
}

SAID: Mapping[str, Message] = {
    "ping": {"type": "ping", "id": "1", "timestamp": TIME, "data": {"sent": 1}},
    "subscribe": {
        "type": "subscribe",
        "id": "2",
        "events": ["run.*.tick", "system.>"],
        "mode": "latest",
        "max_hz": 10,
        "since": {f"run.{RUN}.tick": {"epoch": "9f3c", "offset": 6}},
    },
    "unsubscribe": {"type": "unsubscribe", "id": "3", "events": ["run.*.tick"]},
}

TOLD: Mapping[str, Message] = {
    "connection_established": {
        "type": "connection_established",
        "timestamp": TIME,
        "client_id": "5d41402abc4b2a76",
        "protocol": 1,
        "server": {"name": "stagewatch", "version": "0.1.0"},
        "user": "ada",
        "scopes": ["control", "observe"],
        "expires_at": "2026-01-01T13:00:00.000Z",
        "heartbeat": {"interval": 25.0, "timeout": 60.0},
        "limits": {"connections": 1000, "patterns": 32, "message_bytes": 65536},
        "topics": [">"],
    },
    "pong": {"type": "pong", "timestamp": TIME, "id": "1", "data": {"sent": 1}},
    "event": {
        "type": "event",
        "timestamp": TIME,
        "events": [
            {
                "topic": f"run.{RUN}.tick",
                "epoch": "9f3c",
                "offset": 7,
                "tick": 7,
                "time": 7.0,
                "skipped": 2,
                "data": {"entropy": 0.5},
            }
        ],
    },
    "error": {
        "type": "error",
        "timestamp": TIME,
        "id": "4",
        "code": "RATE_LIMIT_EXCEEDED",
        "message": "More than 100 messages per 1m for this connection; try again in 45 s.",
        "details": {"limit": 100, "window": "1m", "retry_after": 45, "scope": "connection"},
        "temporary": True,
    },
    "broadcast": {
        "type": "broadcast",
        "timestamp": TIME,
        "topic": "server.draining",
        "data": {"retry_after": 2.5},
    },
}
