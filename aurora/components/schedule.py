"""A function that runs by itself, at set times."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from aurora import grants, system
from aurora.components.function import ImageFunction
from aurora.naming import Naming


@dataclass(frozen=True)
class ScheduleProps:
    """A schedule's key, how it is declared, and its function."""

    key: str
    declared: system.Schedule
    target: ImageFunction
    naming: Naming
    tags: dict[str, str]


class Schedule(pulumi.ComponentResource):
    """An EventBridge schedule in UTC, and its role, which may only invoke the function's alias ``live``."""

    def __init__(self, name: str, props: ScheduleProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:schedule:Schedule", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        naming, schedule = props.naming, props.naming.name(props.key)
        role = aws.iam.Role(
            name,
            name=f"{schedule}-schedule",
            assume_role_policy=grants.assume_role_policy("scheduler.amazonaws.com", naming),
            tags=props.tags,
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            name,
            name=schedule,
            role=role.name,
            policy=grants.policy(
                statement for grant in grants.invoke(props.declared.function) for statement in grant.statements(naming)
            ),
            opts=child,
        )
        self.schedule = aws.scheduler.Schedule(
            name,
            name=schedule,
            schedule_expression=props.declared.expression,
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=aws.scheduler.ScheduleTargetArgs(arn=props.target.live.arn, role_arn=role.arn),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.register_outputs({"schedule": self.schedule.arn})
