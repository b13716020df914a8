"""Alarms on what users would notice: failing functions, courses and API, units that fail, and what models cost.

What each means, and what to type then, stands in docs/runbook.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from aurora.metrics import KINDS, NAMESPACE, children, dimensions
from aurora.naming import Naming

_FIVE_MINUTES = 300
_HOUR = 3600
# Beyond this share of an hour's units it is no longer single ones that a model does not manage. Few say nothing.
_FAILED_PERCENT = 25
_FEWEST_FAILED = 3
# In a quarter of an hour. Models refuse now and then; forty lessons that wait five times each wait for a quota.
_MANY_RETRIES = 200
_FIFTEEN_MINUTES = 900


@dataclass(frozen=True)
class AlarmProps:
    """Whom to tell, and what to watch: names of functions, the workflow's key in the catalogue and its definition, the
    API's id, and how many US dollars models may cost an hour. ``dashboard`` is where to look."""

    email: str
    functions: Iterable[str]
    workflow: str
    definition: Mapping[str, Any]
    api_id: pulumi.Input[str]
    cost_per_hour: float
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
        self._watch_executions()
        self._watch_courses()
        self._any("api-5xx", "the API answered with a server error", ("AWS/ApiGateway", "5xx", {"ApiId": props.api_id}))
        self.register_outputs({"topic": self._topic.arn})

    def _watch_executions(self) -> None:
        props = self._props
        workflow = props.workflow
        machine = {"StateMachineArn": props.naming.state_machine_arn(workflow)}
        self._any(f"{workflow}-failed", "an execution failed", ("AWS/States", "ExecutionsFailed", machine))
        self._any(f"{workflow}-timed-out", "an execution took too long", ("AWS/States", "ExecutionsTimedOut", machine))
        for label, arn in children(props.naming, workflow, props.definition).items():
            self._any(
                f"{label}-children-failed",
                f"a child execution of the Map {label} failed past its own handling",
                ("AWS/States", "ExecutionsFailed", {"StateMachineArn": arn}),
            )

    def _watch_courses(self) -> None:
        props = self._props
        own = dimensions(props.naming)
        self._any(
            "outcome-failed",
            "a course ended as failed: something that it should hold could not be made",
            (NAMESPACE, "CoursesFinished", dimensions(props.naming, Outcome="failed")),
        )
        self._declare(
            "units-failing",
            f"more than {_FAILED_PERCENT} % of the last hour's lessons, labs and slides failed",
            threshold=_FAILED_PERCENT,
            metric_queries=_failed_share(props.naming),
        )
        self._declare(
            "model-cost",
            f"models cost more than {props.cost_per_hour:g} US dollars within an hour",
            threshold=props.cost_per_hour,
            **_sum((NAMESPACE, "Cost", own), _HOUR),
        )
        self._declare(
            "retries-high",
            f"units had to wait for a model more than {_MANY_RETRIES} times in 15 minutes",
            threshold=_MANY_RETRIES,
            **_sum((NAMESPACE, "Retries", own), _FIFTEEN_MINUTES),
        )

    def _any(self, what: str, means: str, metric: Metric) -> None:
        """An alarm that a single one rings."""
        self._declare(what, means, threshold=0, **_sum(metric, _FIVE_MINUTES))

    def _declare(self, what: str, means: str, **more: Any) -> None:
        props = self._props
        aws.cloudwatch.MetricAlarm(
            f"{self._name}-{what}",
            name=props.naming.name(what),
            alarm_description=f"{means}. What to do: docs/runbook.md. Dashboard: {props.dashboard}",
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=1,
            treat_missing_data="notBreaching",
            alarm_actions=[self._topic.arn],
            tags=props.tags,
            opts=self._child,
            **more,
        )


Metric = tuple[str, str, Mapping[str, pulumi.Input[str]]]
"""Namespace, name and dimensions."""


def _sum(metric: Metric, seconds: int) -> dict[str, Any]:
    """A metric's sum over a period, as an alarm takes it."""
    namespace, name, of = metric
    return {"namespace": namespace, "metric_name": name, "dimensions": of, "statistic": "Sum", "period": seconds}


def _failed_share(naming: Naming) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    """The percentage of an hour's units that failed, 0 while only few did."""
    names = {f"{state}_{kind}": (state, kind) for state in ("failed", "written") for kind in KINDS}
    queries = [
        aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=name,
            metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=NAMESPACE,
                metric_name="Units",
                dimensions=dimensions(naming, Kind=kind, State=state),
                stat="Sum",
                period=_HOUR,
            ),
        )
        for name, (state, kind) in names.items()
    ]
    # SUM of a list passes over the series that have no data, as those of states that nothing came to.
    failed = f"SUM([{', '.join(f'failed_{kind}' for kind in KINDS)}])"
    ended = f"SUM([{', '.join(names)}])"
    share = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="share",
        expression=f"IF({failed} >= {_FEWEST_FAILED}, 100 * {failed} / {ended}, 0)",
        label="failed units (%)",
        return_data=True,
    )
    return [share, *queries]
