"""What is said of grants that a run did not use, and of functions that it did not reach."""

from __future__ import annotations

from aurora.testing.iam import Request
from aurora.testing.permissions import Need, unused

TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/tales-dev-visits"
STATEMENT = {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": [TABLE]}


def test_a_grant_that_nothing_used_is_to_be_removed() -> None:
    needed = [Need("greeter", Request("dynamodb:GetItem", TABLE), "a call")]
    assert unused({"greeter": [STATEMENT]}, needed) == [
        f"greeter may do dynamodb:PutItem on {TABLE}, and nothing that it did needed that: remove "
        'use_table("visits", "PutItem")'
    ]


def test_of_a_function_that_made_no_call_it_is_said_that_the_test_never_exercised_it() -> None:
    assert unused({"greeter": [STATEMENT]}, []) == [
        "greeter made no call of AWS: this test never exercised it, and its grants prove nothing"
    ]


def test_a_function_without_grants_may_well_make_no_call() -> None:
    assert unused({"greeter": []}, []) == []
