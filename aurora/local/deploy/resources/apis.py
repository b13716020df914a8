"""HTTP APIs: the emulator checks tokens and answers preflights as they declare."""

# ruff: noqa: ARG001 - every function of the table takes the same arguments

from __future__ import annotations

from aurora.local.aws import PARTITION, LocalAws
from aurora.local.deploy.resources.shapes import Created, Inputs, pascal, picked


def api(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    cors = {"CorsConfiguration": pascal(inputs["corsConfiguration"])} if "corsConfiguration" in inputs else {}
    api_id = aws.client("apigatewayv2").create_api(
        Name=inputs.get("name", name), ProtocolType=inputs["protocolType"], **cors
    )["ApiId"]
    return api_id, {
        "name": inputs.get("name", name),
        "arn": f"arn:{PARTITION}:apigateway:{aws.region}::/apis/{api_id}",
        "executionArn": aws.arn("execute-api", api_id),
        "tagsAll": inputs.get("tags", {}),
    }


def stage(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    stage_name, api_id = inputs.get("name", name), inputs["apiId"]
    aws.client("apigatewayv2").create_stage(
        ApiId=api_id, StageName=stage_name, AutoDeploy=bool(inputs.get("autoDeploy", False))
    )
    return stage_name, {
        "name": stage_name,
        "invokeUrl": aws.api_url(api_id, stage_name),
        "executionArn": aws.arn("execute-api", f"{api_id}/{stage_name}"),
        "arn": f"arn:{PARTITION}:apigateway:{aws.region}::/apis/{api_id}/stages/{stage_name}",
        "tagsAll": inputs.get("tags", {}),
    }


def authorizer(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    created = aws.client("apigatewayv2").create_authorizer(
        ApiId=inputs["apiId"],
        Name=inputs.get("name", name),
        AuthorizerType=inputs["authorizerType"],
        IdentitySource=inputs["identitySources"],
        JwtConfiguration={
            "Audience": inputs["jwtConfiguration"]["audiences"],
            "Issuer": inputs["jwtConfiguration"]["issuer"],
        },
    )
    return created["AuthorizerId"], {}


def integration(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    created = aws.client("apigatewayv2").create_integration(
        ApiId=inputs["apiId"],
        **picked(
            inputs,
            integrationType="IntegrationType",
            integrationUri="IntegrationUri",
            integrationMethod="IntegrationMethod",
            payloadFormatVersion="PayloadFormatVersion",
            timeoutMilliseconds="TimeoutInMillis",
        ),
    )
    return created["IntegrationId"], {}


def route(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    created = aws.client("apigatewayv2").create_route(
        ApiId=inputs["apiId"],
        **picked(
            inputs,
            routeKey="RouteKey",
            target="Target",
            authorizationType="AuthorizationType",
            authorizerId="AuthorizerId",
            authorizationScopes="AuthorizationScopes",
        ),
    )
    return created["RouteId"], {}


TABLE = {
    "aws:apigatewayv2/api:Api": api,
    "aws:apigatewayv2/stage:Stage": stage,
    "aws:apigatewayv2/authorizer:Authorizer": authorizer,
    "aws:apigatewayv2/integration:Integration": integration,
    "aws:apigatewayv2/route:Route": route,
}
