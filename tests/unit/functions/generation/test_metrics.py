"""What CloudWatch reads as metrics from the lines of a function."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from aurora.runtime.errors import Throttled
from aurora.runtime.logging import log_context, log_invocation, logger
from functions.courses.events import log_fields
from functions.generation import metrics
from functions.models import TextAnswer

EVENT = {"course": {"course_id": "abc", "execution": "abc-7"}}
ANSWER = TextAnswer("A lesson of which nobody may read in a log.", 900, 1200, "large", 3_500_000)


def line(monkeypatch: pytest.MonkeyPatch, write: Callable[[], None]) -> dict[str, Any]:
    """The one line that a function of an environment writes."""
    function = f"probe-{uuid4().hex}"  # a logger of one's own: it keeps the stream of its first use
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", f"aurora-dev-sandbox-{function}")
    stream, log = io.StringIO(), logger(function)
    log.registered_handler.setStream(stream)  # type: ignore[attr-defined]

    @log_invocation(log, log_fields)
    def handler(_event: dict[str, Any], _context: Any) -> None:
        with log_context(unit="03-02"):
            write()

    handler(EVENT, None)
    (written,) = stream.getvalue().splitlines()
    return json.loads(written)


@pytest.mark.parametrize(
    ("write", "dimensions", "values"),
    [
        (
            lambda: metrics.unit_ended("lesson", "written", 61.5, 1450),
            {"Kind": "lesson", "State": "written"},
            {"Units": 1, "Words": 1450, "UnitSeconds": 61.5},
        ),
        (lambda: metrics.unit_waits("lab", Throttled("Later.")), {}, {"Retries": 1}),
        (
            lambda: metrics.model_answered(ANSWER, 30),
            {},
            {"InputTokens": 900, "OutputTokens": 1200, "Cost": 3.5, "ModelSeconds": 30},
        ),
        (lambda: metrics.images_drawn(22, 2, 880_000), {}, {"ImagesDrawn": 22, "ImagesFailed": 2, "Cost": 0.88}),
        (
            lambda: metrics.course_finished("incomplete", 2040),
            {"Outcome": "incomplete"},
            {"CoursesFinished": 1, "CourseSeconds": 2040},
        ),
    ],
)
def test_a_line_is_a_metric_of_its_environment_and_tells_what_it_is_about(
    monkeypatch: pytest.MonkeyPatch,
    write: Callable[[], None],
    dimensions: dict[str, str],
    values: dict[str, float],
) -> None:
    written = line(monkeypatch, write)
    (directive,) = written["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Aurora"
    assert directive["Dimensions"] == [["Environment", *dimensions]]
    assert {name: written[name] for name in directive["Dimensions"][0]} == {
        "Environment": "aurora-dev-sandbox",
        **dimensions,
    }
    assert {metric["Name"]: written[metric["Name"]] for metric in directive["Metrics"]} == values
    assert (written["course_id"], written["execution"], written["unit"]) == ("abc", "abc-7", "03-02")


def test_no_line_holds_what_a_model_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ANSWER.text not in json.dumps(line(monkeypatch, lambda: metrics.model_answered(ANSWER, 30)))
