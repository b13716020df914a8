"""Alarms on failing functions, executions, queues and the API, and those that systems declare.

The project's docs/runbook.md says what each means and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from aurora.declaration import DeclaredWorkflow
from aurora.metrics import FIVE_MINUTES, NAMESPACE, Alarm, child_executions, dimensions
from aurora.naming import Naming, dead_letter


@dataclass(frozen=True)
class AlarmProps:
    """Where alarms are mailed, and what to watch: names of functions, workflows by their keys, keys of queues, the
    API's id, and the alarms that systems declare. ``dashboard`` is where to look."""

    email: str
    functions: Iterable[str]
    workflows: Mapping[str, DeclaredWorkflow]
    queues: Iterable[str]
    api_id: pulumi.Input[str]
    alarms: Iterable[Alarm]
    dashboard: str
    naming: Naming
    tags: dict[str, str]


class Alarms(pulumi.ComponentResource):
    """CloudWatch alarms, mailed through one SNS topic."""

    def __init__(self, name: str, props: AlarmProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:alarms:Alarms", name, None, opts)
        self._name = name
        self._props = props
        self._child = pulumi.ResourceOptions(parent=self)
        self._topic = aws.sns.Topic(name, name=props.naming.name("alarms"), tags=props.tags, opts=self._child)
        aws.sns.TopicSubscription(name, topic=self._topic.arn, protocol="email", endpoint=props.email, opts=self._child)
        for function in props.functions:
            self._any(
                f"{function}-errors",
                f"{function} raised an error",
                ("AWS/Lambda", "Errors", {"FunctionName": props.naming.name(function)}),
            )
        for key, workflow in props.workflows.items():
            self._watch_executions(key, workflow)
        for queue in props.queues:
            failed = {"QueueName": props.naming.name(dead_letter(queue))}
            self._any(
                f"{queue}-dead-letters",
                f"messages of the queue {queue} failed and wait in its dead-letter queue",
                ("AWS/SQS", "ApproximateNumberOfMessagesVisible", failed),
                "Maximum",
            )
        api = {"ApiId": props.api_id}
        self._any("api-5xx", "the API answered with a server error", ("AWS/ApiGateway", "5xx", api))
        for alarm in props.alarms:
            self._watch(alarm)
        self.register_outputs({"topic": self._topic.arn})

    def _watch_executions(self, key: str, workflow: DeclaredWorkflow) -> None:
        naming = self._props.naming
        machine = {"StateMachineArn": naming.state_machine_arn(key)}
        self._any(f"{key}-failed", "an execution failed", ("AWS/States", "ExecutionsFailed", machine))
        self._any(f"{key}-timed-out", "an execution took too long", ("AWS/States", "ExecutionsTimedOut", machine))
        for label, arn in child_executions(naming, key, workflow.definition).items():
            self._any(
                f"{label}-children-failed",
                f"a child execution of the Map {label} failed past its own handling",
                ("AWS/States", "ExecutionsFailed", {"StateMachineArn": arn}),
            )

    def _watch(self, alarm: Alarm) -> None:
        naming = self._props.naming
        if alarm.total:
            self._declare(alarm.name, alarm.means, alarm.threshold, metric_queries=_share(alarm, naming))
        else:
            (metric,) = alarm.metrics
            of = (NAMESPACE, metric.name, dimensions(naming, metric.dimensions))
            self._declare(alarm.name, alarm.means, alarm.threshold, **_single(of, alarm.seconds, "Sum"))

    def _any(self, what: str, means: str, metric: _AwsMetric, statistic: str = "Sum") -> None:
        """An alarm on a metric that should stay at 0."""
        self._declare(what, means, 0, **_single(metric, FIVE_MINUTES, statistic))

    def _declare(self, what: str, means: str, threshold: float, **more: Any) -> None:
        props = self._props
        aws.cloudwatch.MetricAlarm(
            f"{self._name}-{what}",
            name=props.naming.name(what),
            alarm_description=f"{means}. What to do: docs/runbook.md. Dashboard: {props.dashboard}",
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=1,
            threshold=threshold,
            treat_missing_data="notBreaching",
            alarm_actions=[self._topic.arn],
            tags=props.tags,
            opts=self._child,
            **more,
        )


_AwsMetric = tuple[str, str, Mapping[str, pulumi.Input[str]]]
"""Namespace, name and dimensions."""


def _single(metric: _AwsMetric, seconds: int, statistic: str) -> dict[str, Any]:
    """A metric's statistic over a period, as an alarm takes it."""
    namespace, name, of = metric
    return {"namespace": namespace, "metric_name": name, "dimensions": of, "statistic": statistic, "period": seconds}


def _share(alarm: Alarm, naming: Naming) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    """The percentage that an alarm's metrics are of its total; 0 while their sum is below the minimum."""
    ids = [f"m{place}" for place in range(len(alarm.total))]
    queries = [
        aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=id_,
            metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=NAMESPACE,
                metric_name=metric.name,
                dimensions=dimensions(naming, metric.dimensions),
                stat="Sum",
                period=alarm.seconds,
            ),
        )
        for id_, metric in zip(ids, alarm.total, strict=True)
    ]
    # SUM of a list ignores series without data, such as those of states that never occurred.
    counted = f"SUM([{', '.join(ids[alarm.total.index(metric)] for metric in alarm.metrics)}])"
    total = f"SUM([{', '.join(ids)}])"
    share = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="share",
        expression=f"IF({counted} >= {alarm.minimum}, 100 * {counted} / {total}, 0)",
        label=f"{alarm.name} (%)",
        return_data=True,
    )
    return [share, *queries]
