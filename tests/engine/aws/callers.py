"""What calls functions, and who may: HTTP APIs, state machines, the sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aurora.local.aws import DNS_SUFFIX, LocalAws
from aurora.local.deploy.resources import apis, users, workflows
from aurora.local.deploy.resources.shapes import Created, Inputs, pascal, picked
from tests.engine.aws.lifecycle import Kind, Refused, there

_ROUTE = {
    "routeKey": "RouteKey",
    "target": "Target",
    "authorizationType": "AuthorizationType",
    "authorizerId": "AuthorizerId",
}
_INTEGRATION = {"integrationUri": "IntegrationUri", "payloadFormatVersion": "PayloadFormatVersion"}


def _part_of_api(
    noun: str,
    create: Callable[[str, Inputs, LocalAws], Created],
    arguments: Callable[[Inputs], dict[str, Any]],
    replaces: tuple[str, ...] = (),
) -> Kind:
    """A resource inside an HTTP API; ``arguments`` are those of its update."""
    operation = noun.lower()
    key = "StageName" if noun == "Stage" else f"{noun}Id"

    def call(verb: str, id_: str, state: Inputs, aws: LocalAws) -> tuple[Any, dict[str, Any]]:
        return getattr(aws.client("apigatewayv2"), f"{verb}_{operation}"), {"ApiId": state["apiId"], key: id_}

    def read(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
        ask, where = call("get", id_, state, aws)
        return there(ask, **where)

    def update(id_: str, olds: Inputs, news: Inputs, aws: LocalAws) -> dict[str, Any]:
        change, where = call("update", id_, news, aws)
        change(**where, **arguments(news))
        return {}

    def delete(id_: str, state: Inputs, aws: LocalAws) -> None:
        remove, where = call("delete", id_, state, aws)
        remove(**where)

    return Kind(create, read, delete, update, replaces=("apiId", *replaces))


def _update_api(id_: str, olds: Inputs, news: Inputs, aws: LocalAws) -> dict[str, Any]:
    aws.client("apigatewayv2").update_api(
        ApiId=id_, Name=news["name"], CorsConfiguration=pascal(news["corsConfiguration"])
    )
    return {}


def _update_state_machine(id_: str, olds: Inputs, news: Inputs, aws: LocalAws) -> dict[str, Any]:
    aws.client("stepfunctions").update_state_machine(
        stateMachineArn=id_, definition=news["definition"], roleArn=news["roleArn"]
    )
    return {}


def _create_pool(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    """Two pools may have one name, but the local table adopts the one that is there."""
    cognito = aws.client("cognito-idp")
    if any(pool["Name"] == inputs["name"] for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]):
        raise Refused(f"a second user pool named {inputs['name']}: the first should have been deleted, or kept")
    pool_id, outputs = users.user_pool(name, inputs, aws)
    return pool_id, {**outputs, "endpoint": f"cognito-idp.{aws.region}.{DNS_SUFFIX}/{pool_id}"}


def _update_pool(id_: str, olds: Inputs, news: Inputs, aws: LocalAws) -> dict[str, Any]:
    aws.client("cognito-idp").update_user_pool(
        UserPoolId=id_,
        Policies={"PasswordPolicy": pascal(news["passwordPolicy"])},
        DeletionProtection=news["deletionProtection"],
        AutoVerifiedAttributes=news["autoVerifiedAttributes"],
        AdminCreateUserConfig=pascal(news["adminCreateUserConfig"]),
    )
    return {}


def _delete_pool(id_: str, state: Inputs, aws: LocalAws) -> None:
    cognito = aws.client("cognito-idp")
    pool = cognito.describe_user_pool(UserPoolId=id_)["UserPool"]
    if pool.get("DeletionProtection") == "ACTIVE":
        raise Refused("The user pool cannot be deleted because deletion protection is activated.")
    cognito.delete_user_pool(UserPoolId=id_)


def _read_client(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
    return there(aws.client("cognito-idp").describe_user_pool_client, UserPoolId=state["userPoolId"], ClientId=id_)


def _delete_client(id_: str, state: Inputs, aws: LocalAws) -> None:
    aws.client("cognito-idp").delete_user_pool_client(UserPoolId=state["userPoolId"], ClientId=id_)


KINDS = {
    "aws:apigatewayv2/api:Api": Kind(
        apis.api,
        lambda id_, state, aws: there(aws.client("apigatewayv2").get_api, ApiId=id_),
        lambda id_, state, aws: aws.client("apigatewayv2").delete_api(ApiId=id_),
        _update_api,
        replaces=("protocolType",),
    ),
    "aws:apigatewayv2/stage:Stage": _part_of_api(
        "Stage", apis.stage, lambda news: picked(news, autoDeploy="AutoDeploy"), ("name",)
    ),
    "aws:apigatewayv2/authorizer:Authorizer": _part_of_api(
        "Authorizer",
        apis.authorizer,
        lambda news: {
            "JwtConfiguration": {
                "Audience": news["jwtConfiguration"]["audiences"],
                "Issuer": news["jwtConfiguration"]["issuer"],
            }
        },
    ),
    "aws:apigatewayv2/integration:Integration": _part_of_api(
        "Integration", apis.integration, lambda news: picked(news, **_INTEGRATION), ("integrationType",)
    ),
    "aws:apigatewayv2/route:Route": _part_of_api("Route", apis.route, lambda news: picked(news, **_ROUTE)),
    "aws:sfn/stateMachine:StateMachine": Kind(
        workflows.state_machine,
        lambda id_, state, aws: there(aws.client("stepfunctions").describe_state_machine, stateMachineArn=id_),
        lambda id_, state, aws: aws.client("stepfunctions").delete_state_machine(stateMachineArn=id_),
        _update_state_machine,
        replaces=("name", "type"),
    ),
    "aws:cognito/userPool:UserPool": Kind(
        _create_pool,
        lambda id_, state, aws: there(aws.client("cognito-idp").describe_user_pool, UserPoolId=id_),
        _delete_pool,
        _update_pool,
        replaces=("name", "usernameAttributes"),
    ),
    "aws:cognito/userPoolClient:UserPoolClient": Kind(
        users.user_pool_client, _read_client, _delete_client, replaces=("userPoolId", "generateSecret")
    ),
}
