"""Alarms on what users would notice: failing functions, failing executions, errors of the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.naming import Naming


@dataclass(frozen=True)
class AlarmProps:
    """Whom to tell, and what to watch: names of functions, ARNs of state machines by name, id of the API."""

    email: str
    functions: Iterable[str]
    workflows: Mapping[str, pulumi.Input[str]]
    api_id: pulumi.Input[str]
    naming: Naming
    tags: dict[str, str]


class Alarms(pulumi.ComponentResource):
    """CloudWatch alarms, mailed through one SNS topic."""

    def __init__(self, name: str, props: AlarmProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:alarms:Alarms", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(name, name=props.naming.name("alarms"), tags=props.tags, opts=child)
        aws.sns.TopicSubscription(name, topic=topic.arn, protocol="email", endpoint=props.email, opts=child)

        def alarm(what: str, namespace: str, metric: str, dimensions: dict[str, pulumi.Input[str]], means: str) -> None:
            aws.cloudwatch.MetricAlarm(
                f"{name}-{what}",
                name=props.naming.name(what),
                alarm_description=means,
                namespace=namespace,
                metric_name=metric,
                dimensions=dimensions,
                statistic="Sum",
                period=300,
                evaluation_periods=1,
                threshold=1,
                comparison_operator="GreaterThanOrEqualToThreshold",
                treat_missing_data="notBreaching",
                alarm_actions=[topic.arn],
                tags=props.tags,
                opts=child,
            )

        for function in props.functions:
            dimensions: dict[str, pulumi.Input[str]] = {"FunctionName": props.naming.name(function)}
            alarm(f"{function}-errors", "AWS/Lambda", "Errors", dimensions, f"{function} raised an error")
        for workflow, arn in props.workflows.items():
            dimensions = {"StateMachineArn": arn}
            alarm(f"{workflow}-failed", "AWS/States", "ExecutionsFailed", dimensions, f"{workflow}: one has failed")
            alarm(f"{workflow}-timed-out", "AWS/States", "ExecutionsTimedOut", dimensions, f"{workflow}: one timed out")
        alarm("api-5xx", "AWS/ApiGateway", "5xx", {"ApiId": props.api_id}, "the API answered with a server error")
        self.register_outputs({"topic": topic.arn})
