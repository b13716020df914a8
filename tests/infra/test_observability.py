"""Dashboard, alarms and notifications look at what functions and AWS really tell."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from aurora.metrics import NAMESPACE
from aurora.runtime.errors import Throttled
from aurora.runtime.logging import log_invocation, logger
from aurora.testing.declared import Declared, declare, stack_config
from functions.courses.events import log_fields
from functions.generation import metrics
from functions.models import TextAnswer
from functions.outline.units import Kind
from functions.progress.records import Outcome
from infra import course_metrics

# A metric: its name, and the names and values of its dimensions.
Metric = tuple[str, frozenset[tuple[str, str]]]


@pytest.fixture(scope="module")
def written() -> set[Metric]:
    """Every metric that a function of prod can write."""
    stream, log = io.StringIO(), logger("observed")
    log.registered_handler.setStream(stream)  # type: ignore[attr-defined]

    @log_invocation(log, log_fields)
    def handler(_event: dict[str, Any], _context: Any) -> None:
        for kind in get_args(Kind):
            for state in ("written", "failed", "cancelled"):
                metrics.unit_ended(kind, state, 1, 1)
            metrics.unit_waits(kind, Throttled("Later."))
        metrics.model_answered(TextAnswer("text", 1, 1, "model", 1), 1)
        metrics.images_drawn(1, 1, 1)
        for outcome in get_args(Outcome):
            metrics.course_finished(outcome, 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_LAMBDA_FUNCTION_NAME", "aurora-prod-observed")
        handler({"course": {"course_id": "a", "execution": "a-1"}}, None)
    return {
        (metric["Name"], frozenset((name, line[name]) for name in directive["Dimensions"][0]))
        for line in map(json.loads, stream.getvalue().splitlines())
        for directive in line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
    }


def widgets(platform: Declared) -> list[dict[str, Any]]:
    (dashboard,) = platform.of_type(":Dashboard")
    return json.loads(dashboard.inputs["dashboardBody"])["widgets"]


def shown(platform: Declared) -> Iterator[tuple[str, Metric]]:
    """Namespace and metric of everything on the dashboard."""
    for widget in widgets(platform):
        for namespace, name, *rest in widget["properties"]["metrics"]:
            pairs = [part for part in rest if isinstance(part, str)]
            yield namespace, (name, frozenset(zip(pairs[::2], pairs[1::2], strict=True)))


def watched(platform: Declared) -> Iterator[tuple[str, Metric]]:
    """Namespace and metric of everything that rings an alarm."""
    for alarm in platform.of_type(":MetricAlarm"):
        looked_at = [query["metric"] for query in alarm.inputs.get("metricQueries", []) if "metric" in query]
        for metric in looked_at or [alarm.inputs]:
            yield metric["namespace"], (metric["metricName"], frozenset(metric["dimensions"].items()))


def test_dashboard_and_alarms_look_at_metrics_that_functions_write(prod: Declared, written: set[Metric]) -> None:
    own = {metric for found in (shown, watched) for namespace, metric in found(prod) if namespace == NAMESPACE}
    assert own <= written
    assert {name for name, _ in written} - {name for name, _ in own} == {"ModelSeconds", "CourseSeconds"}
    assert (get_args(Kind), get_args(Outcome)) == (course_metrics.KINDS, course_metrics.OUTCOMES)


def test_every_function_workflow_child_and_api_is_on_the_dashboard(prod: Declared) -> None:
    aws = {value for namespace, (_, pairs) in shown(prod) if namespace != NAMESPACE for _, value in pairs}
    functions = {each.inputs["name"] for each in prod.of_type("lambda/function:Function")}
    (machine,) = prod.of_type(":StateMachine")
    arn = f"arn:aws:states:eu-west-1:123456789012:stateMachine:{machine.inputs['name']}"
    assert aws == functions | {arn, "api-id"} | {f"{arn}/{label}" for label in ("lessons", "labs", "slides")}


def test_widgets_lie_side_by_side_in_a_grid_of_24_columns(prod: Declared) -> None:
    places = [(widget["x"], widget["y"]) for widget in widgets(prod)]
    assert len(set(places)) == len(places)
    assert all(widget["x"] + widget["width"] <= 24 for widget in widgets(prod))


def test_every_alarm_tells_the_topic_and_where_to_look(prod: Declared) -> None:
    (topic,) = [each for each in prod.of_type(":Topic") if each.name == "alarms"]
    for alarm in prod.of_type(":MetricAlarm"):
        assert alarm.inputs["alarmActions"] == [f"arn:aws:sns:eu-west-1:123456789012:{topic.inputs['name']}"]
        assert str(prod.exports["dashboard"]) in alarm.inputs["alarmDescription"]
        assert "docs/runbook.md" in alarm.inputs["alarmDescription"]


def test_the_cost_that_rings_is_the_stack_s_own() -> None:
    platform = declare("prod", {**stack_config("prod"), "aurora:costAlarmPerHour": "7.5"})
    assert platform.one(":MetricAlarm", "alarms-model-cost").inputs["threshold"] == 7.5


def test_those_whom_a_stack_names_hear_how_courses_end(dev: Declared) -> None:
    assert dev.of_type(":TopicSubscription") == []
    emails = '["b@example.com", "a@example.com", "b@example.com"]'
    platform = declare("dev", {**stack_config("dev"), "aurora:notifyEmails": emails})
    (topic,) = platform.of_type(":Topic")
    assert topic.inputs["kmsMasterKeyId"] == "alias/aws/sns"
    (variables,) = [
        each.inputs["environment"]["variables"]
        for each in platform.of_type("lambda/function:Function")
        if each.inputs["name"] == "aurora-dev-course-finisher"
    ]
    arn = variables["TOPIC_ARN"]
    told_of = [(each.inputs["topic"], each.inputs["endpoint"]) for each in platform.of_type(":TopicSubscription")]
    assert sorted(told_of) == [(arn, "a@example.com"), (arn, "b@example.com")]
