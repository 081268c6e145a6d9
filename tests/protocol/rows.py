"""The rows of the protocol, drawn from the program's own tables, and the tests that prove them."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import pytest

import tests.protocol
from web.asyncapi_messages import said, told
from web.asyncapi_topics import BROADCASTS, OWN_TOPICS, TOPICS
from web.errors import CLOSE_CODES, ERRORS
from web.requests import COMMANDS, QUERIES

# What the tables do not name.
RULES = (
    "the endpoints and their aliases",
    "three places for a token",
    "both subprotocols, either kind of frame",
    "permessage-deflate",
    "ids up to 64 characters",
    "timestamps of clients are checked",
    "unknown fields are named",
    "what is not finite is null",
    "floats are lists or packed",
    "wildcards",
    "a token's topics",
    "offsets and epochs",
    "recovery within the ring",
    "recovery from the record",
    "recovery that fails",
    "latest, max_hz and skipped",
    "no event after the answer to unsubscribe",
    "limits are told",
    "heartbeat",
    "sustained abuse",
    "the error comes before the close",
    "algorithms of tokens",
    "a broadcast reaches everybody",
    "at most 1,000 topics are listed",
    "any inbound frame counts as life",
)

# Rows whose tests stand elsewhere, where what they need is at hand.
ELSEWHERE = {
    "the endpoints and their aliases": "tests.web.test_handlers:"
    "test_in_prod_only_the_main_endpoint_is_there",
    "three places for a token": "tests.web.test_handlers:"
    "test_the_other_endpoints_need_a_token_in_any_of_three_places",
    "algorithms of tokens": "tests.web.test_auth:"
    "test_tokens_signed_with_a_private_key_are_checked_with_the_public_one",
    "a broadcast reaches everybody": "tests.web.test_connection:"
    "test_broadcasts_reach_everybody_whatever_they_subscribed_to",
    "at most 1,000 topics are listed": "tests.actors.test_broadcaster:"
    "test_no_more_than_a_thousand_topics_are_listed",
    "any inbound frame counts as life": "tests.web.test_sweeper:"
    "test_whatever_a_client_sends_counts_as_life",
    "permessage-deflate": "tests.web.test_websocket:"
    "test_compression_is_negotiated_without_context_takeover",
    "what is not finite is null": "tests.web.test_codec:"
    "test_plain_values_travel_in_both_encodings_with_null_for_what_is_not_finite",
    "heartbeat": "tests.web.test_tokens:test_a_client_that_gives_no_sign_of_life_is_closed",
    "sustained abuse": "tests.web.test_handlers:"
    "test_messages_beyond_the_rate_are_refused_and_in_the_end_the_connection_is_closed",
    "error SLOW_CONSUMER": "tests.web.test_slow_reader:"
    "test_a_slow_reader_of_all_is_told_and_closed_with_1013",
    "error INTERNAL_ERROR": "tests.web.test_requests:"
    "test_a_defect_is_told_by_its_reference_in_the_log",
    "error TIMEOUT": "tests.web.test_requests:test_no_answer_in_time_is_a_timeout",
    "error COMMAND_FAILED": "tests.web.test_requests:test_an_actor_that_is_gone_failed_the_command",
    "error RATE_LIMIT_EXCEEDED": "tests.web.test_handlers:test_reconnecting_does_not_evade_a_rate",
    "topic connection.slow": "tests.web.test_slow_reader:"
    "test_a_slow_reader_of_latest_gets_the_newest_and_the_count",
    "close 1000": "tests.web.test_connection:test_a_client_that_leaves_is_forgotten",
    "close 1002": "tests.web.test_websocket:test_a_breach_of_the_rules_is_closed_with_its_code",
    "close 1007": "tests.web.test_websocket:test_a_breach_of_the_rules_is_closed_with_its_code",
    "close 1009": "tests.web.test_websocket:test_a_message_too_large_is_told_and_closed_with_1009",
    "close 1011": "tests.web.test_connection:"
    "test_a_connection_that_fails_tells_its_client_and_leaves_the_others",
    "command publish": "tests.web.test_requests:"
    "test_a_worker_publishes_and_is_answered_only_when_it_asks",
    "command worker.attach": "tests.processes.test_commands:test_nobody_else_speaks_for_a_worker",
    "command worker.report": "tests.processes.test_worker_death:"
    "test_a_worker_that_hangs_is_killed_and_restarted",
    "command worker.reply": "tests.web.test_runs:"
    "test_a_question_is_answered_by_the_reply_with_its_id",
}


def rows() -> set[str]:
    """Every row that must have a test."""
    types = {name.split(".")[0] for name in (*said(), *told())}
    return {
        *(f"message {kind}" for kind in types - {"query", "command"}),
        *(f"query {name}" for name in QUERIES),
        *(f"command {name}" for name in COMMANDS),
        *(f"error {name}" for name in ERRORS),
        *(f"close {code}" for code in CLOSE_CODES),
        *(f"topic {topic.name}" for topic in (*TOPICS, *OWN_TOPICS, *BROADCASTS)),
        *RULES,
    }


def marked() -> dict[str, str]:
    """The rows that the tests of this package are marked with, and one test for each."""
    found: dict[str, str] = {}
    for module in pkgutil.iter_modules(tests.protocol.__path__, "tests.protocol."):
        if not module.name.rpartition(".")[2].startswith("test_"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, FunctionType) and name.startswith("test_"):
                found |= dict.fromkeys(_rows_of(value), f"{module.name}:{name}")
    return found


def _rows_of(test: Any) -> Iterator[str]:
    for mark in getattr(test, "pytestmark", ()):
        yield from _rows_in(mark)


def _rows_in(mark: pytest.Mark) -> Iterator[str]:
    """The marker itself, or those on the cases of a parametrization."""
    if mark.name == "row":
        yield from mark.args
    elif mark.name == "parametrize":
        for case in mark.args[1]:
            for inner in getattr(case, "marks", ()):
                yield from _rows_in(getattr(inner, "mark", inner))
