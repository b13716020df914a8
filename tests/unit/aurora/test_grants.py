"""Grants and the policies that follow from them."""

from __future__ import annotations

import json

from aurora import grants
from aurora.naming import Naming

NAMING = Naming("aurora", "dev", "eu-west-1", "123456789012")


def test_reading_objects_includes_learning_that_one_is_absent() -> None:
    objects, listing = (grant.statements(NAMING)[0] for grant in grants.read("content", "users/*"))
    assert objects["Resource"] == ["arn:aws:s3:::aurora-dev-content-123456789012/users/*"]
    assert listing["Resource"] == ["arn:aws:s3:::aurora-dev-content-123456789012"]
    assert listing["Condition"] == {"StringLike": {"s3:prefix": "users/*"}}


def test_writing_does_not_include_reading() -> None:
    (grant,) = grants.write("content", "users/*")
    assert grant.actions == ("s3:PutObject",)


def test_a_table_is_granted_by_operation() -> None:
    (grant,) = grants.use_table("courses", "Query", "GetItem")
    (statement,) = grant.statements(NAMING)
    assert statement["Action"] == ["dynamodb:GetItem", "dynamodb:Query"]
    assert statement["Resource"] == ["arn:aws:dynamodb:eu-west-1:123456789012:table/aurora-dev-courses"]


def test_watching_a_workflow_reaches_its_executions_only() -> None:
    (grant,) = grants.watch("courses")
    assert grant.statements(NAMING)[0]["Resource"] == [
        "arn:aws:states:eu-west-1:123456789012:execution:aurora-dev-courses:*"
    ]


def test_a_workflow_s_role_is_trusted_for_this_account_only() -> None:
    trust = json.loads(grants.assume_role_policy("states.amazonaws.com", NAMING))
    assert trust["Statement"][0]["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_a_function_s_role_asks_nothing_that_lambda_may_not_say() -> None:
    (statement,) = json.loads(grants.assume_role_policy("lambda.amazonaws.com", NAMING))["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert "Condition" not in statement


def test_publishing_reaches_one_topic() -> None:
    (grant,) = grants.publish("courses")
    (statement,) = grant.statements(NAMING)
    assert (statement["Action"], statement["Resource"]) == (
        ["sns:Publish"],
        ["arn:aws:sns:eu-west-1:123456789012:aurora-dev-courses"],
    )
