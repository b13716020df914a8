"""A small program of the same resource types as the real one: what the local platform is tested with."""

import json

import pulumi
import pulumi_aws as aws

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}},
        ],
    }
)

config = pulumi.Config("aurora")
account = aws.get_caller_identity().account_id
region = pulumi.Config("aws").require("region")

site = aws.s3.Bucket("site", bucket=f"probe-site-{account}")
distribution = aws.cloudfront.Distribution(
    "site",
    enabled=True,
    default_root_object="index.html",
    origins=[
        aws.cloudfront.DistributionOriginArgs(origin_id="site", domain_name=site.bucket_regional_domain_name),
    ],
    default_cache_behavior=aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
        target_origin_id="site",
        allowed_methods=["GET", "HEAD"],
        cached_methods=["GET", "HEAD"],
        viewer_protocol_policy="redirect-to-https",
        response_headers_policy_id="67f7725c-6f97-4210-82d7-5512b31e9d03",
    ),
    restrictions=aws.cloudfront.DistributionRestrictionsArgs(
        geo_restriction=aws.cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
    ),
    viewer_certificate=aws.cloudfront.DistributionViewerCertificateArgs(cloudfront_default_certificate=True),
)
content = aws.s3.Bucket("content", bucket=f"probe-content-{account}")
table = aws.dynamodb.Table(
    "notes",
    name="probe-notes",
    billing_mode="PAY_PER_REQUEST",
    hash_key="owner",
    range_key="note",
    attributes=[aws.dynamodb.TableAttributeArgs(name=name, type="S") for name in ("owner", "note")],
    ttl=aws.dynamodb.TableTtlArgs(attribute_name="expires_at", enabled=True),
)
pool = aws.cognito.UserPool(
    "users",
    name="probe-users",
    username_attributes=["email"],
    admin_create_user_config=aws.cognito.UserPoolAdminCreateUserConfigArgs(allow_admin_create_user_only=True),
)
client = aws.cognito.UserPoolClient(
    "users",
    name="probe-site",
    user_pool_id=pool.id,
    explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
)
role = aws.iam.Role("functions", name="probe-functions", assume_role_policy=TRUST)
aws.iam.RolePolicy(
    "functions",
    name="probe-functions",
    role=role.name,
    policy=table.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": ["dynamodb:PutItem"], "Resource": [arn]}],
            }
        )
    ),
)
secret = aws.ssm.Parameter("key", name="/probe/key", type="SecureString", value=config.get_secret("key") or "none")

live: dict[str, aws.lambda_.Alias] = {}
for name, handler in {
    "echo": "functions.probe.echo.handler",
    "other": "functions.other.version.handler",
}.items():
    logs = aws.cloudwatch.LogGroup(name, name=f"/aws/lambda/probe-{name}", retention_in_days=1)
    function = aws.lambda_.Function(
        name,
        name=f"probe-{name}",
        role=role.arn,
        package_type="Image",
        image_uri="repository@sha256:0",
        image_config=aws.lambda_.FunctionImageConfigArgs(commands=[handler]),
        publish=True,
        timeout=20,
        memory_size=256,
        environment=aws.lambda_.FunctionEnvironmentArgs(variables={"TABLE": table.name, "BUCKET": content.bucket}),
        logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group=logs.name),
    )
    live[name] = aws.lambda_.Alias(name, name="live", function_name=function.name, function_version=function.version)

machine = aws.sfn.StateMachine(
    "echo",
    name="probe-echo",
    role_arn=role.arn,
    definition=live["echo"].arn.apply(
        lambda arn: json.dumps(
            {
                "StartAt": "Echo",
                "States": {
                    "Echo": {
                        "Type": "Task",
                        "Resource": arn,
                        "Catch": [{"ErrorEquals": ["Refused"], "Next": "Caught"}],
                        "End": True,
                    },
                    "Caught": {"Type": "Pass", "Result": "caught by name", "End": True},
                },
            }
        )
    ),
)

api = aws.apigatewayv2.Api(
    "api",
    name="probe-api",
    protocol_type="HTTP",
    cors_configuration=aws.apigatewayv2.ApiCorsConfigurationArgs(
        allow_origins=[config.require("siteOrigin")],
        allow_methods=["POST"],
        allow_headers=["authorization", "content-type"],
        max_age=60,
    ),
)
authorizer = aws.apigatewayv2.Authorizer(
    "api",
    name="sign-in",
    api_id=api.id,
    authorizer_type="JWT",
    identity_sources=["$request.header.Authorization"],
    jwt_configuration=aws.apigatewayv2.AuthorizerJwtConfigurationArgs(
        audiences=[client.id],
        issuer=pulumi.Output.format("https://cognito-idp.{0}.amazonaws.com/{1}", region, pool.id),
    ),
)
integration = aws.apigatewayv2.Integration(
    "api",
    api_id=api.id,
    integration_type="AWS_PROXY",
    integration_uri=live["echo"].invoke_arn,
    payload_format_version="2.0",
)
route = aws.apigatewayv2.Route(
    "api",
    api_id=api.id,
    route_key="POST /echo",
    target=pulumi.Output.format("integrations/{0}", integration.id),
    authorization_type="JWT",
    authorizer_id=authorizer.id,
)
stage = aws.apigatewayv2.Stage(
    "api", api_id=api.id, name="$default", auto_deploy=True, opts=pulumi.ResourceOptions(depends_on=[route])
)
for key, text in {"index.html": "<!doctype html><title>probe</title>", "a/1/app.js": "export {};"}.items():
    aws.s3.BucketObjectv2(
        key,
        bucket=site.bucket,
        key=key,
        content=text,
        content_type="text/html; charset=utf-8" if key.endswith("html") else "text/javascript; charset=utf-8",
        cache_control="no-cache" if key == "index.html" else "public, max-age=31536000, immutable",
    )

pulumi.export("site", config.require("siteOrigin"))
pulumi.export("api", stage.invoke_url)
pulumi.export("buckets", {"content": content.bucket})
pulumi.export("userPoolId", pool.id)
pulumi.export("clientId", client.id)
pulumi.export("stateMachines", {"courses": machine.arn})
pulumi.export("distribution", distribution.domain_name)
