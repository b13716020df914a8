"""What is said of grants that a run did not use, and of functions that it did not reach."""

from __future__ import annotations

from typing import Any

import pytest

from aurora.testing.iam import Request
from aurora.testing.permissions import Account, Call, Need, needs, queue_needs, suggestion, unused

TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/tales-dev-visits"
ACCOUNT = Account("eu-west-1", "123456789012")
STATEMENT = {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": [TABLE]}


def test_a_grant_that_nothing_used_is_to_be_removed() -> None:
    needed = [Need("greeter", Request("dynamodb:GetItem", TABLE), "a call")]
    assert unused({"greeter": [STATEMENT]}, needed) == [
        f'greeter may do dynamodb:PutItem on {TABLE}, but nothing needed it: remove use_table("visits", "PutItem")'
    ]


def test_of_a_function_that_made_no_call_it_is_said_that_the_test_never_exercised_it() -> None:
    assert unused({"greeter": [STATEMENT]}, []) == [
        "greeter made no call of AWS: this test never exercised it, and its grants prove nothing"
    ]


def test_a_function_without_grants_may_well_make_no_call() -> None:
    assert unused({"greeter": []}, []) == []


@pytest.mark.parametrize(
    ("service", "operation", "params", "grant"),
    [
        ("s3", "PutObject", {"Bucket": "tales-dev-files-123456789012", "Key": "a/b"}, 'write("files", "a/*")'),
        ("s3", "DeleteObject", {"Bucket": "tales-dev-files-123456789012", "Key": "a/b"}, 'delete("files", "a/*")'),
        ("dynamodb", "DeleteItem", {"TableName": "tales-dev-visits"}, 'use_table("visits", "DeleteItem")'),
        (
            "dynamodb",
            "Query",
            {"TableName": "tales-dev-visits", "IndexName": "by-day"},
            'use_index("visits", "by-day", "Query")',
        ),
        ("sqs", "SendMessage", {"QueueUrl": "https://sqs/123456789012/tales-dev-jobs"}, 'send("jobs")'),
        ("sqs", "SendMessageBatch", {"QueueUrl": "https://sqs/123456789012/tales-dev-jobs"}, 'send("jobs")'),
        ("lambda", "Invoke", {"FunctionName": "tales-dev-greeter", "Qualifier": "live"}, 'invoke("greeter")'),
        (
            "stepfunctions",
            "StartExecution",
            {"stateMachineArn": ACCOUNT.arn("states", "stateMachine:tales-dev-tell")},
            'start("tell")',
        ),
        ("ssm", "GetParameter", {"Name": "/tales/dev/api-key"}, 'read_parameter("api-key")'),
        ("sns", "Publish", {"TopicArn": ACCOUNT.arn("sns", "tales-dev-news")}, 'publish("news")'),
    ],
)
def test_the_grant_that_a_call_needs_is_named_as_a_system_declares_it(
    service: str, operation: str, params: dict[str, Any], grant: str
) -> None:
    (need,) = needs([Call("greeter", service, operation, params)], ACCOUNT)
    assert suggestion(need.request) == grant


def test_a_function_whose_queue_is_mapped_to_it_needs_to_take_messages() -> None:
    queue = ACCOUNT.arn("sqs", "tales-dev-jobs")
    mapping = {"FunctionArn": ACCOUNT.arn("lambda", "function:tales-dev-greeter:live"), "EventSourceArn": queue}
    assert {(need.who, need.request) for need in queue_needs([mapping], ACCOUNT)} == {
        ("tales-dev-greeter", Request(f"sqs:{action}", queue))
        for action in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
    }
