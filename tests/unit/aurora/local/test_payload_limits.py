"""The local worker refuses what AWS would: a state, a request or a response that is too large, to the byte."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aurora.local.scripts.worker import MAX_HTTP_BYTES, MAX_STATE_BYTES, Context, Fault, Invocation, call

# What AWS itself allows: our limits leave room for what surrounds a payload
# (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html,
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
AWS_STATE_BYTES = 262_144
AWS_HTTP_BYTES = 6 * 1024 * 1024

STATE = {"course": {}}
REQUEST = {"requestContext": {"http": {"method": "POST"}}}
KINDS = {
    "state": (STATE, MAX_STATE_BYTES, "States.DataLimitExceeded", "States.DataLimitExceeded"),
    "http": (REQUEST, MAX_HTTP_BYTES, "RequestTooLargeException", "Function.ResponseSizeTooLarge"),
}


def called(event: dict[str, Any], answer: Any = None) -> int:
    """Calls a handler that answers so, and returns how many bytes it took in."""
    body = json.dumps(event).encode()
    call(lambda _event, _context: answer, Invocation("id", body, Context("id", "arn", 0)))
    return len(body)


def padded(event: dict[str, Any], size: int) -> dict[str, Any]:
    """The event with so much text that it has ``size`` bytes."""
    without = len(json.dumps({**event, "text": ""}))
    return {**event, "text": "x" * (size - without)}


@pytest.mark.parametrize(("event", "limit", "error", "_"), KINDS.values(), ids=KINDS)
def test_what_a_function_gets_may_reach_the_limit_and_not_pass_it(
    event: dict[str, Any], limit: int, error: str, _: str
) -> None:
    assert called(padded(event, limit)) == limit
    with pytest.raises(Fault, match=f"The event has {limit + 1:,} bytes, and at most {limit:,}") as caught:
        called(padded(event, limit + 1))
    assert caught.value.kind == error


@pytest.mark.parametrize(("event", "limit", "_", "error"), KINDS.values(), ids=KINDS)
def test_what_a_function_answers_may_reach_the_limit_and_not_pass_it(
    event: dict[str, Any], limit: int, _: str, error: str
) -> None:
    quotes = 2
    called(event, "x" * (limit - quotes))
    with pytest.raises(Fault, match=f"The response has {limit + 1:,} bytes, and at most {limit:,}") as caught:
        called(event, "x" * (limit - quotes + 1))
    assert caught.value.kind == error


def test_bytes_count_and_not_characters() -> None:
    with pytest.raises(Fault, match="The response has"):
        called(STATE, "ñ" * (MAX_STATE_BYTES // 6 + 1))  # "\u00f1" in JSON


def test_the_limits_are_stricter_than_aws_s_own() -> None:
    assert MAX_STATE_BYTES < AWS_STATE_BYTES
    assert MAX_HTTP_BYTES < AWS_HTTP_BYTES
