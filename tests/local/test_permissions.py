"""What functions do with AWS is what their roles allow, no less and no more.

The embedded AWS enforces policies for functions, as far as its evaluator goes, and says nothing of a grant too many. So
a course is made in every way that needs a grant, each call that a function makes is written down, and the record is
held against the policies that were really deployed, from both sides.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from aurora.local.platform import LocalPlatform
from aurora.testing.declared import ACCOUNT, declare, stack_config
from aurora.testing.iam import Request, Statement, allows
from aurora.testing.permissions import (
    ONLY_IN_THE_CLOUD,
    Account,
    Call,
    Need,
    exercised,
    needs,
    recorded,
    refused,
    unused,
    workflow_needs,
)
from infra import SYSTEMS
from tests.support.platform import DECLARED

PREFIX = "aurora-local-"


@dataclass(frozen=True)
class Deployed:
    """What ran: each role's statements by the name of its function, its trust, and what the calls needed."""

    account: Account
    roles: dict[str, list[Statement]]
    trusts: dict[str, list[Statement]]
    calls: list[Call]
    needs: list[Need]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    record = tmp_path_factory.mktemp("recording") / "calls.jsonl"
    with exercised(SYSTEMS, record) as platform:
        account = Account(platform.region, platform.client("sts").get_caller_identity()["Account"])
        calls = recorded(record)
        roles = {name: role_of(platform, name) for name in platform.exports["functions"]}
        machine = platform.client("stepfunctions").describe_state_machine(
            stateMachineArn=platform.exports["stateMachines"]["courses"]
        )
        roles["workflow"] = policies(platform, machine["roleArn"])
    calls = [Call(**{**vars(call), "function": call.function.removeprefix(PREFIX)}) for call in calls]
    return Deployed(
        account,
        {name: statements for name, (statements, _) in roles.items()},
        {name: trust for name, (_, trust) in roles.items()},
        calls,
        [
            *needs(calls, account),
            *workflow_needs("workflow", json.loads(machine["definition"]), machine["stateMachineArn"]),
        ],
    )


def role_of(platform: LocalPlatform, function: str) -> tuple[list[Statement], list[Statement]]:
    """The statements of a function's role, and of its trust, as they were deployed."""
    configuration = platform.client("lambda").get_function_configuration(FunctionName=PREFIX + function)
    return policies(platform, configuration["Role"])


def policies(platform: LocalPlatform, role_arn: str) -> tuple[list[Statement], list[Statement]]:
    iam, role = platform.client("iam"), role_arn.rpartition("/")[2]
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == [], "a policy that nobody declared"
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    return [statement for document in documents for statement in document["Statement"]], trust["Statement"]


def test_functions_were_allowed_every_call_that_they_made(deployed: Deployed) -> None:
    found = refused(deployed.roles, deployed.needs)
    assert not found, "\n".join(found)


def test_functions_needed_everything_that_they_are_allowed(deployed: Deployed) -> None:
    found = unused(deployed.roles, deployed.needs)
    assert not found, "\n".join(found)


def test_every_function_left_a_record_presigned_calls_and_absent_keys_included(deployed: Deployed) -> None:
    assert {call.function for call in deployed.calls} == set(deployed.roles) - {"workflow"}
    handed_out = {(call.function, call.operation) for call in deployed.calls if call.presigned}
    assert handed_out == {("starter-api", "PostObject"), ("courses-api", "GetObject")}
    assert {call.function for call in deployed.calls if call.absent} >= {"starter-api", "batch-expander"}


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_what_was_proven_here_holds_for_a_stage_in_the_cloud(deployed: Deployed, stage: str) -> None:
    openai, bedrock = {"provider": "openai", "id": "m"}, {"provider": "bedrock"}
    models = {
        "openai": openai,
        "claude": {**bedrock, "id": "eu.anthropic.claude"},
        "painter": {**bedrock, "kind": "image", "id": "stability.stable"},
        "other-painter": {**openai, "kind": "image"},
    }
    model = {"aurora:models": json.dumps(models), "aurora:openaiApiKey": "k"}
    platform = declare(stage, {**stack_config(stage), **model})
    for name, statements in deployed.roles.items():
        resource = (
            "workflow-courses"
            if name == "workflow"
            else next(
                each.name
                for each in platform.of_type("lambda/function:Function")
                if each.inputs["name"] == f"aurora-{stage}-{name}"
            )
        )
        text: str = platform.one(":RolePolicy", resource).inputs["policy"]
        for theirs, ours in (
            (f"aurora-{stage}-", PREFIX),
            (f"/aurora/{stage}/", "/aurora/local/"),
            (ACCOUNT, deployed.account.account_id),
            (stack_config(stage)["aws:region"], deployed.account.region),
        ):
            text = text.replace(theirs, ours)
        assert json.loads(text)["Statement"] == statements


def test_each_exception_is_a_grant_that_is_there(deployed: Deployed) -> None:
    granted = {action for role in deployed.roles.values() for statement in role for action in statement["Action"]}
    assert set(ONLY_IN_THE_CLOUD) - granted == set()


@pytest.mark.parametrize("function", sorted(["workflow", *DECLARED.functions]))
def test_a_role_is_taken_by_its_own_service_alone(deployed: Deployed, function: str) -> None:
    service = "states.amazonaws.com" if function == "workflow" else "lambda.amazonaws.com"
    ours = {"aws:SourceAccount": deployed.account.account_id}
    trust = deployed.trusts[function]
    assert allows(trust, Request("sts:AssumeRole", context=ours, service=service))
    assert not allows(trust, Request("sts:AssumeRole", context=ours, service="ec2.amazonaws.com"))


def test_the_workflow_s_role_is_taken_for_its_own_account_alone(deployed: Deployed) -> None:
    theirs = Request("sts:AssumeRole", context={"aws:SourceAccount": "999999999999"}, service="states.amazonaws.com")
    assert not allows(deployed.trusts["workflow"], theirs)


def test_each_single_grant_that_goes_missing_is_reported_with_what_to_add(deployed: Deployed) -> None:
    tried = 0
    for who, statements in deployed.roles.items():
        for place, action in actions(statements):
            if action in ONLY_IN_THE_CLOUD:
                continue
            mutated = copy.deepcopy(statements)
            mutated[place]["Action"].remove(action)
            found = refused({**deployed.roles, who: mutated}, deployed.needs)
            assert found, (who, action)
            assert all(sentence.startswith(f"{who} may not do {action} on arn:aws:") for sentence in found), found
            tried += 1
    assert tried > 30


def test_each_single_grant_that_nobody_needs_is_reported_with_what_to_remove(deployed: Deployed) -> None:
    for who, statements in deployed.roles.items():
        for _, action in actions(statements):
            if action in ONLY_IN_THE_CLOUD:
                continue
            without = [need for need in deployed.needs if (need.who, need.request.action) != (who, action)]
            found = unused(deployed.roles, without)
            assert found, (who, action)
            assert all(sentence.startswith(f"{who} may do {action} on arn:aws:") for sentence in found), found


@pytest.mark.parametrize(
    ("function", "action", "grant"),
    [
        ("starter-api", "s3:PutObject", 'write("content", "users/*")'),
        ("starter-api", "states:StartExecution", 'start("courses")'),
        ("courses-api", "s3:GetObject", 'read("content", "users/*")'),
        ("courses-api", "dynamodb:BatchGetItem", 'use_table("progress", "BatchGetItem")'),
        ("courses-api", "states:DescribeExecution", 'watch("courses")'),
        ("batch-expander", "s3:ListBucket", 'read("content", "users/*")'),
        ("content-gen", "ssm:GetParameter", 'read_parameter("openai-api-key")'),
        ("course-finisher", "sns:Publish", 'publish("courses")'),
        ("images-gen", "bedrock:InvokeModel", 'invoke_model("stability.stable", "image")'),
        ("workflow", "lambda:InvokeFunction", 'invoke("content-gen")'),
    ],
)
def test_the_grant_to_add_or_take_away_is_written_as_in_the_catalogue(
    deployed: Deployed, function: str, action: str, grant: str
) -> None:
    mutated = [statement for statement in deployed.roles[function] if action not in statement["Action"]]
    found = refused({**deployed.roles, function: mutated}, deployed.needs)
    assert [sentence for sentence in found if sentence.endswith(f": add {grant}")], found
    without = [need for need in deployed.needs if (need.who, need.request.action) != (function, action)]
    found = unused(deployed.roles, without)
    assert [sentence for sentence in found if sentence.endswith(f": remove {grant}")], found


@pytest.mark.parametrize(
    "wrong",
    [
        {"Resource": ["arn:aws:s3:::aurora-local-site-000000000000/users/*"]},
        {"Resource": ["arn:aws:s3:::aurora-local-content-000000000000/user/*"]},
        {"Resource": ["arn:aws:s3:::aurora-local-content-000000000000"]},
        {"Action": ["s3:GetObjectVersion"]},
        {"Effect": "Deny"},
        {"Condition": {"StringLike": {"s3:prefix": "users/*"}}},
    ],
    ids=str,
)
def test_a_grant_that_is_nearly_right_does_not_help(deployed: Deployed, wrong: dict[str, Any]) -> None:
    statements = [
        {**statement, **wrong} if statement["Action"] == ["s3:GetObject"] else statement
        for statement in deployed.roles["visual-planner"]
    ]
    found = refused({**deployed.roles, "visual-planner": statements}, deployed.needs)
    assert [sentence for sentence in found if "s3:GetObject on" in sentence]


def test_a_call_that_nobody_has_thought_of_fails_and_says_where_to_add_it(deployed: Deployed) -> None:
    with pytest.raises(AssertionError, match=r"content-gen calls s3 CopyObject.*aurora/testing/permissions.py"):
        needs([Call("content-gen", "s3", "CopyObject", {})], deployed.account)
    tagged = {"Bucket": "b", "Key": "k", "Tagging": "a=b"}
    with pytest.raises(AssertionError, match=r"Tagging.*more than s3:PutObject"):
        needs([Call("content-gen", "s3", "PutObject", tagged)], deployed.account)


def actions(statements: Sequence[Statement]) -> list[tuple[int, str]]:
    """Each action with the place of its statement."""
    return [(place, action) for place, statement in enumerate(statements) for action in statement["Action"]]
