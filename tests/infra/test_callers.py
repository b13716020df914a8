"""Whoever calls a function may, and nobody may who does not: the API by its routes, the workflow by its states."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aurora.policy.access import ANY_RESOURCE
from aurora.testing.declared import ACCOUNT, Declared, Resource
from aurora.testing.iam import Request, allows, covers
from aurora.testing.permissions import Need, refused, unused, workflow_needs
from tests.support.platform import COURSES, DECLARED

API = f"arn:aws:execute-api:eu-west-1:{ACCOUNT}:abc123"


@pytest.fixture(params=["dev", "staging", "prod"])
def platform(request: pytest.FixtureRequest) -> Declared:
    return request.getfixturevalue(request.param)


def workflow(platform: Declared) -> tuple[dict[str, list[dict[str, Any]]], list[Need]]:
    """The role of the state machine, and what its states need."""
    policy = platform.one(":RolePolicy", "workflow-courses").inputs["policy"]
    machine = platform.one(":StateMachine", "workflow-courses").inputs
    arn = f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:{machine['name']}"
    needed = workflow_needs("workflow", json.loads(machine["definition"]), arn)
    return {"workflow": json.loads(policy)["Statement"]}, needed


def test_the_workflow_may_call_every_function_that_its_states_call_and_no_other(platform: Declared) -> None:
    roles, needed = workflow(platform)
    assert len({need.request.resource for need in needed if need.request.action == "lambda:InvokeFunction"}) == len(
        COURSES.functions
    )
    assert refused(roles, needed) == []
    assert unused(roles, needed) == []


def test_what_else_the_workflow_may_do_is_listed_with_a_reason(platform: Declared) -> None:
    roles, _ = workflow(platform)
    everywhere = [statement for statement in roles["workflow"] if statement["Resource"] == ["*"]]
    assert sorted(action for statement in everywhere for action in statement["Action"]) == sorted(ANY_RESOURCE)


@pytest.mark.parametrize("instead", ["images-gen", "images-gen:7", "starter-api:live"])
def test_a_grant_for_another_function_or_past_the_alias_would_be_found_from_both_sides(
    dev: Declared, instead: str
) -> None:
    roles, needed = workflow(dev)
    (images,) = [statement for statement in roles["workflow"] if statement["Resource"][0].endswith("images-gen:live")]
    images["Resource"] = [images["Resource"][0].replace("images-gen:live", instead)]
    assert [sentence for sentence in refused(roles, needed) if sentence.endswith('add invoke("images-gen")')]
    assert len(unused(roles, needed)) == 1


def integrations(platform: Declared) -> dict[str, str]:
    """The alias that each integration of the API calls, by the target that routes name."""
    return {
        f"integrations/{each.name}-id": each.inputs["integrationUri"]
        .split("/functions/")[1]
        .removesuffix("/invocations")
        for each in platform.of_type(":Integration")
    }


def calls(platform: Declared) -> list[Request]:
    """What API Gateway asks of Lambda, a request for each route."""
    targets = integrations(platform)
    found: list[Request] = []
    for route in platform.of_type(":Route"):
        method, path = route.inputs["routeKey"].split()
        context = {"AWS:SourceArn": f"{API}/$default/{method}{path}"}
        alias = targets[route.inputs["target"]]
        found.append(Request("lambda:InvokeFunction", alias, context, service="apigateway.amazonaws.com"))
    return found


def statement(permission: Resource) -> dict[str, Any]:
    """The statement that Lambda makes of a permission."""
    inputs = permission.inputs
    return {
        "Effect": "Allow",
        "Principal": {"Service": inputs["principal"]},
        "Action": inputs["action"],
        "Resource": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{inputs['function']}:{inputs['qualifier']}",
        "Condition": {"ArnLike": {"AWS:SourceArn": inputs["sourceArn"]}},
    }


def test_the_api_may_call_the_function_of_each_route(platform: Declared) -> None:
    allowed = [statement(permission) for permission in platform.of_type(":Permission")]
    assert len(calls(platform)) == len(DECLARED.routes)
    assert [call for call in calls(platform) if not allows(allowed, call)] == []


def test_each_permission_of_the_api_serves_a_route(platform: Declared) -> None:
    made = calls(platform)
    permissions = platform.of_type(":Permission")
    assert [each.name for each in permissions if not any(covers(statement(each), call) for call in made)] == []
    assert len(permissions) == len({call.resource for call in made})


def test_another_api_may_not_call_these_functions(platform: Declared) -> None:
    allowed = [statement(permission) for permission in platform.of_type(":Permission")]
    for call in calls(platform):
        elsewhere = {"AWS:SourceArn": call.context["AWS:SourceArn"].replace("abc123", "other9")}
        assert not allows(allowed, Request(call.action, call.resource, elsewhere, call.service))
        assert not allows(
            allowed, Request(call.action, call.resource.removesuffix(":live"), call.context, call.service)
        )
