"""The HTTP API: explicit routes, which need a token unless they are public, for pages of one origin."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from aurora.components.function import ImageFunction
from aurora.components.sign_in import SignIn
from aurora.naming import Naming
from aurora.system import Route


@dataclass(frozen=True)
class ApiProps:
    """The routes, and the functions behind them by name."""

    routes: Sequence[Route]
    functions: Mapping[str, ImageFunction]
    sign_in: SignIn
    site_origin: pulumi.Input[str]
    log_retention_days: int
    naming: Naming
    tags: dict[str, str]


class HttpApi(pulumi.ComponentResource):
    """An HTTP API that invokes functions' aliases. ``endpoint`` has no slash at its end."""

    endpoint: pulumi.Output[str]

    def __init__(self, name: str, props: ApiProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:api:HttpApi", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        api = aws.apigatewayv2.Api(
            name,
            name=props.naming.name("api"),
            protocol_type="HTTP",
            cors_configuration=aws.apigatewayv2.ApiCorsConfigurationArgs(
                allow_origins=[props.site_origin],
                allow_methods=sorted({route.key.split()[0] for route in props.routes}),
                allow_headers=["authorization", "content-type"],
                max_age=3600,
            ),
            tags=props.tags,
            opts=child,
        )
        authorizer = aws.apigatewayv2.Authorizer(
            name,
            name=props.naming.name("sign-in"),
            api_id=api.id,
            authorizer_type="JWT",
            identity_sources=["$request.header.Authorization"],
            jwt_configuration=aws.apigatewayv2.AuthorizerJwtConfigurationArgs(
                audiences=[props.sign_in.client.id], issuer=props.sign_in.issuer
            ),
            opts=child,
        )
        routes: list[pulumi.Resource] = []
        integrations: dict[str, aws.apigatewayv2.Integration] = {}
        for function in sorted({route.function for route in props.routes}):
            target = props.functions[function]
            integrations[function] = aws.apigatewayv2.Integration(
                f"{name}-{function}",
                api_id=api.id,
                integration_type="AWS_PROXY",
                integration_uri=target.live.invoke_arn,
                payload_format_version="2.0",
                opts=child,
            )
            aws.lambda_.Permission(
                f"{name}-{function}",
                action="lambda:InvokeFunction",
                function=target.function.name,
                qualifier=target.live.name,
                principal="apigateway.amazonaws.com",
                source_arn=pulumi.Output.format("{0}/*/*", api.execution_arn),
                opts=child,
            )
        for route in props.routes:
            routes.append(
                aws.apigatewayv2.Route(
                    f"{name}-{_slug(route.key)}",
                    api_id=api.id,
                    route_key=route.key,
                    target=pulumi.Output.format("integrations/{0}", integrations[route.function].id),
                    authorization_type="NONE" if route.public else "JWT",
                    authorizer_id=None if route.public else authorizer.id,
                    opts=child,
                )
            )
        logs = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/apigateway/{props.naming.name('api')}",
            retention_in_days=props.log_retention_days,
            tags=props.tags,
            opts=child,
        )
        stage = aws.apigatewayv2.Stage(
            name,
            api_id=api.id,
            name="$default",
            auto_deploy=True,
            access_log_settings=aws.apigatewayv2.StageAccessLogSettingsArgs(
                destination_arn=logs.arn,
                # No token, query or address of the caller, so that the whole team may read this log.
                format='{"requestId":"$context.requestId","route":"$context.routeKey","status":"$context.status",'
                '"latency":"$context.responseLatency","error":"$context.error.message",'
                '"integration":"$context.integrationErrorMessage"}',
            ),
            tags=props.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=routes),
        )
        self.id = api.id
        self.endpoint = stage.invoke_url.apply(lambda url: url.rstrip("/"))
        self.register_outputs({"endpoint": self.endpoint})


def _slug(route: str) -> str:
    """``get-visits-visitId`` for ``GET /visits/{visitId}``."""
    method, path = route.split()
    return "-".join([method.lower(), *re.findall(r"\w+", path)])
