"""Functions on the embedded AWS behave as they do in their images."""

from __future__ import annotations

import json

import httpx
import pytest

from aurora.local.platform import LocalPlatform
from aurora.local.scripts.worker import MAX_HTTP_BYTES, MAX_STATE_BYTES
from aurora.testing.calls import invoke, sign_in


def test_a_function_gets_its_event_and_answers_with_any_json_value(platform: LocalPlatform) -> None:
    event = {"text": "¿Qué? ✓", "nested": [1, 2.5, None, True]}

    assert invoke(platform, "probe-echo", event).payload == event
    assert invoke(platform, "probe-echo", {"do": "number"}).payload == {"whole": 3, "part": 1.5}


def test_a_functions_context_says_which_function_and_how_long_it_may_take(platform: LocalPlatform) -> None:
    context = invoke(platform, "probe-echo", {"do": "context"}).payload

    assert context["function_name"] == "probe-echo"
    assert context["memory_limit_in_mb"] == "256"
    assert ":function:probe-echo" in context["invoked_function_arn"]
    assert len(context["aws_request_id"]) == 36
    assert 0 < context["remaining"] <= 20_000


def test_a_worker_stays_warm_between_calls(platform: LocalPlatform) -> None:
    first, second = (invoke(platform, "probe-echo", {"do": "context"}).payload for _ in range(2))

    assert first["pid"] == second["pid"]
    assert first["aws_request_id"] != second["aws_request_id"]


def test_an_error_is_reported_by_its_class_and_leaves_the_worker_usable(platform: LocalPlatform) -> None:
    failed = invoke(platform, "probe-echo", {"do": "refuse"})

    assert failed.error == "Unhandled"
    assert (failed.payload["errorType"], failed.payload["errorMessage"]) == ("Refused", "not this: ¡así no!")
    assert 'raise Refused("not this' in failed.payload["stackTrace"][-1]
    assert not any("worker.py" in frame for frame in failed.payload["stackTrace"])
    assert invoke(platform, "probe-echo", {"after": "that"}).payload == {"after": "that"}


def test_an_answer_that_is_no_json_is_a_marshal_error(platform: LocalPlatform) -> None:
    failed = invoke(platform, "probe-echo", {"do": "unserializable"}).payload

    assert failed["errorType"] == "Runtime.MarshalError"
    assert failed["errorMessage"] == "Unable to marshal response: Object of type object is not JSON serializable"


@pytest.mark.parametrize("event", [{"do": "answer", "bytes": MAX_STATE_BYTES}, {"text": "x" * MAX_STATE_BYTES}])
def test_a_state_larger_than_aws_carries_fails_either_way(platform: LocalPlatform, event: dict[str, object]) -> None:
    failed = invoke(platform, "probe-echo", event).payload

    assert failed["errorType"] == "States.DataLimitExceeded"
    assert "pass keys of objects" in failed["errorMessage"]


def test_a_state_just_below_the_limit_passes(platform: LocalPlatform) -> None:
    size = MAX_STATE_BYTES - 2  # the quotes of the JSON text

    assert len(invoke(platform, "probe-echo", {"do": "answer", "bytes": size}).payload) == size


def test_a_request_larger_than_a_function_may_take_fails(platform: LocalPlatform) -> None:
    headers = {"Authorization": f"Bearer {sign_in(platform)}"}
    below, above = ({"text": "x" * size} for size in (MAX_STATE_BYTES * 2, MAX_HTTP_BYTES))

    assert httpx.post(f"{platform.api}/echo", headers=headers, json=below, timeout=60).json()["said"] == below
    assert httpx.post(f"{platform.api}/echo", headers=headers, json=above, timeout=60).status_code >= 500


def test_what_a_function_logs_is_in_its_log_group(platform: LocalPlatform) -> None:
    assert invoke(platform, "probe-echo", {"do": "log"}).payload == "logged"

    events = platform.client("logs").filter_log_events(logGroupName="/aws/lambda/probe-echo")["events"]
    lines = [event["message"] for event in events if "seen by" in event["message"]]
    assert json.loads(lines[0])["message"] == "seen by nobody"
