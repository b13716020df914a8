"""The evaluator of policies answers as IAM does, and refuses what it does not know."""

from __future__ import annotations

from typing import Any

import pytest

from aurora.testing.iam import Request, UnknownPolicyElement, allows

TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/aurora-dev-courses"
BUCKET = "arn:aws:s3:::aurora-dev-content-123456789012"


def statement(action: str, resource: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": [action], "Resource": [resource], **more}


@pytest.mark.parametrize(
    ("pattern", "resource", "allowed"),
    [
        (TABLE, TABLE, True),
        (TABLE, f"{TABLE}-2", False),
        (f"{BUCKET}/users/*", f"{BUCKET}/users/a/courses/b/outline/c.yaml", True),
        (f"{BUCKET}/users/*", f"{BUCKET}/user", False),
        (f"{BUCKET}/users/*", BUCKET, False),
        ("*", TABLE, True),
        ("arn:aws:dynamodb:*:123456789012:table/aurora-dev-*", TABLE, True),
        ("arn:aws:dynamodb:*:table/aurora-dev-courses", TABLE, False),  # a wildcard stays within its part of an ARN
        ("arn:aws:dynamodb:eu-west-1:123456789012:table/aurora-dev-course?", TABLE, True),
        ("arn:aws:dynamodb:eu-west-1:123456789012:table/aurora-dev-[c]ourses", TABLE, False),
    ],
)
def test_a_resource_is_matched_part_by_part(pattern: str, resource: str, allowed: bool) -> None:
    assert allows([statement("any:Action", pattern)], Request("any:Action", resource)) is allowed


def test_actions_are_matched_whatever_their_case_and_only_those() -> None:
    assert allows([statement("s3:getobject", "*")], Request("s3:GetObject", BUCKET))
    assert allows([statement("s3:Get*", "*")], Request("s3:GetObject", BUCKET))
    assert not allows([statement("s3:Get*", "*")], Request("s3:PutObject", BUCKET))


def test_a_denial_wins_and_silence_is_a_denial() -> None:
    allow = statement("s3:*", "*")
    deny = {**statement("s3:PutObject", "*"), "Effect": "Deny"}
    assert not allows([allow, deny], Request("s3:PutObject", BUCKET))
    assert allows([allow, deny], Request("s3:GetObject", BUCKET))
    assert not allows([], Request("s3:GetObject", BUCKET))


def test_a_condition_on_what_the_request_does_not_tell_is_not_met() -> None:
    below = statement("s3:ListBucket", BUCKET, Condition={"StringLike": {"s3:prefix": "users/*"}})
    assert allows([below], Request("s3:ListBucket", BUCKET, {"s3:prefix": "users/a/"}))
    assert not allows([below], Request("s3:ListBucket", BUCKET, {"s3:prefix": "logs/"}))
    assert not allows([below], Request("s3:ListBucket", BUCKET))


def test_all_conditions_of_a_statement_must_be_met_and_one_value_of_each() -> None:
    condition = {"StringEquals": {"aws:SourceAccount": ["1", "2"]}, "Bool": {"aws:SecureTransport": "true"}}
    both = statement("s3:GetObject", "*", Condition=condition)
    assert allows([both], Request("s3:GetObject", BUCKET, {"aws:SourceAccount": "2", "aws:SecureTransport": "true"}))
    assert not allows([both], Request("s3:GetObject", BUCKET, {"aws:SourceAccount": "2"}))


def test_a_principal_is_the_service_that_asks() -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    assert allows([trust], Request("sts:AssumeRole", service="lambda.amazonaws.com"))
    assert not allows([trust], Request("sts:AssumeRole", service="states.amazonaws.com"))
    assert not allows([trust], Request("sts:AssumeRole"))


@pytest.mark.parametrize(
    "unknown",
    [
        {"NotAction": "s3:*"},
        {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}},
        {"Principal": {"Federated": "example.com"}},
    ],
    ids=str,
)
def test_what_the_evaluator_does_not_know_is_an_error_and_no_answer(unknown: dict[str, Any]) -> None:
    with pytest.raises(UnknownPolicyElement):
        allows([statement("s3:GetObject", "*", **unknown)], Request("s3:GetObject", BUCKET))
