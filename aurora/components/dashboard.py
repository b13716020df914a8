"""The one dashboard of an environment: how courses go and what they cost, and how functions and API do.

Knows names and ARNs only: a dashboard may show what does not exist yet.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from aurora.metrics import KINDS, NAMESPACE, OUTCOMES, children, dimensions
from aurora.naming import Naming

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
_COLUMNS = 24
_WIDTH, _HEIGHT = 8, 6
# A metric as a dashboard's body has it: namespace, name, dimensions, and how it is shown.
Metric = list[Any]


@dataclass(frozen=True)
class DashboardProps:
    """What is shown: functions by group, the workflow's key in the catalogue and its definition, the API's id."""

    functions: Mapping[str, Sequence[str]]
    workflow: str
    definition: Mapping[str, Any]
    api_id: pulumi.Input[str]
    naming: Naming


class Dashboard(pulumi.ComponentResource):
    """A CloudWatch dashboard. ``url`` is where a person finds it."""

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
    """The dashboard as CloudWatch takes it."""
    naming = props.naming
    widgets = [
        *_courses(props),
        *_writing(naming),
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
                "properties": {"region": naming.region, "period": 300, "view": "timeSeries", **properties},
            }
            for place, properties in enumerate(widgets)
        ]
    }


def _courses(props: DashboardProps) -> Iterable[dict[str, Any]]:
    naming = props.naming
    machine = naming.state_machine_arn(props.workflow)
    yield _sums(
        "Executions",
        [
            ["AWS/States", f"Executions{what}", "StateMachineArn", machine, {"label": what.lower()}]
            for what in ("Started", "Succeeded", "Failed", "TimedOut", "Aborted")
        ],
    )
    yield _sums(
        "Courses by outcome",
        [_own(naming, "CoursesFinished", {"label": outcome}, Outcome=outcome) for outcome in OUTCOMES],
    )
    yield {
        "title": "Duration of executions (ms)",
        "metrics": [
            ["AWS/States", "ExecutionTime", "StateMachineArn", machine, {"stat": stat, "label": stat}]
            for stat in ("p50", "Maximum")
        ],
    }
    batches = children(naming, props.workflow, props.definition)
    yield _sums(
        "Child executions",
        [
            ["AWS/States", f"Executions{what}", "StateMachineArn", arn, {"label": f"{label} {what.lower()}"}]
            for label, arn in batches.items()
            for what in ("Started", "Failed", "TimedOut")
        ],
    )


def _writing(naming: Naming) -> Iterable[dict[str, Any]]:
    yield _sums(
        "Units by state",
        [
            _own(naming, "Units", {"label": f"{kind} {state}"}, Kind=kind, State=state)
            for kind in KINDS
            for state in ("written", "failed", "cancelled")
        ],
    )
    yield {
        "title": "Seconds a unit",
        "metrics": [
            _own(naming, "UnitSeconds", {"label": f"{kind} {stat}", "stat": stat}, Kind=kind, State="written")
            for kind in KINDS
            for stat in ("p50", "Maximum")
        ],
    }
    yield _sums("Words", [_own(naming, "Words", {"label": kind}, Kind=kind, State="written") for kind in KINDS])
    yield _sums("Tokens", [_own(naming, name, {}) for name in ("InputTokens", "OutputTokens")])
    yield {**_sums("Cost of models an hour (USD)", [_own(naming, "Cost", {})]), "period": 3600}
    yield _sums(
        "Tried again, and images", [_own(naming, name, {}) for name in ("Retries", "ImagesDrawn", "ImagesFailed")]
    )


def _group(group: str, functions: Sequence[str], naming: Naming) -> Iterable[dict[str, Any]]:
    def each(metric: str, what: str = "", **shown: Any) -> list[Metric]:
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


def _own(naming: Naming, name: str, shown: Mapping[str, Any], **more: str) -> Metric:
    """A metric that functions write."""
    named = dimensions(naming, **more)
    return [NAMESPACE, name, *(part for dimension in named.items() for part in dimension), dict(shown)]


def _sums(title: str, metrics: list[Metric]) -> dict[str, Any]:
    return {"title": title, "stat": "Sum", "metrics": metrics}
