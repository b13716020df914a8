"""An environment's dashboard: executions, systems' own graphs, queues, functions and API.

It takes names and ARNs, so it can be declared before the resources that it shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from aurora.declaration import DeclaredWorkflow
from aurora.metrics import FIVE_MINUTES, NAMESPACE, Metric, Widget, child_executions, dimensions
from aurora.naming import Naming, dead_letter

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
_COLUMNS = 24
_WIDTH, _HEIGHT = 8, 6
# A metric as a dashboard's body has it: namespace, name, dimensions, and how it is shown.
Shown = list[Any]


@dataclass(frozen=True)
class DashboardProps:
    """The dashboard's content: names of functions by group, workflows by key, keys of queues, the API's id, and
    systems' own graphs."""

    functions: Mapping[str, Sequence[str]]
    workflows: Mapping[str, DeclaredWorkflow]
    queues: Sequence[str]
    api_id: pulumi.Input[str]
    widgets: Sequence[Widget]
    naming: Naming


class Dashboard(pulumi.ComponentResource):
    """A CloudWatch dashboard. ``url`` is its page in the AWS console."""

    def __init__(self, name: str, props: DashboardProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:dashboard:Dashboard", name, None, opts)
        naming = props.naming
        dashboard = naming.name("overview")
        self.url = (
            f"https://{naming.region}.console.aws.amazon.com/cloudwatch/home?region={naming.region}"
            f"#dashboards/dashboard/{dashboard}"
        )
        aws.cloudwatch.Dashboard(
            name,
            dashboard_name=dashboard,
            dashboard_body=pulumi.Output.from_input(props.api_id).apply(
                lambda api_id: json.dumps(body(props, api_id), sort_keys=True)
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"url": self.url})


def body(props: DashboardProps, api_id: str) -> dict[str, Any]:
    """The dashboard's body for CloudWatch."""
    naming = props.naming
    widgets = [
        *(widget for key, workflow in props.workflows.items() for widget in _executions(key, workflow, naming)),
        *(_declared(widget, naming) for widget in props.widgets),
        *(widget for queue in props.queues for widget in _queue(queue, naming)),
        *(widget for group, functions in props.functions.items() for widget in _group(group, functions, naming)),
        *_api(api_id),
    ]
    per_row = _COLUMNS // _WIDTH
    return {
        "widgets": [
            {
                "type": "metric",
                "width": _WIDTH,
                "height": _HEIGHT,
                "x": place % per_row * _WIDTH,
                "y": place // per_row * _HEIGHT,
                "properties": {"region": naming.region, "period": FIVE_MINUTES, "view": "timeSeries", **properties},
            }
            for place, properties in enumerate(widgets)
        ]
    }


def _executions(key: str, workflow: DeclaredWorkflow, naming: Naming) -> Iterable[dict[str, Any]]:
    machine = naming.state_machine_arn(key)
    yield _sums(
        f"{key}: executions",
        [
            ["AWS/States", f"Executions{what}", "StateMachineArn", machine, {"label": what.lower()}]
            for what in ("Started", "Succeeded", "Failed", "TimedOut", "Aborted")
        ],
    )
    yield {
        "title": f"{key}: duration of executions (ms)",
        "metrics": [
            ["AWS/States", "ExecutionTime", "StateMachineArn", machine, {"stat": stat, "label": stat}]
            for stat in ("p50", "Maximum")
        ],
    }
    children = child_executions(naming, key, workflow.definition)
    if children:
        yield _sums(
            f"{key}: child executions",
            [
                ["AWS/States", f"Executions{what}", "StateMachineArn", arn, {"label": f"{label} {what.lower()}"}]
                for label, arn in children.items()
                for what in ("Started", "Failed", "TimedOut")
            ],
        )


def _declared(widget: Widget, naming: Naming) -> dict[str, Any]:
    return {
        "title": widget.title,
        "stat": widget.stat,
        "period": widget.seconds,
        "metrics": [_own(metric, naming) for metric in widget.metrics],
    }


def _own(metric: Metric, naming: Naming) -> Shown:
    """A metric that functions write."""
    of = dimensions(naming, metric.dimensions)
    shown = {name: value for name, value in (("label", metric.label), ("stat", metric.stat)) if value}
    return [NAMESPACE, metric.name, *(part for dimension in of.items() for part in dimension), shown]


def _queue(queue: str, naming: Naming) -> Iterable[dict[str, Any]]:
    def each(name: str, **labels: str) -> list[Shown]:
        return [["AWS/SQS", metric, "QueueName", name, {"label": label}] for metric, label in labels.items()]

    name, failed = naming.name(queue), naming.name(dead_letter(queue))
    yield _sums(f"{queue}: messages", each(name, NumberOfMessagesSent="sent", NumberOfMessagesDeleted="done"))
    yield {
        "title": f"{queue}: messages waiting, in work and failed",
        "stat": "Maximum",
        "metrics": [
            *each(
                name,
                ApproximateNumberOfMessagesVisible="waiting",
                ApproximateNumberOfMessagesNotVisible="in work or waiting for another attempt",
            ),
            *each(failed, ApproximateNumberOfMessagesVisible="failed"),
        ],
    }
    yield {
        "title": f"{queue}: age of the oldest message (s)",
        "stat": "Maximum",
        "metrics": each(name, ApproximateAgeOfOldestMessage="oldest"),
    }


def _group(group: str, functions: Sequence[str], naming: Naming) -> Iterable[dict[str, Any]]:
    def each(metric: str, what: str = "", **shown: Any) -> list[Shown]:
        return [
            ["AWS/Lambda", metric, "FunctionName", naming.name(name), {"label": f"{name}{what}", **shown}]
            for name in functions
        ]

    yield _sums(f"{group}: errors and throttles", [*each("Errors"), *each("Throttles", " throttled")])
    yield {"title": f"{group}: longest call (ms)", "metrics": each("Duration", stat="Maximum")}
    yield {"title": f"{group}: calls at a time", "metrics": each("ConcurrentExecutions", stat="Maximum")}


def _api(api_id: str) -> Iterable[dict[str, Any]]:
    yield _sums("API: requests", [["AWS/ApiGateway", name, "ApiId", api_id] for name in ("Count", "4xx", "5xx")])
    yield {
        "title": "API: latency (ms)",
        "metrics": [
            ["AWS/ApiGateway", "Latency", "ApiId", api_id, {"stat": stat, "label": stat}] for stat in ("p50", "p99")
        ],
    }


def _sums(title: str, metrics: list[Shown]) -> dict[str, Any]:
    return {"title": title, "stat": "Sum", "metrics": metrics}
