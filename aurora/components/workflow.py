"""A state machine and its role, which may call the definition's functions and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from aurora import asl, grants
from aurora.components.function import ImageFunction
from aurora.naming import Naming


@dataclass(frozen=True)
class WorkflowProps:
    """A definition and the functions that it calls, by name."""

    name: str
    definition: Mapping[str, Any]
    functions: Mapping[str, ImageFunction]
    log_retention_days: int
    naming: Naming
    tags: dict[str, str]


class Workflow(pulumi.ComponentResource):
    """A standard state machine that may invoke the alias ``live`` of its own functions, start itself for the
    iterations of its distributed Maps, and nothing else."""

    def __init__(self, name: str, props: WorkflowProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:workflow:Workflow", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        resource = props.naming.name(props.name)
        logs = aws.cloudwatch.LogGroup(
            name,
            # This prefix keeps the resource policy that Step Functions writes for log delivery short.
            name=f"/aws/vendedlogs/states/{resource}",
            retention_in_days=props.log_retention_days,
            tags=props.tags,
            opts=child,
        )
        role = aws.iam.Role(
            name,
            name=f"{resource}-workflow",
            assume_role_policy=grants.assume_role_policy("states.amazonaws.com", props.naming),
            tags=props.tags,
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            name,
            name=resource,
            role=role.name,
            policy=grants.policy(
                [
                    *(
                        statement
                        for function in sorted(props.functions)
                        for grant in grants.invoke(function)
                        for statement in grant.statements(props.naming)
                    ),
                    *_child_executions(props),
                    _log_delivery(),
                ]
            ),
            opts=child,
        )
        aliases: Sequence[pulumi.Resource] = [function.live for function in props.functions.values()]
        self.state_machine = aws.sfn.StateMachine(
            name,
            name=resource,
            type="STANDARD",
            definition=json.dumps(props.definition, indent=1),
            role_arn=role.arn,
            logging_configuration=aws.sfn.StateMachineLoggingConfigurationArgs(
                level="ERROR",
                include_execution_data=False,
                log_destination=pulumi.Output.format("{0}:*", logs.arn),
            ),
            tags=props.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, *aliases]),
        )
        self.register_outputs({"arn": self.state_machine.arn})


def _child_executions(props: WorkflowProps) -> list[dict[str, Any]]:
    """Permissions for distributed Maps: the state machine starts itself, and watches and stops its child executions
    (https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html)."""
    labels = asl.distributed(props.definition)
    if not labels:
        return []
    naming = props.naming
    machine = naming.name(props.name)
    return [
        {
            "Effect": "Allow",
            "Action": ["states:StartExecution"],
            "Resource": [naming.state_machine_arn(props.name)],
        },
        {
            "Effect": "Allow",
            "Action": ["states:DescribeExecution", "states:StopExecution"],
            "Resource": [
                naming.execution_arn(props.name),
                *(naming.arn("states", f"execution:{machine}/{label}:*") for label in labels),
            ],
        },
    ]


def _log_delivery() -> dict[str, Any]:
    """Permissions for log delivery, which support no resource but ``*``
    (https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html)."""
    return {
        "Effect": "Allow",
        "Action": [
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
        ],
        "Resource": ["*"],
    }
