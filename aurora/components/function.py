"""One Lambda function from an image, with its log group, role, published versions and alias ``live``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from aurora import grants
from aurora.grants import Grant
from aurora.naming import Naming


@dataclass(frozen=True)
class FunctionProps:
    """A function's image, handler, permissions and limits. ``timeout`` is in seconds, ``memory`` in MiB."""

    function: str
    image_uri: pulumi.Input[str]
    image_policy: aws.ecr.RepositoryPolicy
    handler: str
    environment: Mapping[str, str]
    grants: tuple[Grant, ...]
    timeout: int
    memory: int
    architecture: str
    log_retention_days: int
    naming: Naming
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


class ImageFunction(pulumi.ComponentResource):
    """A function that callers reach through its alias ``live`` only."""

    def __init__(self, name: str, props: FunctionProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:function:ImageFunction", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        function_name = props.naming.name(props.function)
        # The role may not create the log group: a late invocation would recreate a deleted one.
        logs = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/lambda/{function_name}",
            retention_in_days=props.log_retention_days,
            tags=props.tags,
            opts=child,
        )
        role = aws.iam.Role(
            name,
            name=function_name,
            assume_role_policy=grants.assume_role_policy("lambda.amazonaws.com", props.naming),
            tags=props.tags,
            opts=child,
        )
        logging = {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [props.naming.arn("logs", f"log-group:/aws/lambda/{function_name}:*")],
        }
        granted = [statement for grant in props.grants for statement in grant.statements(props.naming)]
        self.policy = aws.iam.RolePolicy(
            name, name=function_name, role=role.name, policy=grants.policy([logging, *granted]), opts=child
        )
        self.function = aws.lambda_.Function(
            name,
            name=function_name,
            package_type="Image",
            image_uri=props.image_uri,
            image_config=aws.lambda_.FunctionImageConfigArgs(commands=[props.handler]),
            architectures=[props.architecture],
            role=role.arn,
            timeout=props.timeout,
            memory_size=props.memory,
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=dict(props.environment)),
            publish=True,
            tags=props.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs, self.policy, props.image_policy]),
        )
        self.live = aws.lambda_.Alias(
            name,
            name="live",
            function_name=self.function.name,
            function_version=self.function.version,
            opts=child,
        )
        self.register_outputs({"function": self.function.name})
